import FoundationEssentials
import GRDB
import PeerProtocol
import RiskModel

/// Why a target stands, as its log rows repeat it.
struct TargetCause {
  /// Targets whose cause is remembered; of others it is read again.
  static let limit = 1_000

  var account: AccountID
  var rule: String
  var reason: String

  init(_ target: Target) {
    account = target.account
    rule = target.cause.rule.rawValue
    reason = target.cause.reason.sentence
  }
}

extension Store {
  func noteCauses(_ targets: [Target]) {
    if causes.count > TargetCause.limit { causes = [:] }
    for target in targets { causes[target.id] = TargetCause(target) }
  }

  func record(_ entry: EnforcementRecord, _ db: Database) throws {
    switch entry {
    case .step(let step): try record(step, db)
    case .proven(let target, let summary, let at):
      let cause = try cause(of: target, db)
      try insert(
        at, cause?.account, cause, "proven", true, try coder.encode(summary), summary.duration,
        target, nil, db)
    }
  }

  private func record(_ step: EnforcementStep, _ db: Database) throws {
    struct Details: Encodable {
      var action: EnforcementStep.Action
      var outcome: EnforcementStep.Outcome
    }
    try insert(
      step.sentAt, step.account, try cause(of: step.target, db), step.action.word,
      step.outcome == .accepted,
      try coder.encode(Details(action: step.action, outcome: step.outcome)), step.duration,
      step.target, step.reaction, db)
  }

  private func insert(
    _ at: Instant, _ account: AccountID?, _ cause: TargetCause?, _ action: String,
    _ isSuccess: Bool, _ details: [UInt8], _ duration: TimeSpan, _ target: TargetID,
    _ reaction: TimeSpan?, _ db: Database
  ) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO enforcement_log
        (timestamp, account_id, rule_id, action, reason, success, details, execution_time_ms,
          target, reaction)
        VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?, ?, ?)
        """
    ).execute(
      arguments: [
        at.nanosSinceEpoch, account?.number, cause?.rule, action, cause?.reason, isSuccess,
        Data(details), duration.milliseconds, target.description, reaction?.nanos,
      ])
  }

  private func cause(of id: TargetID, _ db: Database) throws -> TargetCause? {
    if let known = causes[id] { return known }
    let statement = try db.cachedStatement(
      sql: "SELECT CAST(json AS BLOB) FROM targets WHERE id = ?")
    guard let json = try Data.fetchOne(statement, arguments: [id.description]) else { return nil }
    let cause = TargetCause(try coder.decode(Target.self, from: [UInt8](json)))
    causes[id] = cause
    return cause
  }
}

extension EnforcementStep.Action {
  /// The word in the column `action`.
  fileprivate var word: String {
    switch self {
    case .close: "close"
    case .reduce: "reduce"
    case .cancel: "cancel"
    case .shrinkOrder: "shrinkOrder"
    case .placeStop: "placeStop"
    case .moveStop: "moveStop"
    }
  }
}
