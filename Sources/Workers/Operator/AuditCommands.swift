import AuditLog
package import ControlPlane
import FoundationEssentials
import ProcessControl
import RiskModel
import Settings
import Store

/// `riskctl audit verify`.
package enum AuditCommands {
  /// 0 when every record is as it was written and none is missing, 1 with every finding otherwise.
  package static func verify(root: String) -> CommandOutcome {
    do {
      let known = try knownHead(root)
      let found = try AuditVerification(
        AuditLog(path: "\(root)/\(AuditLog.standardName)"), known: known.head)
      let text = "\(found.records) records\(found.head.map { ", the last is \($0)" } ?? "")\n"
      let findings = findings(found, known.problem)
      guard !findings.isEmpty else { return CommandOutcome(.yes, output: text + "intact\n") }
      return CommandOutcome(.no, output: text, complaint: findings.map { "\($0)\n" }.joined())
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  /// Where there are records, a database that cannot be asked for the last one is a finding too:
  /// nobody would see that the end was cut.
  static func findings(_ found: AuditVerification, _ problem: String?) -> [String] {
    let silence = found.records > 0 ? problem : nil
    return found.findings.map { "\($0)" }
      + (silence.map { ["whether the end was cut cannot be seen: \($0)"] } ?? [])
  }

  /// What the database remembers of the log's end. After a restore it remembers an older one.
  static func knownHead(_ root: String) throws -> (head: AuditHead?, problem: String?) {
    var path = "data/risk_manager.db"
    if case .accepted(let settings, _, _) = SettingsLoader.load(
      root: root, environment: ProcessInfo.processInfo.environment)
    {
      path = settings.database.path
    }
    do throws(StoreError) {
      let store = try Store.open(
        path: path.hasPrefix("/") ? path : "\(root)/\(path)", readOnly: true, inspection: .none,
        now: SystemClock().now())
      let head = try store.meta(Bookkeeping.auditHeadName).flatMap { AuditHead($0) }
      try store.close()
      return (head, nil)
    } catch {
      // Before version 2 nothing was remembered, so nothing is missing.
      if case .olderSchema = error { return (nil, nil) }
      return (nil, error.description)
    }
  }
}
