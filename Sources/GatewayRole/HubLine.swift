import HubProtocol
import RiskModel

/// One hub: its connection, the reconnections and the subscriptions.
struct HubLine {
  enum State: Equatable {
    /// No connection is wanted or possible yet. Can transition to: opening.
    case idle
    /// Waits for the next attempt. Can transition to: opening, idle.
    case waiting
    /// Can transition to: open, waiting.
    case opening
    /// Can transition to: waiting.
    case open
  }

  private(set) var state = State.idle
  /// Grows with every attempt; what an older connection tells is ignored.
  private(set) var generation: Int64 = 0
  /// Whether the evaluator was told that events come.
  private(set) var isDelivering = false
  /// Whether there was a connection before, so that the next attempt is a reconnection.
  private(set) var hasBeenOpen = false
  private var schedule: ReconnectSchedule
  var board = SubscriptionBoard()

  init(_ settings: ReconnectSchedule.Settings) {
    schedule = ReconnectSchedule(settings)
  }

  mutating func attemptStarted() {
    precondition(
      state == .idle || state == .waiting, "Invariant: one attempt at a time, not in \(state)")
    generation += 1
    state = .opening
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

  mutating func deliveryBegan() {
    isDelivering = true
  }

  /// The connection is over or the attempt failed; when to try again.
  mutating func lost(at now: MonotonicInstant, random: UInt64) -> ReconnectSchedule.Step {
    isDelivering = false
    state = .waiting
    return schedule.lost(at: now, random: random)
  }

  /// The next attempt has to wait for a token.
  mutating func waitForToken() {
    state = .idle
  }

  func isPresent(_ generation: Int64) -> Bool {
    generation == self.generation && (state == .open || state == .opening)
  }
}
