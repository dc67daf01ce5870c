import Logging
import PeerProtocol
import RiskModel
import RiskRules

/// What the evaluator writes to its log once a turn is committed; never before, and never in the
/// way of a decision.
enum LogRecord {
  case evaluated(VenueEvent)
  case unknown(AccountID, reason: String)
  case hub(Hub, isConnected: Bool)
  case adopted(Target)
  case ended(TargetID, TargetEnding)
  case breach(Breach)
  case reentry(AccountID, TargetID, ContractID, Int)
  case dailyReset(AccountID, CivilDate, Money)
  case notice(Notice)
  case step(EnforcementStep)
  case proven(TargetID, EnforcementSummary)
  case failing(TargetID, passes: Int, problem: String)

  func write(to logger: Logger) {
    switch self {
    case .evaluated(let event):
      logger.info("Rule evaluation", metadata: ["event": "\(event.kind)"])
    case .unknown(let account, let reason):
      logger.warning(
        "The state of the account is not known until it is read again",
        metadata: ["account": "\(account)", "reason": "\(reason)"])
    case .hub(let hub, let isConnected):
      logger.info(
        "Hub \(isConnected ? "delivers" : "is silent")", metadata: ["hub": "\(hub.rawValue)"])
    case .adopted(let target):
      logger.notice(
        "Target adopted",
        metadata: [
          "target": "\(target.id)", "account": "\(target.account)",
          "rule": "\(target.cause.rule.rawValue)", "goal": "\(target.goal.summary)",
          "until": "\(target.end.summary)",
        ])
    case .ended(let id, let ending):
      logger.notice(
        "Target ended", metadata: ["target": "\(id)", "ending": "\(ending.rawValue)"])
    case .breach(let breach):
      logger.warning(
        "\(breach.reason.sentence)",
        metadata: [
          "account": "\(breach.account)", "rule": "\(breach.rule.rawValue)",
          "reason": "\(breach.reason.code)", "target": "\(breach.target)",
        ])
    case .reentry(let account, let target, let contract, let count):
      logger.warning(
        "Exposure came back while it is locked out",
        metadata: [
          "account": "\(account)", "contract": "\(contract)", "target": "\(target)",
          "count": "\(count)",
        ])
    case .dailyReset(let account, let ended, let realized):
      logger.notice(
        "Daily reset",
        metadata: ["account": "\(account)", "ended": "\(ended)", "realized": "\(realized)"])
    case .notice(let notice):
      logger.warning("\(notice.sentence)")
    case .step(let step):
      logger.info(
        "Enforcement step",
        metadata: [
          "target": "\(step.target)", "account": "\(step.account)",
          "action": "\(step.action.summary)", "outcome": "\(step.outcome.summary)",
          "ms": "\(step.duration.milliseconds)",
          "reactionUs": "\(step.reaction.map { "\($0.nanos / 1_000)" } ?? "unknown")",
        ])
    case .proven(let target, let summary):
      logger.notice(
        "Target proven at the venue",
        metadata: [
          "target": "\(target)", "requests": "\(summary.requests)",
          "passes": "\(summary.passes)", "ms": "\(summary.duration.milliseconds)",
        ])
    case .failing(let target, let passes, let problem):
      logger.critical(
        "The target is not reached yet; it is tried again",
        metadata: ["target": "\(target)", "passes": "\(passes)", "problem": "\(problem)"])
    }
  }
}

extension VenueEvent {
  var kind: String {
    switch self {
    case .account: "account"
    case .position(let position): "position \(position.contract) \(position.signedSize)"
    case .order(let order): "order \(order.id) status \(order.status.rawValue)"
    case .trade(let trade): "trade \(trade.id)"
    case .quote(let quote): "quote \(quote.contract)"
    case .contract(let contract): "contract \(contract.id)"
    }
  }
}

extension Goal {
  var summary: String {
    switch self {
    case .flatAccount: "flat account"
    case .flat(let contract): "flat \(contract)"
    case .atMost(let contract, let size): "at most \(size) \(contract)"
    case .noNewExposure: "no new exposure"
    case .cancelled(let order): "order \(order) cancelled"
    }
  }
}

extension TargetEnd {
  var summary: String {
    switch self {
    case .episode: "proven"
    case .at(let instant): "\(instant.nanosSinceEpoch / Instant.nanosPerSecond)"
    case .dailyReset(let date): "daily reset of \(date)"
    case .permanent: "an administrator ends it"
    case .configuration: "the configuration changes"
    case .tradingRestored: "the venue lets the account trade"
    case .sessionStart: "the session starts"
    case .evaluationRestored: "the rules can be evaluated"
    }
  }
}

extension EnforcementStep.Action {
  var summary: String {
    switch self {
    case .close(let contract): "close \(contract)"
    case .reduce(let contract, let size): "reduce \(contract) by \(size)"
    case .cancel(let order): "cancel order \(order)"
    case .shrinkOrder(let order, let size): "shrink order \(order) to \(size)"
    }
  }
}

extension EnforcementStep.Outcome {
  var summary: String {
    switch self {
    case .accepted: "accepted"
    case .refused(let category): "refused: \(category)"
    case .unknown(let reason): "unknown: \(reason)"
    }
  }
}

extension Notice {
  var sentence: String {
    switch self {
    case .accountUnprotectable(let account, let reason):
      "Account \(account) is not protected: \(reason)"
    case .contractUnknown(let account, let contract):
      "Account \(account) holds \(contract), which is not known yet; its money rules wait"
    case .markStale(let account, let contract):
      "No price of \(contract), which account \(account) holds"
    case .markBack(let account, let contract):
      "There are prices of \(contract) again for account \(account)"
    case .canTradeUnknown(let account):
      "The venue does not say whether account \(account) can trade"
    case .printHeld(let contract, let price):
      "The price \(price) of \(contract) is far from the last one and waits to be confirmed"
    }
  }
}
