package import RiskModel

/// Waits for the moment at which the evaluator is to be killed, and for its return.
package struct EvaluatorWatch: Equatable, Sendable {
  private enum State: Equatable {
    /// Can transition to: .armed
    case idle
    /// Can transition to: .triggered
    case armed
    /// The first close has come. Can transition to: .killed, .missed
    case triggered(at: MonotonicInstant)
    /// Can transition to: .back
    case killed(pid: Int32, EvaluatorKill)
    case back(EvaluatorKill)
    case missed
  }

  /// The rule's own line should have been read before its writer dies; it is written right behind
  /// the request.
  package static let grace = TimeSpan.milliseconds(15)

  private var state = State.idle

  package init() {}

  /// The next close is the one.
  package mutating func arm() {
    if state == .idle { state = .armed }
  }

  /// A request to close a contract has reached the venue.
  package mutating func closeCame(at now: MonotonicInstant) {
    if state == .armed { state = .triggered(at: now) }
  }

  /// Whether it is to be killed now.
  package func isDue(at now: MonotonicInstant, ruleIsTold: Bool) -> Bool {
    guard case .triggered(let at) = state else { return false }
    return ruleIsTold || now - at >= Self.grace
  }

  /// The kill is done; `pid` is `nil` when the evaluator could not be found.
  package mutating func killed(pid: Int32?, _ kill: EvaluatorKill) {
    guard case .triggered = state else { return }
    state = pid.map { .killed(pid: $0, kill) } ?? .missed
  }

  package mutating func ready(pid: Int32?) {
    guard case .killed(let old, let kill) = state, pid != old else { return }
    state = .back(kill)
  }

  /// What became of it; `nil` before it was armed.
  package var kill: EvaluatorKill? {
    switch state {
    case .idle: nil
    case .armed, .triggered, .missed: .missed
    case .killed(_, let kill), .back(let kill): kill
    }
  }

  package var isBack: Bool {
    if case .back = state { true } else { false }
  }
}
