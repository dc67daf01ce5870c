package import RiskModel

/// How the simulated REST interface acts where the venue's documentation is silent or where a test
/// wants another course of events.
package struct GatewayBehaviour: Equatable, Sendable {
  /// How long every reply takes after its request was applied.
  package var replyLatency: TimeSpan = .zero
  /// How long a request takes until it is applied.
  package var requestLatency: TimeSpan = .zero
  /// How long a token is good (documented: 24 hours).
  package var tokenLifetime: TimeSpan = .seconds(24 * 3_600)
  /// Whether a token dies when it is exchanged for a new one.
  package var validateEndsOldToken = false
  /// What a token that is no good gets at `Auth/validate` and `Auth/logout`.
  package var tokenRefusal: TokenRefusal = .unauthorized
  /// What keeps everybody from logging in.
  package var loginObstacle: LoginObstacle = .nothing
  /// Limits the requests of the user to everything but bars; `nil` is no limit.
  package var requestLimit: RequestLimit?
  /// Limits the requests for bars; `nil` is no limit.
  package var barLimit: RequestLimit?
  /// Whether trades show commissions; the history of 2026-08 showed fees only.
  package var showsCommissions = true
  /// Writes the ids of orders and trades as texts.
  package var idsAsText = false
  package var form = WireForm()
  /// Whether null in `Order/modify` leaves a member as it is; else it is refused with code 3.
  package var nullMeansUnchanged = true

  package init() {}
}

/// What a token that is no good gets where the operation has codes for it.
package enum TokenRefusal: String, Sendable, CaseIterable {
  /// HTTP 401, as everywhere else.
  case unauthorized
  /// HTTP 200 with the operation's code (documented, not observed).
  case code
}

/// Why nobody can log in. The words are the venue's names of its codes.
package enum LoginObstacle: String, Sendable, CaseIterable {
  case nothing
  case agreementsNotSigned
  case unknownError
  case apiSubscriptionNotFound
  case apiKeyAuthenticationDisabled

  var code: Int? {
    switch self {
    case .nothing: nil
    case .agreementsNotSigned: 7
    case .unknownError: 8
    case .apiSubscriptionNotFound: 9
    case .apiKeyAuthenticationDisabled: 10
    }
  }
}

/// A limit of requests in a window of time; what is beyond it gets HTTP 429.
package struct RequestLimit: Equatable, Sendable {
  package var requests: Int
  package var window: TimeSpan
  /// Whether the window begins with its first request or moves with every request.
  package var isSliding: Bool
  /// Whether the reply says in `Retry-After` how many seconds are left.
  package var tellsRetryAfter: Bool
  /// Whether refused requests count too.
  package var countsRefused: Bool

  package init(
    requests: Int, window: TimeSpan, isSliding: Bool = false, tellsRetryAfter: Bool = false,
    countsRefused: Bool = false
  ) {
    self.requests = requests
    self.window = window
    self.isSliding = isSliding
    self.tellsRetryAfter = tellsRetryAfter
    self.countsRefused = countsRefused
  }

  /// 200 requests in 60 seconds for everything but bars (documented).
  package static let documented = RequestLimit(requests: 200, window: .seconds(60))
  /// 50 requests for bars in 30 seconds (documented).
  package static let documentedForBars = RequestLimit(requests: 50, window: .seconds(30))
}

/// Counts the requests of the user against the limit.
struct RequestMeter {
  private var sentAt: [Instant] = []

  /// Counts one request. Returns `nil` when it may pass, else the time until one may.
  mutating func admit(under limit: RequestLimit, at now: Instant) -> TimeSpan? {
    if limit.isSliding {
      sentAt.removeAll { $0 + limit.window <= now }
    } else if let first = sentAt.first, first + limit.window <= now {
      sentAt.removeAll(keepingCapacity: true)
    }
    guard sentAt.count >= limit.requests, let first = sentAt.first else {
      sentAt.append(now)
      return nil
    }
    let wait = first + limit.window - now
    if limit.countsRefused {
      if limit.isSliding { sentAt.removeFirst() }
      sentAt.append(now)
    }
    return wait
  }
}
