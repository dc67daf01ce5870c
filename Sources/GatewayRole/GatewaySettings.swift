package import HubProtocol
package import RiskModel
package import VenueAPI

/// An account that riskd may watch and act on: the venue's id and the name on its platform. Both
/// must match what the venue says.
package struct ConfiguredAccount: Hashable, Sendable {
  package var id: AccountID
  package var platformName: String

  package init(id: AccountID, platformName: String) {
    self.id = id
    self.platformName = platformName
  }
}

/// What the gateway is told at its start. The defaults are those of the shipped configuration.
package struct GatewaySettings: Sendable {
  package var accounts: [ConfiguredAccount]
  package var key: SignInKey
  package var tradingDay = TradingDayRule.standard
  package var isMarketHubEnabled = true
  package var reconnection = ReconnectSchedule.Settings()
  package var token = TokenTiming()
  package var requests = RequestTiming()
  package var reads = ReadTiming()
  /// How long a hub may take from the wish to the handshake.
  package var hubOpeningTimeout: TimeSpan = .seconds(15)
  /// How long a subscription may stay without its completion; then the connection is suspect.
  package var subscriptionTimeout: TimeSpan = .seconds(10)
  /// How long a subscription that the venue refused waits for its next attempt.
  package var subscriptionRetry: TimeSpan = .seconds(10)
  /// How long an event waits for the data of a contract that is seen for the first time.
  package var contractWait: TimeSpan = .seconds(2)
  /// How long quotes of a contract stay subscribed after nobody needs them.
  package var quoteLinger: TimeSpan = .seconds(900)
  package var canaryInterval: TimeSpan = .seconds(10)
  /// After this long without full protection the gateway reports itself degraded.
  package var startupTimeout: TimeSpan = .seconds(30)

  package init(accounts: [ConfiguredAccount], key: SignInKey) {
    self.accounts = accounts
    self.key = key
  }
}

/// When the session token is renewed, and how failures are repeated.
package struct TokenTiming: Equatable, Sendable {
  /// Renewal begins this long before the token's end, at most half of its remaining life.
  package var lead: TimeSpan = .seconds(7_200)
  /// The waits after the first failures; then `retryInterval`.
  package var retryDelays: [TimeSpan] = [.seconds(1), .seconds(5), .seconds(15)]
  package var retryInterval: TimeSpan = .seconds(60)
  /// The wait after the venue refused the key or the user; only a person can mend that.
  package var refusedInterval: TimeSpan = .seconds(300)
  /// Less than this left and not renewed is an alarm.
  package var alarmLead: TimeSpan = .seconds(1_800)
  /// Assumed where a token's own end cannot be read (documented).
  package var assumedLife: TimeSpan = .seconds(86_400)

  package init() {}
}

/// Limits of the gateway's requests.
package struct RequestTiming: Equatable, Sendable {
  package var timeout: TimeSpan = .seconds(10)
  package var inFlightLimit = 4
  package var queueLimit = 256
  /// The pause after HTTP 429 without a `Retry-After`, and the longest one with.
  package var rateLimitPause: TimeSpan = .seconds(10)
  package var rateLimitPauseLimit: TimeSpan = .seconds(60)
  /// The longest that a question of the evaluator stays without an answer.
  package var queryTimeout: TimeSpan = .seconds(5)

  package init() {}
}

/// When accounts are read by query.
package struct ReadTiming: Equatable, Sendable {
  /// The least time between the starts of two reads of one account.
  package var spacing: TimeSpan = .seconds(1)
  /// The waits after failed reads; the last one repeats.
  package var retryDelays: [TimeSpan] = [1, 2, 5, 10, 30].map { .seconds($0) }
  /// While the user hub is down.
  package var pollInterval: TimeSpan = .seconds(5)
  /// Polling stretches so that it stays below this many requests in a minute.
  package var pollRequestsPerMinute: Int64 = 90
  /// Positions and working orders against what the hub told.
  package var checkInterval: TimeSpan = .seconds(30)
  package var fullInterval: TimeSpan = .seconds(300)
  /// Events that are kept for one account while it is read.
  package var bufferLimit = 2_000

  package init() {}
}
