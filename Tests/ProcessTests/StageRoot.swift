import Foundation
import Glibc
import RiskTestKit

/// A root folder with a copy of the demonstration's configuration, removed with all that is in it.
struct StageRoot {
  let folder = TemporaryFolder("riskd-stage")

  init(_ options: StageOptions) throws {
    for name in ["config", "data", "logs", "run", "backups"] {
      guard mkdir(folder.file(name), 0o700) == 0 else {
        throw StageFailure("\(folder.file(name)) cannot be made")
      }
    }
    if let size = options.dataMount {
      guard mount("riskd-stage", folder.file("data"), "tmpfs", 0, size + ",mode=700") == 0 else {
        throw StageFailure("no file system at \(folder.file("data"))")
      }
    }
    guard chmod(folder.path, 0o700) == 0 else { throw StageFailure("chmod \(folder.path)") }
    let main = try StageRoot.demonstration("config.yaml", changed: options.mainChanges)
    let rules = try StageRoot.demonstration("risk_config.yaml", changed: options.ruleChanges)
    try write("config/config.yaml", main + "\n" + options.mainLines)
    try write("config/risk_config.yaml", rules)
    try write(
      "config/accounts.yaml", options.accounts ?? StageRoot.demonstration("accounts.yaml"))
    if let holidays = options.holidays { try write("config/holidays.yaml", holidays) }
    try write(".env", StageRoot.demonstration("env.example"))
    for (name, text) in options.files { try write(name, text) }
  }

  var path: String { folder.path }
  var log: String { folder.file("logs/stage.log") }
  var controlSocket: String { folder.file("run/control.sock") }
  var database: String { folder.file("data/risk_manager.db") }
  var memoryLoad: MemoryLoad { MemoryLoad(file: folder.file("logs/memory-load")) }

  func remove() {
    // Nothing is mounted there in most tests.
    umount2(folder.file("data"), Int32(MNT_DETACH))
    folder.remove()
  }

  func write(_ name: String, _ text: String) throws {
    let path = folder.file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StageFailure("\(path) cannot be written") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw StageFailure("\(path) cannot be written")
    }
  }

  func text(_ name: String) -> String {
    guard let data = FileManager.default.contents(atPath: folder.file(name)) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  /// In bytes; 0 of a file that is not there.
  func size(_ name: String) -> Int64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder.file(name))
    return attributes?[.size] as? Int64 ?? 0
  }

  private static func demonstration(
    _ name: String, changed changes: [(old: String, new: String)]
  ) throws -> String {
    var text = try demonstration(name)
    for change in changes {
      guard text.contains(change.old) else {
        throw StageFailure("\(name) of the demonstration has no '\(change.old)'")
      }
      text = text.replacing(change.old, with: change.new)
    }
    return text
  }

  private static func demonstration(_ name: String) throws -> String {
    try shipped("demo/" + name)
  }

  /// A file of config/ as it is shipped.
  static func shipped(_ name: String) throws -> String { try checkedIn("config/" + name) }

  /// A file of the repository.
  static func checkedIn(_ name: String) throws -> String {
    let here = #filePath
    guard let end = here.range(of: "/Tests/ProcessTests/") else {
      throw StageFailure("\(here) is not in Tests/ProcessTests")
    }
    let path = here[..<end.lowerBound] + "/" + name
    guard let data = FileManager.default.contents(atPath: String(path)) else {
      throw StageFailure("\(path) cannot be read")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
