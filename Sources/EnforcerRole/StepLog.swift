import Enforcement
import Logging
import PeerProtocol
import RiskModel

/// When a step was sent and how long it took.
struct StepMoments: Equatable, Sendable {
  var sentAt: Instant
  var duration: TimeSpan
  /// Event read by the gateway to request bytes handed to the socket, where that is known.
  var reaction: TimeSpan?
}

/// What the enforcer writes for people.
///
/// Every executed step is exactly one record, and no other record contains the word that its message
/// begins with: operators count the steps of a day by that word.
struct StepLog {
  let logger: Logger

  func step(_ step: EnforcedStep, _ moments: StepMoments) {
    let (action, fields) = StepLog.action(of: step)
    let (level, result) = StepLog.result(of: step)
    let cause = step.target.cause
    var metadata: Logger.Metadata = [
      "rule_id": "\(cause.rule.rawValue)", "account_id": "\(step.target.account)",
      "action": "\(action)", "contract": "\(step.contract)", "held": "\(step.heldSize)",
      "result": "\(result)", "reason_code": "\(cause.reason.code)",
      "reason": "\(cause.reason.sentence)", "target": "\(step.target.id)",
      "execution_time_ms": "\(moments.duration.milliseconds)",
      "message_id": "\(MessageID.enforcementStep.rawValue)",
    ]
    metadata.merge(fields) { _, new in new }
    if let reaction = moments.reaction { metadata["reaction_us"] = "\(reaction.nanos / 1_000)" }
    logger.log(
      level: level,
      "Enforcement \(action) \(step.contract) on account \(step.target.account): \(result)",
      metadata: metadata)
  }

  private static func action(of step: EnforcedStep) -> (String, Logger.Metadata) {
    switch step.request {
    case .close: ("close", ["contracts": "\(abs(step.heldSize))"])
    case .partialClose(_, _, let size): ("reduce", ["contracts": "\(size)"])
    case .cancel(_, let order): ("cancel", ["order_id": "\(order)"])
    case .modifySize(_, let order, let size):
      ("resize order", ["order_id": "\(order)", "contracts": "\(size)"])
    case .placeStop(_, _, _, let size, let price, let tag):
      ("place stop", ["contracts": "\(size)", "price": "\(price)", "tag": "\(tag)"])
    case .modifyStop(_, let order, let price):
      ("move stop", ["order_id": "\(order)", "price": "\(price)"])
    case .readWorkingOrders, .readPositions, .readAccounts:
      preconditionFailure("Invariant: a step changes the venue, \(step.request) does not")
    }
  }

  private static func result(of step: EnforcedStep) -> (Logger.Level, String) {
    switch step.result {
    case .accepted: (.notice, "accepted")
    case .gone: (.notice, "nothing left to act on")
    case .refused(let refusal): (.warning, refusal.rawValue)
    case .unknown(let reason): (.warning, "unknown (\(reason))")
    }
  }

  func proven(_ target: Target, _ summary: EnforcementSummary) {
    logger.notice(
      "Target \(target.id) on account \(target.account) is proven at the venue",
      metadata: [
        "rule_id": "\(target.cause.rule.rawValue)", "account_id": "\(target.account)",
        "target": "\(target.id)", "requests": "\(summary.requests)",
        "passes": "\(summary.passes)", "execution_time_ms": "\(summary.duration.milliseconds)",
        "message_id": "\(MessageID.targetProven.rawValue)",
      ])
  }

  func alert(_ alert: EnforcementAlert) {
    let level: Logger.Level =
      switch alert {
      case .marketClosed, .reentries, .limitReached: .warning
      case .failing, .accountNotOurs, .accountRefuses, .evaluatorGone, .targetsMissing: .critical
      }
    logger.log(level: level, "\(alert)", metadata: alert.metadata)
  }
}

extension EnforcementAlert {
  /// Whom and what it is about.
  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = ["message_id": "\(MessageID.enforcementAlert.rawValue)"]
    switch self {
    case .failing(let target, _, _):
      metadata["account_id"] = "\(target.account)"
      metadata["rule_id"] = "\(target.cause.rule.rawValue)"
      metadata["target"] = "\(target.id)"
    case .accountNotOurs(let account), .accountRefuses(let account, _),
      .reentries(let account, _):
      metadata["account_id"] = "\(account)"
    case .marketClosed(let account, let contract):
      metadata["account_id"] = "\(account)"
      metadata["contract"] = "\(contract)"
    case .targetsMissing(let target):
      metadata["target"] = "\(target)"
    case .limitReached, .evaluatorGone:
      break
    }
    return metadata
  }
}

extension EnforcementStep {
  init(_ step: EnforcedStep, _ moments: StepMoments) {
    let action: Action =
      switch step.request {
      case .close(_, let contract): .close(contract)
      case .partialClose(_, let contract, let size): .reduce(contract, by: size)
      case .cancel(_, let order): .cancel(order)
      case .modifySize(_, let order, let size): .shrinkOrder(order, to: size)
      case .placeStop(_, let contract, _, let size, let price, _):
        .placeStop(contract, size: size, at: price)
      case .modifyStop(_, let order, let price): .moveStop(order, to: price)
      case .readWorkingOrders, .readPositions, .readAccounts:
        preconditionFailure("Invariant: a step changes the venue, \(step.request) does not")
      }
    let outcome: Outcome =
      switch step.result {
      case .accepted: .accepted
      case .gone: .refused("gone")
      case .refused(let refusal): .refused(refusal.rawValue)
      case .unknown(let reason): .unknown(reason)
      }
    self.init(
      target: step.target.id, account: step.target.account, action: action, outcome: outcome,
      sentAt: moments.sentAt, duration: moments.duration, reaction: moments.reaction)
  }
}
