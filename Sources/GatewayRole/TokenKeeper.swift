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

  /// Where a token comes from.
  enum Origin: Equatable {
    case venue
    case store
  }

  enum Action: Equatable {
    case signIn
    case renew
    /// There is a new current token, to be renewed after this long.
    case adopted(VenueToken, expiresAt: Instant, renewAfter: TimeSpan, Origin)
    case retry(after: TimeSpan, VenueError)
    case refused(LoginCode, retryAfter: TimeSpan)
    case none
  }

  private let timing: TokenTiming
  private var state = State.idle
  private var failures = 0
  private(set) var current: VenueToken?
  /// The token of the session that the venue ended, until there is another one. A logout takes the
  /// streams; whether it takes the right to ask as well is not documented, and shows itself as 401.
  private(set) var ended: VenueToken?
  /// The token that the venue refused last; a copy of it in the store is worth nothing.
  private var dead: VenueToken?
  /// When a token was last given up because a hub refused it.
  private var replacedForHubAt: Instant?
  private static let hubPatience = TimeSpan.seconds(600)
  private(set) var expiresAt: Instant?
  /// Grows with every new token, so that a late refusal of an old one cannot hit a newer one.
  private(set) var revision: Int64 = 0

  init(timing: TokenTiming) {
    self.timing = timing
  }

  mutating func start(stored: VenueToken?, now: Instant) -> Action {
    if let stored, let end = stored.expiresAt, end > now + .seconds(60) {
      return adopt(stored, .store, now: now)
    }
    return signIn()
  }

  /// What requests carry.
  var forRequests: VenueToken? { current ?? ended }

  /// What the store has when this process may ask for a new token, or still waits to: a neighbour
  /// may have asked already.
  mutating func refreshBegins(stored: VenueToken?, now: Instant) -> Action {
    guard asks != nil, let stored, stored != current, stored != dead, let end = stored.expiresAt,
      end > now + .seconds(60), end > expiresAt ?? now || current == nil
    else { return .none }
    return adopt(stored, .store, now: now)
  }

  /// There is no token, and the next attempt is some time away.
  var isWaitingWithoutToken: Bool {
    if case .waiting = state { current == nil } else { false }
  }

  /// What the store has while this process waits without a token: a neighbour may have got one.
  mutating func waits(stored: VenueToken?, now: Instant) -> Action {
    guard isWaitingWithoutToken, let stored, stored != dead, let end = stored.expiresAt,
      end > now + .seconds(60)
    else { return .none }
    return adopt(stored, .store, now: now)
  }

  /// What is to be asked of the venue.
  enum Question {
    case signIn
    case renewal
  }

  var asks: Question? {
    switch state {
    case .signingIn: .signIn
    case .renewing: .renewal
    case .idle, .waiting: nil
    }
  }

  mutating func signInAnswered(_ outcome: SignInOutcome, now: Instant) -> Action {
    guard case .signingIn = state else { return .none }
    let wait = timing.wait(for: outcome.reaction, after: failures)
    switch outcome {
    case .token(let token):
      return adopt(token, .venue, now: now)
    case .credentialsRefused(let code):
      state = .waiting
      return .refused(code, retryAfter: wait)
    case .failed where outcome.reaction == .tellPerson:
      state = .waiting
      return .refused(.invalidCredentials, retryAfter: wait)
    case .failed(let error):
      failures += 1
      state = .waiting
      return .retry(after: wait, error)
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
      return adopt(token, .venue, now: now)
    case .sessionOver:
      dead = current
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
    guard refused == revision else { return .none }
    ended = nil
    guard let dead = current else { return .none }
    self.dead = dead
    current = nil
    if let stored, stored != dead, let end = stored.expiresAt, end > now {
      return adopt(stored, .store, now: now)
    }
    return signInUnlessUnderWay()
  }

  /// HTTP 401 for a hub connection that was to begin with the token of a revision: no stream begins
  /// with it any more. Whether requests may still carry it shows itself as 401 of their own.
  mutating func refusedByHub(
    revision refused: Int64, stored: VenueToken?, now: Instant
  ) -> Action {
    guard refused == revision, let token = current else { return .none }
    if let stored, stored != token, let end = stored.expiresAt, end > now {
      dead = token
      ended = token
      return adopt(stored, .store, now: now)
    }
    // A hub that refuses what was just given refuses the next one too, and the other hub is well.
    if let last = replacedForHubAt, now >= last, now - last < Self.hubPatience { return .none }
    replacedForHubAt = now
    dead = token
    ended = token
    current = nil
    return signInUnlessUnderWay()
  }

  /// The venue ended the session: no stream begins with its token any more.
  mutating func loggedOut() -> Action {
    guard let token = current else { return .none }
    dead = token
    ended = token
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

  private mutating func adopt(_ token: VenueToken, _ origin: Origin, now: Instant) -> Action {
    let end = token.expiresAt ?? now + timing.assumedLife
    let left = end - now
    let lead = min(timing.lead, TimeSpan(nanos: left.nanos / 2))
    state = .idle
    failures = 0
    current = token
    ended = nil
    expiresAt = end
    revision += 1
    return .adopted(token, expiresAt: end, renewAfter: max(.seconds(60), left - lead), origin)
  }
}
