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
  /// Thousandths of real time at which civil time goes: in a test it may be hurried, and with it what
  /// waits for civil time.
  package var clockRate: Int64 = 1_000
  /// Without it the accounts are polled, always: for development alone.
  package var isUserHubEnabled = true
  package var isMarketHubEnabled = true
  /// Whether a user hub that is back is followed by a read of everything. Without it the accounts are
  /// compared, and read as a whole where that shows a difference.
  package var readsAfterReconnection = true
  /// Whether events of the user hub are logged as they came.
  package var logsRawEvents = false
  /// Whether a market hub that says nothing is looked for.
  package var watchesSilence = true
  /// Without it a lost hub stays lost, with an alarm, and the accounts are polled.
  package var isReconnectionEnabled = true
  package var marketHours = MarketHours.standard
  package var silence = SilenceTiming()
  package var reconnection = ReconnectSchedule.Settings()
  package var token = TokenTiming()
  package var requests = RequestTiming()
  package var breaker = BreakerSettings()
  package var reads = ReadTiming()
  /// How long a hub may take from the wish to the handshake.
  package var hubOpeningTimeout: TimeSpan = .seconds(15)
  /// How long a second connection with a newer token may take until it is subscribed, and the pause
  /// after one that failed.
  package var rotationTimeout: TimeSpan = .seconds(30)
  package var rotationRetry: TimeSpan = .seconds(60)
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

extension GatewaySettings {
  private static let leastTick = TimeSpan.milliseconds(10)

  /// How long a span of civil time takes.
  func realSpan(_ civil: TimeSpan) -> TimeSpan {
    TimeSpan(nanos: Int64(clamping: Int128(civil.nanos) * 1_000 / Int128(clockRate)))
  }

  /// A second, so that the venue's time comes in time.
  var tickInterval: TimeSpan { min(.seconds(1), max(Self.leastTick, realSpan(.seconds(1)))) }
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
  /// How often the right to renew is asked for while a neighbour has it, and how long in all; then
  /// the gateway goes on without it.
  package var lockRetry: TimeSpan = .milliseconds(250)
  package var lockPatience: TimeSpan = .seconds(5)
  /// Assumed where a token's own end cannot be read (documented).
  package var assumedLife: TimeSpan = .seconds(86_400)

  package init() {}

  /// From a sign-in that failed to the next one, when so many have failed in a row before it.
  package func wait(for reaction: ErrorReaction, after failures: Int) -> TimeSpan {
    guard reaction != .tellPerson else { return refusedInterval }
    return failures < retryDelays.count ? retryDelays[failures] : retryInterval
  }
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
  /// The longest that a request waits for its place in the request window, where its class would
  /// let it wait longer.
  package var longestWait: TimeSpan?

  package init() {}
}

/// When accounts are read by query.
package struct ReadTiming: Equatable, Sendable {
  /// The least time between the starts of two reads of everything of one account.
  package var spacing: TimeSpan = .seconds(1)
  /// The same for causes that may come again and again; what is asked for meanwhile is joined.
  package var minInterval: TimeSpan = .seconds(5)
  /// The waits after failed reads; the last one repeats. Each is lengthened by up to `jitter`.
  package var retryDelays: [TimeSpan] = [1, 2, 5, 10, 30].map { .seconds($0) }
  /// In thousandths of a wait.
  package var jitter: Int64 = 0
  /// After so many failed reads of an account in a row a person is told. Reading never ends.
  package var attemptsToAlarm = 5
  /// While the user hub is down.
  package var pollInterval: TimeSpan = .seconds(5)
  /// Polling stretches so that it stays below this many requests in a minute.
  package var pollRequestsPerMinute: Int64 = 90
  /// Positions, working orders and latest executions against what the hub told.
  package var checkInterval: TimeSpan = .seconds(30)
  package var fullInterval: TimeSpan = .seconds(300)
  /// Whether the two comparisons above take place.
  package var isPeriodic = true
  /// From an event that moves a position or money to the comparison after it.
  package var newsDelay: TimeSpan = .milliseconds(500)
  /// The least time between two comparisons of one account.
  package var newsSpacing: TimeSpan = .seconds(2)
  /// How far before the last known execution a comparison begins.
  package var tradeOverlap: TimeSpan = .seconds(60)
  /// Positions that may have moved while they were read are read again, so often and so far apart.
  package var repeatLimit = 3
  package var repeatPause: TimeSpan = .milliseconds(250)
  /// How long the sources may disagree before a person is told.
  package var doubtDeadline: TimeSpan = .seconds(10)
  /// How long the first read of a link waits for the user hub, which wants one of its own: a read
  /// that began before the events come would be followed by another.
  package var hubPatience: TimeSpan = .seconds(1)
  /// A request window that stays closed for longer than this keeps no events from the evaluator.
  package var windowPatience: TimeSpan = .milliseconds(250)
  /// From a list of accounts that does not fit to the one that decides.
  package var doubtInterval: TimeSpan = .seconds(1)
  /// How long events wait for the first snapshot of a link. A gateway that starts where the window
  /// of requests is used up must not keep from the evaluator what the hub tells meanwhile.
  package var bufferPatience: TimeSpan = .seconds(5)
  /// Events that are kept for one account while it is read.
  package var bufferLimit = 2_000

  package init() {}
}

extension ReadTiming {
  /// The wait after a read that failed, when so many have failed in a row before it. `random` is any
  /// number.
  func retryDelay(after failures: Int, random: UInt64) -> TimeSpan {
    let delay = retryDelays[min(failures, retryDelays.count - 1)]
    return TimeSpan(
      nanos: delay.nanos / 1_000 * (1_000 + jitter * Int64(random % 1_001) / 1_000))
  }
}

/// When a market hub that says nothing is suspect.
package struct SilenceTiming: Equatable, Sendable {
  /// Without a quote of a held contract for this long, in an open market.
  package var threshold: TimeSpan = .seconds(120)
  /// How often that is looked at.
  package var interval: TimeSpan = .seconds(5)

  package init() {}
}
