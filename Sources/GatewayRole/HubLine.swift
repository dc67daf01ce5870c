import HubProtocol
import RiskModel
import VenueAPI

/// One hub: its connection, the reconnections, the subscriptions, and the change to another
/// connection when the token is renewed.
struct HubLine {
  enum State: Equatable {
    /// No connection is wanted or possible yet. Can transition to: opening.
    case idle
    /// Waits for the next attempt. Can transition to: opening, idle.
    case waiting
    /// Can transition to: open, waiting.
    case opening
    /// Can transition to: waiting; opening and open, when the successor takes over.
    case open
  }

  /// A second connection, with a newer token, that takes over once it is subscribed.
  struct Successor {
    var generation: Int64
    var tokenRevision: Int64
    var isOpen = false
    var board: SubscriptionBoard
  }

  private(set) var state = State.idle
  /// Names the present connection; what an older one tells is ignored.
  private(set) var generation: Int64 = 0
  /// The token with which the present connection began.
  private(set) var tokenRevision: Int64 = 0
  /// Whether the evaluator was told that events come.
  private(set) var isDelivering = false
  private(set) var deliveringSince: MonotonicInstant?
  /// How often events began to come.
  private(set) var deliveries = 0
  /// Whether there was a connection before, so that the next attempt is a reconnection.
  private(set) var hasBeenOpen = false
  private(set) var successor: Successor?
  /// Until then an event may be one that the connection before has told already.
  private var echoesUntil: MonotonicInstant?
  private var lastGeneration: Int64 = 0
  private var schedule: ReconnectSchedule
  var board = SubscriptionBoard()

  /// How long after the change what both connections told may still come.
  static let echoTime: TimeSpan = .seconds(5)

  init(_ settings: ReconnectSchedule.Settings) {
    schedule = ReconnectSchedule(settings)
  }

  mutating func attemptStarted(tokenRevision: Int64) {
    precondition(
      state == .idle || state == .waiting, "Invariant: one attempt at a time, not in \(state)")
    generation = nextGeneration()
    self.tokenRevision = tokenRevision
    state = .opening
  }

  private mutating func nextGeneration() -> Int64 {
    lastGeneration += 1
    return lastGeneration
  }

  /// False when this is no news of the present attempt.
  mutating func opened(_ generation: Int64, at now: MonotonicInstant) -> Bool {
    guard generation == self.generation, state == .opening else { return false }
    state = .open
    hasBeenOpen = true
    schedule.connected(at: now)
    board.connectionOpened()
    return true
  }

  mutating func deliveryBegan(at now: MonotonicInstant) {
    isDelivering = true
    deliveringSince = now
    deliveries += 1
  }

  /// The connection is over or the attempt failed; when to try again.
  mutating func lost(at now: MonotonicInstant, random: UInt64) -> ReconnectSchedule.Step {
    deliveryEnded()
    state = .waiting
    return schedule.lost(at: now, random: random)
  }

  private mutating func deliveryEnded() {
    isDelivering = false
    deliveringSince = nil
    echoesUntil = nil
  }

  /// The next attempt has to wait for a token.
  mutating func waitForToken() {
    state = .idle
  }

  func isPresent(_ generation: Int64) -> Bool {
    generation == self.generation && (state == .open || state == .opening)
  }

  /// Events of this connection count.
  func isHeard(_ generation: Int64) -> Bool {
    isPresent(generation) || (successor?.generation == generation && successor?.isOpen == true)
  }

  mutating func want(_ invocation: HubInvocation) {
    board.want(invocation)
    successor?.board.want(invocation)
  }

  /// Forgets a subscription; the connections whose server knows of it.
  mutating func forget(_ invocation: HubInvocation) -> [Int64] {
    var generations: [Int64] = []
    if board.forget(invocation), state == .open { generations.append(generation) }
    if let next = successor, successor?.board.forget(invocation) == true, next.isOpen {
      generations.append(next.generation)
    }
    return generations
  }
}

// The change to a connection with a newer token: the new one is opened and subscribed before the
// old one is closed, so that not an event is missed.
extension HubLine {
  func isRotationDue(to revision: Int64) -> Bool {
    state == .open && isDelivering && tokenRevision < revision && successor == nil
  }

  /// The generation of the second connection.
  mutating func successorStarted(tokenRevision: Int64) -> Int64 {
    var board = self.board
    board.connectionOpened()
    let next = nextGeneration()
    successor = Successor(generation: next, tokenRevision: tokenRevision, board: board)
    return next
  }

  mutating func successorOpened() {
    successor?.isOpen = true
  }

  /// `nil` when nobody waits for this completion.
  mutating func successorCompleted(
    _ number: Int64, isConfirmed: Bool, retryAt: MonotonicInstant
  ) -> HubInvocation? {
    successor?.board.completed(number, isConfirmed: isConfirmed, retryAt: retryAt)
  }

  mutating func successorSubscription(
    number: Int64, now: MonotonicInstant, deadline: MonotonicInstant
  ) -> HubInvocation? {
    guard successor?.isOpen == true else { return nil }
    return successor?.board.next(number: number, now: now, deadline: deadline)
  }

  /// Everything that the present connection has is there on the second one too; `nil` while that
  /// is not known yet.
  var isSuccessorComplete: Bool? {
    guard let successor, successor.isOpen, successor.board.isSettled else { return nil }
    return board.wanted.allSatisfy {
      !board.isConfirmed($0) || successor.board.isConfirmed($0)
    }
  }

  mutating func successorFailed() {
    successor = nil
  }

  /// The second connection becomes the present one. The lives of both count as one for the
  /// schedule of reconnections.
  mutating func successorTookOver(at now: MonotonicInstant) {
    guard let next = successor else { return }
    successor = nil
    generation = next.generation
    tokenRevision = next.tokenRevision
    board = next.board
    echoesUntil = now + HubLine.echoTime
  }

  /// The present connection ended before the second one was ready: that one takes its place as it
  /// is.
  mutating func successorSteppedIn(at now: MonotonicInstant) {
    guard let next = successor else { return }
    deliveryEnded()
    successorTookOver(at: now)
    echoesUntil = nil
    state = next.isOpen ? .open : .opening
  }

  /// Whether an event that says what is known already is an echo.
  func hasEchoes(at now: MonotonicInstant) -> Bool {
    successor?.isOpen == true || echoesUntil.map { now < $0 } == true
  }
}
