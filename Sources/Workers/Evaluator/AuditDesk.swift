import AuditLog
import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules

/// The evaluator's decisions in the audit log.
final class AuditDesk: EvaluatorAudit {
  private let recorder: AuditRecorder
  private let coder = MessageCoder()
  /// The ends of targets say what they end.
  private var standing: [TargetID: Target]

  init(_ recorder: AuditRecorder, standing: [TargetID: Target]) {
    self.recorder = recorder
    self.standing = standing
  }

  func record(_ decisions: [AuditedDecision], at instant: Instant) {
    recorder.record(decisions.map { entry($0, instant) })
  }

  /// Something that is no decision of the engine.
  func record(_ what: String, _ detail: [String: String], at instant: Instant) {
    recorder.record([entry(what, detail, instant)])
  }

  private func entry(_ what: String, _ detail: [String: String], _ at: Instant) -> AuditEntry {
    AuditEntry(at: at, who: "evaluator", what: what, detail: detail)
  }

  private func entry(_ decision: AuditedDecision, _ at: Instant) -> AuditEntry {
    switch decision {
    case .adopted(let target):
      standing[target.id] = target
      return entry(
        target.isLockout ? "lockout.begun" : "target.adopted", detail(of: target), at)
    case .ended(let id, let ending):
      let target = standing.removeValue(forKey: id)
      var detail = ["target": "\(id)", "ending": ending.rawValue]
      detail["account"] = target.map { "\($0.account)" }
      detail["rule"] = target?.cause.rule.rawValue
      return entry(target?.isLockout == true ? "lockout.ended" : "target.ended", detail, at)
    case .breach(let breach):
      return entry(
        "breach",
        [
          "account": "\(breach.account)", "rule": breach.rule.rawValue,
          "code": breach.reason.code, "reason": breach.reason.sentence,
          "target": "\(breach.target)",
        ], at)
    case .dailyReset(let account, let ended, let realized):
      return entry(
        "daily.reset",
        ["account": "\(account)", "ended": "\(ended)", "realized": "\(realized)"], at)
    case .configured(let configuration):
      return entry("configuration.changed", detail(of: configuration), at)
    case .reconciled:
      return entry("record.reconciled", [:], at)
    case .administered(.endLockout(let id, let who)):
      return entry("lockout.end.asked", ["target": "\(id)", "by": who], at)
    }
  }

  private func detail(of target: Target) -> [String: String] {
    [
      "target": "\(target.id)", "account": "\(target.account)",
      "rule": target.cause.rule.rawValue, "code": target.cause.reason.code,
      "goal": text(target.goal), "end": text(target.end),
    ]
  }

  private func detail(of configuration: [AccountID: RiskConfiguration]) -> [String: String] {
    let accounts = configuration.keys.sorted()
    let rules = accounts.map { id in
      "\(id): \(configuration[id]?.enabledRules.map(\.rawValue).joined(separator: " ") ?? "")"
    }
    let pairs = accounts.map { [text($0), text(configuration[$0])] }
    return [
      "rules": rules.joined(separator: "; "), "configuration": text(pairs),
    ]
  }

  private func text(_ value: some Encodable) -> String {
    guard let bytes = try? coder.encode(value) else {
      preconditionFailure("Invariant: what the journal holds can be encoded")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
