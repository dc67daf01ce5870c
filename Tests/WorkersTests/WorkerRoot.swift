import Foundation
import RiskTestKit
import Settings
import Testing

/// A root folder with the demonstration's configuration.
struct WorkerRoot {
  let folder = TemporaryFolder("riskd-workers")

  init() throws {
    for name in ["config", "data", "run"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    for name in ["config.yaml", "risk_config.yaml", "accounts.yaml"] {
      try write("config/\(name)", Self.demonstration(name))
    }
    try write(".env", Self.demonstration("env.example"))
  }

  var path: String { folder.path }

  func write(_ name: String, _ text: String) throws {
    let made = FileManager.default.createFile(
      atPath: folder.file(name), contents: Data(text.utf8),
      attributes: [.posixPermissions: 0o600])
    try #require(made)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  func replace(_ old: String, with new: String, in name: String) throws {
    let text = try text(name)
    try #require(text.contains(old))
    try write(name, text.replacing(old, with: new))
  }

  func settings() throws -> (RiskdSettings, VenueCredentials) {
    switch SettingsLoader.load(root: path, environment: [:]) {
    case .accepted(let settings, let credentials, _): return (settings, credentials)
    case .rejected(let problems):
      throw Rejection(text: ConfigurationReport.text(problems: problems))
    }
  }

  struct Rejection: Error {
    var text: String
  }

  private static func demonstration(_ name: String) throws -> String {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: root.appending(path: "config/demo/\(name)"), encoding: .utf8)
  }
}
