import RiskModel
import VenueAPI

/// The life of the session token: signing in, renewing in time, repeating what failed.
struct TokenKeeper {
  private enum State {
    /// Nothing under way. Can transition to: signingIn, renewing.
    case idle
    /// `Auth/loginKey` is out. Can transition to: idle, waiting.
    case signingIn
    /// `Auth/validate` is out. Can transition to: idle, signingIn.
    case renewing
    /// The last attempt failed. Can transition to: signingIn, renewing, idle.
    case waiting
  }

  enum Action: Equatable {
    case signIn
    case renew
    /// There is a new current token, to be renewed after this long.
    case adopted(VenueToken, expiresAt: Instant, renewAfter: TimeSpan)
    case retry(after: TimeSpan, VenueError)
    case refused(LoginCode, retryAfter: TimeSpan)
    case none
  }

  private let timing: TokenTiming
  private var state = State.idle
  private var failures = 0
  private(set) var current: VenueToken?
  private(set) var expiresAt: Instant?
  /// Grows with every new token, so that a late refusal of an old one cannot hit a newer one.
  private(set) var revision: Int64 = 0

  init(timing: TokenTiming) {
    self.timing = timing
  }

  mutating func start(stored: VenueToken?, now: Instant) -> Action {
    if let stored, let end = stored.expiresAt, end > now + .seconds(60) {
      return adopt(stored, now: now)
    }
    return signIn()
  }

  mutating func signInAnswered(_ outcome: SignInOutcome, now: Instant) -> Action {
    guard case .signingIn = state else { return .none }
    switch outcome {
    case .token(let token):
      return adopt(token, now: now)
    case .credentialsRefused(let code):
      state = .waiting
      return .refused(code, retryAfter: timing.refusedInterval)
    case .failed(.httpStatus(400)), .failed(.httpStatus(403)), .failed(.unauthorized):
      // The venue answers 400 where the user name or the key is empty (documented).
      state = .waiting
      return .refused(.invalidCredentials, retryAfter: timing.refusedInterval)
    case .failed(let error):
      let delays = timing.retryDelays
      let delay = failures < delays.count ? delays[failures] : timing.retryInterval
      failures += 1
      state = .waiting
      return .retry(after: delay, error)
    }
  }

  mutating func renewalDue() -> Action {
    guard case .idle = state, current != nil else { return .none }
    state = .renewing
    return .renew
  }

  mutating func renewalAnswered(_ outcome: RenewalOutcome, now: Instant) -> Action {
    guard case .renewing = state else { return .none }
    switch outcome {
    case .token(let token):
      return adopt(token, now: now)
    case .sessionOver:
      current = nil
      return signIn()
    case .unchanged, .failed:
      return signIn()
    }
  }

  mutating func retryDue() -> Action {
    guard case .waiting = state else { return .none }
    guard current != nil else { return signIn() }
    state = .renewing
    return .renew
  }

  /// HTTP 401 for a request that carried the token of a revision. `stored` is what the shared
  /// store has; a neighbour may have signed in already.
  mutating func refused(revision refused: Int64, stored: VenueToken?, now: Instant) -> Action {
    guard refused == revision, let dead = current else { return .none }
    current = nil
    if let stored, stored != dead, let end = stored.expiresAt, end > now {
      return adopt(stored, now: now)
    }
    return signInUnlessUnderWay()
  }

  /// The venue ended the session: its token is not used any more.
  mutating func loggedOut() -> Action {
    guard current != nil else { return .none }
    current = nil
    return signInUnlessUnderWay()
  }

  private mutating func signInUnlessUnderWay() -> Action {
    if case .signingIn = state { return .none }
    return signIn()
  }

  private mutating func signIn() -> Action {
    state = .signingIn
    return .signIn
  }

  private mutating func adopt(_ token: VenueToken, now: Instant) -> Action {
    let end = token.expiresAt ?? now + timing.assumedLife
    let left = end - now
    let lead = min(timing.lead, TimeSpan(nanos: left.nanos / 2))
    state = .idle
    failures = 0
    current = token
    expiresAt = end
    revision += 1
    return .adopted(token, expiresAt: end, renewAfter: max(.seconds(60), left - lead))
  }
}
