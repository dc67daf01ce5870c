import AuditLog
import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules

/// The evaluator's decisions in the audit log.
final class AuditDesk: EvaluatorAudit {
  /// A text of the log has at most 2,000 bytes, and a configuration more.
  private static let pieceLength = 1_900

  private let recorder: AuditRecorder
  private let coder = MessageCoder()
  /// The ends of targets say what they end.
  private var standing: [TargetID: Target]

  init(_ recorder: AuditRecorder, standing: [TargetID: Target]) {
    self.recorder = recorder
    self.standing = standing
  }

  func record(_ decisions: [AuditedDecision], at instant: Instant) {
    recorder.record(decisions.flatMap { entries($0, instant) })
  }

  /// Something that is no decision of the engine.
  func record(_ what: String, _ detail: [String: String], at instant: Instant) {
    recorder.record([entry(what, detail, instant)])
  }

  private func entry(_ what: String, _ detail: [String: String], _ at: Instant) -> AuditEntry {
    AuditEntry(at: at, who: "evaluator", what: what, detail: detail)
  }

  private func entries(_ decision: AuditedDecision, _ at: Instant) -> [AuditEntry] {
    switch decision {
    case .adopted(let target):
      standing[target.id] = target
      let what = target.isLockout ? "lockout.begun" : "target.adopted"
      return [entry(what, detail(of: target), at)]
    case .ended(let id, let ending):
      let target = standing.removeValue(forKey: id)
      var detail = ["target": "\(id)", "ending": ending.rawValue]
      detail["account"] = target.map { "\($0.account)" }
      detail["rule"] = target?.cause.rule.rawValue
      return [entry(target?.isLockout == true ? "lockout.ended" : "target.ended", detail, at)]
    case .breach(let breach):
      let detail = [
        "account": "\(breach.account)", "rule": breach.rule.rawValue,
        "code": breach.reason.code, "reason": breach.reason.sentence,
        "target": "\(breach.target)",
      ]
      return [entry("breach", detail, at)]
    case .dailyReset(let account, let ended, let realized):
      let detail = ["account": "\(account)", "ended": "\(ended)", "realized": "\(realized)"]
      return [entry("daily.reset", detail, at)]
    case .configured(let configuration):
      // One for each account: what one record holds is bounded, and the number of accounts is not.
      let accounts = configuration.keys.sorted()
      return accounts.map { account in
        var detail = detail(of: configuration[account])
        detail["account"] = "\(account)"
        detail["accounts"] = accounts.map { "\($0)" }.joined(separator: " ")
        return entry("configuration.changed", detail, at)
      }
    case .reconciled:
      return [entry("record.reconciled", [:], at)]
    case .administered(.endLockout(let id, let who)):
      return [entry("lockout.end.asked", ["target": "\(id)", "by": who], at)]
    }
  }

  private func detail(of target: Target) -> [String: String] {
    [
      "target": "\(target.id)", "account": "\(target.account)",
      "rule": target.cause.rule.rawValue, "code": target.cause.reason.code,
      "goal": text(target.goal), "end": text(target.end),
    ]
  }

  private func detail(of configuration: RiskConfiguration?) -> [String: String] {
    let rules = configuration?.enabledRules ?? []
    var detail = ["rules": rules.map(\.rawValue).joined(separator: " ")]
    var rest = Substring(text(configuration))
    var number = 1
    while !rest.isEmpty {
      detail[number == 1 ? "configuration" : "configuration.\(number)"] =
        String(rest.prefix(Self.pieceLength))
      rest = rest.dropFirst(Self.pieceLength)
      number += 1
    }
    return detail
  }

  private func text(_ value: some Encodable) -> String {
    guard let bytes = try? coder.encode(value) else {
      preconditionFailure("Invariant: what the journal holds can be encoded")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
