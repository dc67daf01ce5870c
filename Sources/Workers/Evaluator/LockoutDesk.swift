import EvaluatorRole
import RiskModel
import Supervision

/// Operators' questions about lockouts, and the evaluator's words for them.
enum LockoutDesk {
  static func answer(_ question: OperatorQuestion, by role: EvaluatorRole?) -> OperatorAnswer {
    guard let role else { return .refused("the database cannot be opened, so nothing is known") }
    switch question {
    case .lockouts:
      return .lockouts(role.lockouts.prefix(LockoutReport.limit).map(report))
    case .endLockout(let text, let who):
      guard let id = TargetID(text) else { return .refused("\(text) names no lockout") }
      return answer(role.endLockout(id, by: who), id)
    }
  }

  private static func answer(_ ending: LockoutEnding, _ id: TargetID) -> OperatorAnswer {
    switch ending {
    case .ended(let standing):
      .lockoutEnded("\(id)", standing: standing.map(report))
    case .unknown:
      .refused("no lockout \(id) stands")
    case .notPermanent(let lockout):
      .refused(
        "lockout \(id) ends by itself (\(lockout.target.end.words)); nobody can end it earlier")
    case .notRecorded:
      .refused("the journal cannot be written, so lockout \(id) stands")
    }
  }

  static func report(_ lockout: StandingLockout) -> LockoutReport {
    let target = lockout.target
    let isHard: Bool
    let scope: String
    switch target.goal {
    case .noNewExposure: (scope, isHard) = ("account", false)
    case .flat(let contract): (scope, isHard) = ("\(contract)", true)
    default: (scope, isHard) = ("account", true)
    }
    return LockoutReport(
      id: "\(target.id)", account: target.account.number, rule: target.cause.rule.key,
      code: target.cause.reason.code, reason: target.cause.reason.sentence, scope: scope,
      isHard: isHard, since: target.adoptedAt.timestamp, end: target.end.words,
      until: lockout.endsAt?.timestamp, isPermanent: target.end == .permanent,
      reentries: lockout.reentries)
  }
}
