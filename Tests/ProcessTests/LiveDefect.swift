import Foundation
import Glibc
import RiskTestKit

/// One thing that is done to the files of a riskd that runs, the line of the checklist that has to say
/// so, and how it is undone.
struct LiveDefect: Sendable {
  var what: String
  var line: String
  /// Returns what undoes it.
  var make: @Sendable (RiskdStage) throws -> @Sendable () throws -> Void

  static let all = [
    LiveDefect(what: "others may read the database", line: "day.modes") { stage in
      let path = stage.root.database
      try setMode(path, 0o644)
      return { try setMode(path, 0o600) }
    },
    LiveDefect(what: "others may write the logs", line: "day.modes") { stage in
      let path = stage.root.folder.file("logs")
      var status = stat()
      guard stat(path, &status) == 0 else { throw StageFailure("stat") }
      let mode = status.st_mode & 0o7777
      try setMode(path, 0o777)
      return { try setMode(path, mode) }
    },
    LiveDefect(what: "somebody emptied a log that was put aside", line: "18") { stage in
      let path = stage.root.folder.file("logs/api.log.7")
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw StageFailure("create \(path)")
      }
      return { try FileManager.default.removeItem(atPath: path) }
    },
    LiveDefect(what: "the newest backup is damaged", line: "day.backup") { stage in
      let folder = stage.root.folder.file("backups")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      guard let newest = names.filter({ $0.hasSuffix(".db") }).max() else {
        throw StageFailure("no backup")
      }
      return try overwrite("\(folder)/\(newest)", at: 0, with: Array("no database file".utf8))
    },
    LiveDefect(what: "somebody changed the audit log", line: "day.audit") { stage in
      let path = stage.root.folder.file("data/audit.log")
      let text = Array(try Data(contentsOf: URL(filePath: path)))
      let word = Array("evaluator.started".utf8)
      let place = text.indices.first { text[$0...].starts(with: word) }
      guard let place else { throw StageFailure("no start of an evaluator is recorded") }
      return try overwrite(path, at: place, with: [UInt8(ascii: "E")])
    },
  ]

  private static func setMode(_ path: String, _ mode: mode_t) throws {
    guard chmod(path, mode) == 0 else { throw StageFailure("chmod \(path)") }
  }

  private static func overwrite(
    _ path: String, at place: Int, with bytes: [UInt8]
  ) throws -> @Sendable () throws -> Void {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw StageFailure("open \(path)") }
    defer { close(file) }
    var before = [UInt8](repeating: 0, count: bytes.count)
    guard pread(file, &before, before.count, off_t(place)) == before.count,
      pwrite(file, bytes, bytes.count, off_t(place)) == bytes.count
    else { throw StageFailure("write \(path)") }
    let kept = before
    return { _ = try overwrite(path, at: place, with: kept) }
  }
}
