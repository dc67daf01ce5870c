import Logging
import PeerProtocol
import RiskModel
import RiskRules

/// What the evaluator writes to its log once a turn is committed; never before, and never in the
/// way of a decision.
enum LogRecord {
  case evaluated(VenueEvent)
  case unknown(AccountID, reason: String)
  case missed(AccountID, SourceDifference)
  case hub(Hub, isConnected: Bool)
  case adopted(Target)
  case ended(TargetID, TargetEnding)
  case restored(Target, reentries: Int)
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
    case .missed(let account, let difference):
      logger.notice(
        "State Reconciler: account \(account): \(difference)",
        metadata: ["account": "\(account)", "cause": "\(ReadCause.start.rawValue)"])
    case .hub(let hub, let isConnected):
      logger.info(
        "Hub \(isConnected ? "delivers" : "is silent")", metadata: ["hub": "\(hub.rawValue)"])
    case .adopted(let target):
      logger.notice(
        "Target adopted",
        metadata: [
          "target": "\(target.id)", "account": "\(target.account)",
          "rule": "\(target.cause.rule.rawValue)", "goal": "\(target.goal.summary)",
          "until": "\(target.end.summary)", "message_id": .id(.targetAdopted),
        ])
    case .ended(let id, let ending):
      logger.notice(
        "Target ended",
        metadata: [
          "target": "\(id)", "ending": "\(ending.rawValue)", "message_id": .id(.targetEnded),
        ])
    case .restored(let target, let reentries):
      logger.notice(
        "Lockout restored",
        metadata: [
          "target": "\(target.id)", "account": "\(target.account)",
          "rule": "\(target.cause.rule.rawValue)", "goal": "\(target.goal.summary)",
          "until": "\(target.end.summary)", "reentries": "\(reentries)",
        ])
    case .breach(let breach):
      logger.warning(
        "\(breach.reason.sentence)",
        metadata: [
          "account": "\(breach.account)", "rule": "\(breach.rule.rawValue)",
          "reason": "\(breach.reason.code)", "target": "\(breach.target)",
          "message_id": .id(.breach),
        ])
    case .reentry(let account, let target, let contract, let count):
      logger.warning(
        "Exposure came back while it is locked out",
        metadata: [
          "account": "\(account)", "contract": "\(contract)", "target": "\(target)",
          "count": "\(count)", "message_id": .id(.reentry),
        ])
    case .dailyReset(let account, let ended, let realized):
      logger.notice(
        "Daily reset",
        metadata: [
          "account": "\(account)", "ended": "\(ended)", "realized": "\(realized)",
          "message_id": .id(.dailyReset),
        ])
    case .notice(let notice):
      logger.log(level: notice.level, "\(notice.sentence)", metadata: notice.metadata)
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
          "message_id": .id(.targetProven),
        ])
    case .failing(let target, let passes, let problem):
      logger.critical(
        "The target is not reached yet; it is tried again",
        metadata: [
          "target": "\(target)", "passes": "\(passes)", "problem": "\(problem)",
          "message_id": .id(.targetFailing),
        ])
    }
  }
}

extension Logger.MetadataValue {
  static func id(_ message: MessageID) -> Self { .string(message.rawValue) }
}

extension LogRecord {
  /// What of it is kept for good.
  var audited: AuditedDecision? {
    switch self {
    case .adopted(let target): .adopted(target)
    case .ended(let id, let ending): .ended(id, ending)
    case .breach(let breach): .breach(breach)
    case .dailyReset(let account, let ended, let realized):
      .dailyReset(account, ended: ended, realized: realized)
    case .evaluated, .unknown, .missed, .hub, .reentry, .restored, .notice, .step, .proven,
      .failing:
      nil
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
    case .protected(let contract, let stop): "\(contract) protected at \(stop.price)"
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
    case .shrinkOrder(let order, let size): "resize order \(order) to \(size)"
    case .placeStop(let contract, let size, let price):
      "place a stop for \(size) \(contract) at \(price)"
    case .moveStop(let order, let price): "move stop \(order) to \(price)"
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
  var metadata: Logger.Metadata {
    switch self {
    case .accountUnprotectable(let account, _), .canTradeUnknown(let account),
      .reentriesRepeated(let account, _, _), .stopsUnconfirmed(let account, _, _):
      ["account": "\(account)"]
    case .approaching(let account, let distance):
      [
        "account": "\(account)", "rule": "\(distance.rule.rawValue)",
        "percent": "\(distance.percent)", "grade": "\(distance.grade.rawValue)",
        "message_id": .id(.limitNear),
      ]
    case .accountDiffered(let account, .start, let count):
      // Nobody listened: that is no loss of events.
      ["account": "\(account)", "cause": "\(ReadCause.start.rawValue)", "count": "\(count)"]
    case .accountDiffered(let account, let cause, let count):
      [
        "account": "\(account)", "cause": "\(cause.rawValue)", "count": "\(count)",
        "message_id": .id(.accountDiffered),
      ]
    case .contractUnknown(let account, let contract), .contractMissing(let account, let contract),
      .markStale(let account, let contract), .markBack(let account, let contract):
      ["account": "\(account)", "contract": "\(contract)"]
    case .printHeld(let contract, _):
      ["contract": "\(contract)"]
    }
  }

  /// How much a person should mind.
  var level: Logger.Level {
    switch self {
    case .stopsUnconfirmed(_, _, let failures): failures >= 3 ? .critical : .warning
    case .reentriesRepeated, .contractMissing: .critical
    case .approaching(_, let distance): distance.grade == .close ? .warning : .notice
    case .accountDiffered(_, let cause, _): cause.explainsDifferences ? .notice : .warning
    case .markBack: .notice
    case .accountUnprotectable, .contractUnknown, .markStale, .canTradeUnknown, .printHeld: .warning
    }
  }

  var sentence: String {
    switch self {
    case .accountUnprotectable(let account, let reason):
      "Account \(account) is not protected: \(reason)"
    case .contractUnknown(let account, let contract):
      "Account \(account) holds \(contract), which is not known yet; its money rules wait"
    case .contractMissing(let account, let contract):
      "The venue does not tell what a tick of \(contract) is worth, which account \(account) holds; "
        + "its money rules cannot be evaluated"
    case .markStale(let account, let contract):
      "No price of \(contract), which account \(account) holds"
    case .markBack(let account, let contract):
      "There are prices of \(contract) again for account \(account)"
    case .canTradeUnknown(let account):
      "The venue does not say whether account \(account) can trade"
    case .printHeld(let contract, let price):
      "The price \(price) of \(contract) is far from the last one and waits to be confirmed"
    case .accountDiffered(let account, let cause, let count):
      "Account \(account) had \(count) changes that no event told, found because of "
        + "\(cause.rawValue)"
    case .approaching(let account, let distance):
      "Account \(account) is at \(distance.percent) % of \(distance.rule.key)"
        + "\(distance.subject.suffix): \(distance)"
    case .stopsUnconfirmed(let account, let problem, let failures):
      "The working orders of account \(account) cannot be read (\(failures) in a row: \(problem)); "
        + "a position without a known stop is not closed before they are"
    case .reentriesRepeated(let account, let target, let count):
      "Account \(account) was entered \(count) times within ten minutes against lockout \(target)"
    }
  }
}

extension Distance.Subject {
  var suffix: String {
    switch self {
    case .account: ""
    case .contract(let contract): " in \(contract)"
    case .root(let root): " in \(root)"
    }
  }
}
