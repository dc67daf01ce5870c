package import RiskModel

/// How riskd reaches the venue, and how hard it tries.
package struct VenueSettings: Equatable, Sendable, Codable {
  /// The REST interface; its path has no slash at the end.
  package var base: VenueEndpoint
  /// The longest that one REST request may take; enforcement uses shorter deadlines of its own.
  package var requestTimeout: TimeSpan
  /// PEM file of a certificate authority that counts beside the system's.
  package var caFilePath: String?
  package var token: TokenSettings
  package var userHub: HubSettings
  package var marketHub: HubSettings
  package var reconnection: ReconnectionSettings
  package var health: HubHealthSettings
  package var retries: RetrySettings
  package var requestLimits: RequestLimitSettings
  package var circuitBreaker: CircuitBreakerSettings
  package var reconciliation: ReconciliationSettings

  package init(
    base: VenueEndpoint, requestTimeout: TimeSpan, caFilePath: String?, token: TokenSettings,
    userHub: HubSettings, marketHub: HubSettings, reconnection: ReconnectionSettings,
    health: HubHealthSettings, retries: RetrySettings, requestLimits: RequestLimitSettings,
    circuitBreaker: CircuitBreakerSettings, reconciliation: ReconciliationSettings
  ) {
    self.base = base
    self.requestTimeout = requestTimeout
    self.caFilePath = caFilePath
    self.token = token
    self.userHub = userHub
    self.marketHub = marketHub
    self.reconnection = reconnection
    self.health = health
    self.retries = retries
    self.requestLimits = requestLimits
    self.circuitBreaker = circuitBreaker
    self.reconciliation = reconciliation
  }
}

/// The session token and its encrypted file.
package struct TokenSettings: Equatable, Sendable, Codable {
  /// A token is renewed this long before it expires.
  package var refreshLead: TimeSpan
  package var quickRetries: Int64
  /// The waits before the quick retries; the last one repeats.
  package var retryDelays: [TimeSpan]
  package var storePath: String

  package init(
    refreshLead: TimeSpan, quickRetries: Int64, retryDelays: [TimeSpan], storePath: String
  ) {
    self.refreshLead = refreshLead
    self.quickRetries = quickRetries
    self.retryDelays = retryDelays
    self.storePath = storePath
  }
}

/// One of the two streams.
package struct HubSettings: Equatable, Sendable, Codable {
  package var endpoint: VenueEndpoint
  package var isEnabled: Bool

  package init(endpoint: VenueEndpoint, isEnabled: Bool) {
    self.endpoint = endpoint
    self.isEnabled = isEnabled
  }
}

/// What follows a lost stream.
package struct ReconnectionSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  /// After this many failed attempts riskd raises a critical alert; it never gives up.
  package var maxAttempts: Int64
  /// The wait before each attempt; the last one repeats.
  package var delays: [TimeSpan]
  /// The share of a delay by which it varies at random.
  package var jitter: PerMille
  /// A connection that held this long starts the delays anew.
  package var stableAfter: TimeSpan

  package init(
    isEnabled: Bool, maxAttempts: Int64, delays: [TimeSpan], jitter: PerMille,
    stableAfter: TimeSpan
  ) {
    self.isEnabled = isEnabled
    self.maxAttempts = maxAttempts
    self.delays = delays
    self.jitter = jitter
    self.stableAfter = stableAfter
  }
}

/// How a stream that says nothing is told from one that is dead.
package struct HubHealthSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  package var pingInterval: TimeSpan
  package var pingTimeout: TimeSpan
  /// Not one byte from the server for this long: the connection is dead.
  package var serverTimeout: TimeSpan
  /// A held contract without a quote for this long in an open market has no mark.
  package var staleThreshold: TimeSpan
  /// After this long without a sign of life the transport is asked; the answer has `pingTimeout`.
  /// `nil` in settings of before there was one.
  package var probeInterval: TimeSpan?

  package init(
    isEnabled: Bool, pingInterval: TimeSpan, pingTimeout: TimeSpan, serverTimeout: TimeSpan,
    staleThreshold: TimeSpan, probeInterval: TimeSpan? = nil
  ) {
    self.isEnabled = isEnabled
    self.pingInterval = pingInterval
    self.pingTimeout = pingTimeout
    self.serverTimeout = serverTimeout
    self.staleThreshold = staleThreshold
    self.probeInterval = probeInterval
  }
}

/// Repeats of requests that only read.
package struct RetrySettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  /// After so many failures in a row, the first attempt included, a person is told. The repeats go
  /// on: an account that is not read is not protected.
  package var maxAttempts: Int64
  package var backoffBase: TimeSpan
  package var backoffMultiplier: PerMille
  package var longestBackoff: TimeSpan
  /// The share of a wait by which it is longer at random.
  package var jitter: PerMille

  package init(
    isEnabled: Bool, maxAttempts: Int64, backoffBase: TimeSpan, backoffMultiplier: PerMille,
    longestBackoff: TimeSpan, jitter: PerMille
  ) {
    self.isEnabled = isEnabled
    self.maxAttempts = maxAttempts
    self.backoffBase = backoffBase
    self.backoffMultiplier = backoffMultiplier
    self.longestBackoff = longestBackoff
    self.jitter = jitter
  }
}

/// The request windows that all processes share.
package struct RequestLimitSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  package var history: Window
  package var general: Window
  /// The most requests that wait in one process; where it is reached, the next one fails. `nil`
  /// leaves it to riskd.
  package var queueSize: Int64?
  /// The longest wait of a read; then it has failed and is repeated later. `nil` leaves it to riskd.
  package var longestQueueWait: TimeSpan?

  package init(
    isEnabled: Bool, history: Window, general: Window, queueSize: Int64? = nil,
    longestQueueWait: TimeSpan? = nil
  ) {
    self.isEnabled = isEnabled
    self.history = history
    self.general = general
    self.queueSize = queueSize
    self.longestQueueWait = longestQueueWait
  }

  /// At most `requests` in any `length`.
  package struct Window: Equatable, Sendable, Codable {
    package var requests: Int64
    package var length: TimeSpan

    package init(requests: Int64, length: TimeSpan) {
      self.requests = requests
      self.length = length
    }
  }
}

/// When requests other than enforcement stop for a while. Enforcement never stops.
package struct CircuitBreakerSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  package var failureThreshold: Int64
  package var openFor: TimeSpan
  /// Requests that may be in flight while it is tried whether the venue works again.
  package var halfOpenRequests: Int64
  package var successThreshold: Int64

  package init(
    isEnabled: Bool, failureThreshold: Int64, openFor: TimeSpan, halfOpenRequests: Int64,
    successThreshold: Int64
  ) {
    self.isEnabled = isEnabled
    self.failureThreshold = failureThreshold
    self.openFor = openFor
    self.halfOpenRequests = halfOpenRequests
    self.successThreshold = successThreshold
  }
}

/// When the whole state of an account is read again.
package struct ReconciliationSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  package var onReconnect: Bool
  /// Requests within this time become one run.
  package var minInterval: TimeSpan
  package var isPeriodic: Bool
  package var maxInterval: TimeSpan

  package init(
    isEnabled: Bool, onReconnect: Bool, minInterval: TimeSpan, isPeriodic: Bool,
    maxInterval: TimeSpan
  ) {
    self.isEnabled = isEnabled
    self.onReconnect = onReconnect
    self.minInterval = minInterval
    self.isPeriodic = isPeriodic
    self.maxInterval = maxInterval
  }
}
