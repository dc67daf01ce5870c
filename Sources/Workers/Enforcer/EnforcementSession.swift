import GatewayRole
import Logging
import ProcessControl
import RiskModel
import Settings
import VenueAPI

/// The enforcer's session token: the shared one as long as it serves, else one of its own.
///
/// Closing must not wait for a neighbour. A token that the venue refused is replaced by a newer one
/// of the store, if there is one; else by a sign-in, for which the lock of the store is waited for
/// half a second. Whoever does not get it signs in all the same and stores nothing.
///
/// A sign-in that fails is repeated by this session alone, however many requests need a token: soon
/// at first, then patiently, and slowly where the venue refuses the key itself. Only what a
/// neighbour stores meanwhile is taken at once.
final class EnforcementSession {
  private enum State {
    /// Can transition to: awaitingLock, signingIn.
    case idle
    /// Can transition to: idle, signingIn.
    case awaitingLock(since: MonotonicInstant)
    /// Can transition to: idle, patient.
    case signingIn
    /// The last sign-in failed. Can transition to: idle, awaitingLock.
    case patient(until: MonotonicInstant)
  }

  static let lockPatience = TimeSpan.milliseconds(500)
  private static let lockPoll = TimeSpan.milliseconds(20)
  /// The longest that a sign-in takes; an errand's own deadline may be shorter.
  private static let signInTimeout = TimeSpan.seconds(5)
  private static let check = TimeSpan.seconds(60)
  /// From one patient attempt to the next. The gateway takes four times as long; here a position may
  /// be waiting to be closed.
  private static let patientInterval = TimeSpan.seconds(15)
  /// Tokens that the venue refused and that the store may still have.
  private static let refusedLimit = 4

  /// There is a token again.
  var found: (VenueToken) -> Void = { _ in }
  /// There is none, and why.
  var failed: (String) -> Void = { _ in }

  private(set) var token: VenueToken?
  /// Why there is no token, since the first attempt that failed; `nil` when all is well.
  private(set) var trouble: String?
  private let store: SessionToken
  private let pace: EnforcementPace
  private let reactor: Reactor
  private let key: SignInKey
  private let timing: TokenTiming
  private let logger: Logger
  private var state = State.idle
  private var refused: [VenueToken] = []
  private var failures = 0
  /// When this process looks after the token itself, the gateway having failed to.
  private var dueAt: Instant?

  init(
    store: SessionToken, pace: EnforcementPace, reactor: Reactor, key: SignInKey,
    timing: TokenTiming, logger: Logger
  ) {
    self.store = store
    self.pace = pace
    self.reactor = reactor
    self.key = key
    self.timing = timing
    self.logger = logger
  }

  /// Looks for a token ahead of the first need, and again before it ends.
  func start() {
    need()
    checkLater()
  }

  /// The venue answered a request that carried this token with HTTP 401.
  func refuse(_ used: VenueToken) {
    guard token == used else { return }
    token = nil
    refused.append(used)
    if refused.count > Self.refusedLimit { refused.removeFirst() }
    adoptStored()
  }

  /// Sees to it that there is a token; `found` or `failed` is called when it is decided.
  func need() {
    switch state {
    case .awaitingLock, .signingIn: return
    case .idle, .patient: break
    }
    guard !adoptStored() else { return }
    if case .patient(let end) = state, reactor.clock.monotonicNow() < end { return }
    state = .awaitingLock(since: reactor.clock.monotonicNow())
    askForLock()
  }

  /// True when the store has a token that is worth a try.
  @discardableResult
  private func adoptStored() -> Bool {
    let now = reactor.clock.now()
    guard let stored = store.load(), stored != token, !refused.contains(stored),
      let end = stored.expiresAt, end > now + .seconds(5),
      token == nil || end > token?.expiresAt ?? now
    else { return false }
    adopt(stored)
    return true
  }

  private func adopt(_ new: VenueToken) {
    let now = reactor.clock.now()
    token = new
    state = .idle
    failures = 0
    trouble = nil
    let end = new.expiresAt ?? now + .seconds(86_400)
    let lead = min(timing.lead, TimeSpan(nanos: (end - now).nanos / 2))
    // The gateway renews when the lead begins; here, later, it is noticed that it did not.
    dueAt = end - TimeSpan(nanos: lead.nanos / 2)
    found(new)
  }

  private func askForLock() {
    guard case .awaitingLock(let since) = state else { return }
    let hasLock = store.tryLock()
    if adoptStored() {
      store.unlock()
      return
    }
    guard hasLock || reactor.clock.monotonicNow() >= since + Self.lockPatience else {
      reactor.schedule(after: Self.lockPoll) { [weak self] in self?.askForLock() }
      return
    }
    if !hasLock {
      logger.warning("Another process holds the token's lock; the enforcer signs in by itself")
    }
    signIn()
  }

  private func signIn() {
    state = .signingIn
    let deadline = reactor.clock.monotonicNow() + Self.signInTimeout
    pace.send(.loginKey(key), token: nil, deadline: deadline) { [weak self] answer, _ in
      self?.signedIn(answer.decodeSignIn())
    }
  }

  private func signedIn(_ outcome: SignInOutcome) {
    switch outcome {
    case .token(let token):
      if store.holdsLock { store.save(token) }
      store.unlock()
      adopt(token)
    case .credentialsRefused(let code):
      give(up: "the venue refuses the key (\(code))", outcome.reaction)
    case .failed(let error):
      give(up: error.description, outcome.reaction)
    }
  }

  private func give(up reason: String, _ reaction: ErrorReaction) {
    store.unlock()
    let wait = timing.wait(for: reaction, after: failures)
    failures += 1
    trouble = "no session token: \(reason)"
    // Of what may pass by itself a person is told when it lasts, of a refused key each time.
    let isForPerson = reaction == .tellPerson || failures == timing.retryDelays.count + 1
    logger.log(
      level: isForPerson ? .critical : .error, "The enforcer cannot sign in",
      metadata: ["problem": "\(reason)", "next_attempt_ms": "\(wait.milliseconds)"])
    let end = reactor.clock.monotonicNow() + wait
    state = .patient(until: end)
    reactor.schedule(at: end) { [weak self] in self?.tryAgain() }
    failed(reason)
  }

  private func tryAgain() {
    guard case .patient(let end) = state, reactor.clock.monotonicNow() >= end else { return }
    if token == nil || isDue { need() } else { state = .idle }
  }

  private func checkLater() {
    reactor.schedule(after: Self.check) { [weak self] in
      guard let self else { return }
      if !self.adoptStored(), self.token == nil || self.isDue { self.need() }
      self.checkLater()
    }
  }

  /// How often the enforcer signs in, by the configuration.
  static func timing(_ settings: TokenSettings) -> TokenTiming {
    var timing = TokenTiming()
    timing.lead = settings.refreshLead
    timing.retryDelays = settings.quickDelays
    timing.retryInterval = patientInterval
    return timing
  }

  private var isDue: Bool { dueAt.map { reactor.clock.now() >= $0 } ?? true }
}
