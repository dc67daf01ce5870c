package import RiskModel
import RiskRules

/// A lockout that stands, with what the engine counts of it.
package struct StandingLockout: Equatable, Sendable {
  package var target: Target
  package var reentries: Int
  /// The moment at which it ends by time; `nil` where something else ends it.
  package var endsAt: Instant?
}

/// What came of ending a lockout.
package enum LockoutEnding: Equatable, Sendable {
  /// Ended and recorded; the account's lockouts that stand from now on.
  case ended(standing: [StandingLockout])
  /// No lockout of this name stands.
  case unknown
  /// Something else ends it: a moment, a reset, the venue, the session, the configuration.
  case notPermanent(StandingLockout)
  /// It could not be recorded, so it stands.
  case notRecorded
}

// What an administrator asks of the evaluator.
extension EvaluatorRole {
  /// The lockouts that stand, the oldest first.
  package var lockouts: [StandingLockout] {
    engine.state.targets.values.filter(\.target.isLockout)
      .sorted { $0.target.id < $1.target.id }
      .map { standing in
        let target = standing.target
        let endsAt: Instant? =
          switch target.end {
          case .at(let instant): instant
          case .dailyReset(let date): engine.resetTime(of: target.account, endingOn: date)
          default: nil
          }
        return StandingLockout(target: target, reentries: standing.reentries, endsAt: endsAt)
      }
  }

  /// Ends a lockout whose end is an administrator's, and records who asked. Every other lockout ends
  /// by what it says alone.
  package func endLockout(_ id: TargetID, by who: String) -> LockoutEnding {
    finishArrivals()
    guard let lockout = lockouts.first(where: { $0.target.id == id }) else { return .unknown }
    guard lockout.target.end == .permanent else { return .notPermanent(lockout) }
    guard isRecorded else { return .notRecorded }
    let command = AdministratorCommand.endLockout(id, by: who)
    apply(.administrator(command))
    outbox.decisions.append(.administered(command))
    // An earlier release does not know this input, and goes on behind it.
    checkpointNext()
    finishArrivals()
    return .ended(standing: lockouts.filter { $0.target.account == lockout.target.account })
  }
}
