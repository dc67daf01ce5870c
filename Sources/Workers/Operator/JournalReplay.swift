import AuditLog
package import ControlPlane
import FoundationEssentials
import Glibc
import PeerProtocol
import ProcessControl
import RiskModel
import RiskRules
import Settings
import Store

/// `riskctl replay verify`: the journal through a fresh engine, its decisions against the recorded
/// ones.
package enum JournalReplay {
  /// What a replay showed. The JSON form is an interface: keys are only ever added.
  struct Report: Equatable, Codable {
    var release: String
    var engine: Int
    /// The first and last input that were applied, 0 for none.
    var first: Int64
    var last: Int64
    var inputs: Int64
    /// Inputs that led to decisions.
    var decided: Int64
    /// SHA-256 over the decisions as canonical JSON, in order, each behind its ordinal.
    var digest: String
    /// Inputs that could not be recorded; replay goes on from the checkpoint behind them.
    var gaps: [Gap]
    var divergence: Divergence?

    struct Gap: Equatable, Codable {
      var after: Int64
      var resumedAt: Int64
    }

    struct Divergence: Equatable, Codable {
      var ordinal: Int64
      var recorded: String
      var replayed: String
    }
  }

  /// Verifies the journal of a root folder; riskd may be running.
  package static func verify(root: String, asJSON: Bool) -> CommandOutcome {
    do {
      let path = databasePath(root)
      let store = try Store.open(
        path: path, readOnly: true, inspection: .none, now: SystemClock().now())
      let report = try run(store)
      return CommandOutcome(
        report.divergence == nil ? .yes : .no, output: try text(of: report, asJSON))
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  static func databasePath(_ root: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    guard
      case .accepted(let settings, _, _) = SettingsLoader.load(
        root: root, environment: environment)
    else { return root + "/data/risk_manager.db" }
    let path = settings.database.path
    return path.hasPrefix("/") ? path : "\(root)/\(path)"
  }

  /// Applies the journal from its beginning, or from the oldest checkpoint where the beginning is
  /// gone, to the first decision that differs.
  static func run(_ store: Store) throws -> Report {
    let coder = MessageCoder()
    var cursor = store.readJournal(from: 0)
    var engine = RiskEngine()
    let digest = RunningDigest()
    var report = Report(
      release: RiskdVersion.release, engine: RiskdVersion.engine, first: 0, last: 0, inputs: 0,
      decided: 0, digest: "", gaps: [])
    while let row = try cursor.next() {
      if row.ordinal != engine.state.ordinal + 1 {
        guard let state = try resumption(store, coder, from: row.ordinal) else { break }
        if report.inputs > 0 {
          report.gaps.append(
            Report.Gap(after: engine.state.ordinal, resumedAt: state.ordinal + 1))
        }
        engine = RiskEngine(state: state)
        cursor = store.readJournal(from: state.ordinal + 1)
        continue
      }
      let effects = engine.apply(try StoreJournal.input(of: row, coder), at: row.at)
      if report.inputs == 0 { report.first = row.ordinal }
      report.last = row.ordinal
      report.inputs += 1
      let bytes = effects.isEmpty ? nil : try coder.encode(effects)
      if let bytes {
        report.decided += 1
        digest.add(Array("\(row.ordinal)".utf8) + bytes)
      }
      guard bytes == row.effects else {
        report.divergence = Report.Divergence(
          ordinal: row.ordinal, recorded: readable(row.effects), replayed: readable(bytes))
        break
      }
    }
    report.digest = RunningDigest.text(digest.finish())
    return report
  }

  /// The state of the oldest checkpoint from which the journal goes on at or behind an input.
  private static func resumption(
    _ store: Store, _ coder: MessageCoder, from ordinal: Int64
  ) throws -> EngineState? {
    for checkpoint in try store.checkpoints().reversed() where checkpoint.ordinal >= ordinal - 1 {
      return try coder.decode(EngineState.self, from: checkpoint.state)
    }
    return nil
  }

  private static func readable(_ effects: [UInt8]?) -> String {
    effects.map { String(decoding: $0, as: UTF8.self) } ?? "none"
  }

  private static func text(of report: Report, _ asJSON: Bool) throws -> String {
    if asJSON {
      return String(decoding: try MessageCoder().encode(report), as: UTF8.self) + "\n"
    }
    var lines = [
      "inputs \(report.first)...\(report.last): \(report.inputs) applied, "
        + "\(report.decided) led to decisions"
    ]
    for gap in report.gaps {
      lines.append("inputs \(gap.after + 1)...\(gap.resumedAt - 1) could not be recorded")
    }
    if let divergence = report.divergence {
      lines.append("DIFFERENT at input \(divergence.ordinal)")
      lines.append("  recorded: \(divergence.recorded)")
      lines.append("  replayed: \(divergence.replayed)")
    } else {
      lines.append("same decisions, digest \(report.digest)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
