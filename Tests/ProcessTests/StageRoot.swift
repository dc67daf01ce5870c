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
    guard chmod(folder.path, 0o700) == 0 else { throw StageFailure("chmod \(folder.path)") }
    var rules = try StageRoot.demonstration("risk_config.yaml")
    for change in options.ruleChanges {
      guard rules.contains(change.old) else {
        throw StageFailure("risk_config.yaml of the demonstration has no '\(change.old)'")
      }
      rules = rules.replacing(change.old, with: change.new)
    }
    try write(
      "config/config.yaml", StageRoot.demonstration("config.yaml") + "\n" + options.mainLines)
    try write("config/risk_config.yaml", rules)
    try write(
      "config/accounts.yaml", options.accounts ?? StageRoot.demonstration("accounts.yaml"))
    try write(".env", StageRoot.demonstration("env.example"))
  }

  var path: String { folder.path }
  var log: String { folder.file("logs/stage.log") }
  var controlSocket: String { folder.file("run/control.sock") }
  var database: String { folder.file("data/risk_manager.db") }

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

  private static func demonstration(_ name: String) throws -> String {
    let here = #filePath
    guard let end = here.range(of: "/Tests/ProcessTests/") else {
      throw StageFailure("\(here) is not in Tests/ProcessTests")
    }
    let path = here[..<end.lowerBound] + "/config/demo/" + name
    guard let data = FileManager.default.contents(atPath: String(path)) else {
      throw StageFailure("\(path) cannot be read")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
