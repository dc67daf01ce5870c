import Checklist
import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import Supervision
import Workers

/// What a day has left: the files of its root, and what the supervisor said at its end.
final class RecordedDay {
  /// Answers as the supervisor did.
  struct Authority: ControlAuthority {
    var status: StatusReport
    var history: [HistoryEntry]

    func ask(
      _ request: ControlRequest, timeout: TimeSpan
    ) throws(ControlError) -> ControlReply {
      switch request {
      case .status: .status(status)
      case .history: .history(history)
      default: .error(ControlRefusal(.refused, "this is a record"))
      }
    }
  }

  /// A copy of the day, to be spoilt.
  struct Copy {
    let folder: TemporaryFolder
    var authority: Authority

    func file(_ name: String) -> String { folder.file(name) }

    func report() throws -> ChecklistReport {
      let outcome = ChecklistCommand.run(
        .day, root: folder.path, authority: authority, asJSON: true)
      return try JSONDecoder().decode(ChecklistReport.self, from: Data(outcome.output.utf8))
    }

    /// Changes the lines of every daemon.log.
    func changeLog(_ change: (String) -> String?) throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: file("logs"))
      for name in names.sorted(by: >) where name.hasPrefix("daemon.log") {
        let path = file("logs/\(name)")
        let lines = try String(contentsOfFile: path, encoding: .utf8)
          .split(separator: "\n", omittingEmptySubsequences: true)
        let text = lines.compactMap { change(String($0)) }.map { $0 + "\n" }.joined()
        try text.write(toFile: path, atomically: false, encoding: .utf8)
      }
    }
  }

  private static let kept = ["config", "data", "logs", "backups", ".env"]

  private let folder = TemporaryFolder("riskd-day")
  let authority: Authority

  init(_ root: StageRoot, _ authority: Authority) throws {
    self.authority = authority
    try Self.copy(from: root.path, to: folder.path)
  }

  func remove() { folder.remove() }

  /// As if every event had been decided in two milliseconds.
  func quicken() throws {
    try RawDatabase.change(
      folder.file("data/metrics.db"),
      "UPDATE metrics SET value = 2 WHERE name = 'event_processing_latency_p95'")
  }

  func copied<Result>(_ body: (Copy) throws -> Result) throws -> Result {
    let copy = TemporaryFolder("riskd-day-copy")
    defer { copy.remove() }
    try Self.copy(from: folder.path, to: copy.path)
    return try body(Copy(folder: copy, authority: authority))
  }

  private static func copy(from source: String, to target: String) throws {
    for name in kept {
      // Modes and times stay what they are.
      try FileManager.default.copyItem(
        atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
    }
    try FileManager.default.createDirectory(
      atPath: target + "/run", withIntermediateDirectories: false)
  }
}
