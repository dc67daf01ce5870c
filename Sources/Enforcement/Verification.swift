import RiskModel

/// State machine: whether the requests of a target were shown to have done their work.
///
/// It does not decide what to do next: a target is worked on until it is proven. It decides when
/// that takes too long.
struct Verification: Equatable, Sendable {
  private enum State: Equatable {
    /// Nothing was sent. Can transition to: awaited.
    case nothingSent
    /// Can transition to: awaited, told.
    case awaited(since: MonotonicInstant, isPart: Bool)
    /// It took too long, and that was said. Can transition to: awaited, when more is filled.
    case told
  }

  private var state = State.nothingSent

  mutating func requestSent(at now: MonotonicInstant) {
    guard case .nothingSent = state else { return }
    state = .awaited(since: now, isPart: false)
  }

  /// A position of the target became smaller and is not gone.
  mutating func filledInPart(at now: MonotonicInstant) {
    guard state != .nothingSent else { return }
    state = .awaited(since: now, isPart: true)
  }

  /// When it has taken too long.
  func dueAt(_ limits: EnforcementLimits) -> MonotonicInstant? {
    guard case .awaited(let since, let isPart) = state else { return nil }
    if isPart, limits.followsPartialFills { return since + limits.completion }
    return limits.tellsUnverified ? since + limits.verification : nil
  }

  /// Why it takes too long by now; said once.
  mutating func overdue(at now: MonotonicInstant, _ limits: EnforcementLimits) -> String? {
    guard case .awaited(_, let isPart) = state, let due = dueAt(limits), now >= due else {
      return nil
    }
    state = .told
    return isPart && limits.followsPartialFills
      ? "nothing more was filled for \(limits.completion.milliseconds) ms"
      : "it is not verified within \(limits.verification.milliseconds) ms"
  }
}

extension EnforcementController {
  /// What is not verified in time is told, and the account is looked at again: by then the pauses
  /// between the passes have grown.
  mutating func tellUnverified() {
    var overdue: [(Target, passes: Int, problem: String)] = []
    targets.updateAll { _, open in
      guard !open.isProven, let problem = open.verification.overdue(at: now, limits) else { return }
      overdue.append((open.target, open.pass, problem))
    }
    for (target, passes, problem) in overdue {
      figures.unverified += 1
      actions.append(.report(.failing(target, passes: passes, problem: problem)))
      _ = accounts.update(target.account) { account in
        account.reading.passSoon(at: now, limits: limits)
        account.needsPlan = true
      }
    }
  }
}

extension PositionChange {
  /// Smaller than before, in the same direction.
  var isPartlyClosed: Bool {
    guard let before else { return false }
    return before.signum() == after.signum() && abs(after) < abs(before)
  }
}
