import Foundation
import Logging
import RiskModel
import RiskTestKit
import Settings
import Supervision
import SupervisorRole
import Testing

@testable import Workers

/// The configuration of a start and of reloads.
@Suite struct ConfigurationFilesTests {
  private struct Surprise: Error {
    var text: String
  }

  private func start(
    _ root: WorkerRoot
  ) throws -> (running: RunningSettings, problem: String?) {
    switch ConfigurationFiles.start(root: root.path, environment: [:]) {
    case .with(let running, let problem, _): return (running, problem)
    case .impossible(let problems):
      throw Surprise(text: ConfigurationReport.text(problems: problems))
    }
  }

  private func files(_ root: WorkerRoot) throws -> ConfigurationFiles {
    let files = ConfigurationFiles(
      root: root.path, environment: [:], running: try start(root).running,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    files.keepAccepted(try start(root).running.settings)
    return files
  }

  private func accepted(_ files: ConfigurationFiles) throws -> NewConfiguration {
    switch files.readAnew() {
    case .accepted(let new): return new
    case .rejected(let problems): throw Surprise(text: "\(problems)")
    }
  }

  @Test func `secrets that were changed behind a credential wait for a restart`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let credential = root.folder.file("run/riskd.env")
    try root.write("run/riskd.env", root.text(".env"))
    let environment = ["CREDENTIALS_DIRECTORY": root.folder.file("run")]
    guard
      case .with(let running, nil, _) = ConfigurationFiles.start(
        root: root.path, environment: environment)
    else { throw Surprise(text: "no start") }
    let files = ConfigurationFiles(
      root: root.path, environment: environment, running: running,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    func date(_ path: String, _ seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
    try date(credential, 2_000)
    try date(root.folder.file(".env"), 1_000)
    #expect(try accepted(files).needsRestart == [])
    try root.replace("demo-key", with: "other-key", in: ".env")
    let new = try accepted(files)
    #expect(new.needsRestart == [".env (systemctl restart riskd)"])
    #expect(new.affected.isEmpty)
    try FileManager.default.removeItem(atPath: root.folder.file(".env"))
    try root.write("config/riskd.env.encrypted", "sealed")
    #expect(
      try accepted(files).needsRestart == ["config/riskd.env.encrypted (systemctl restart riskd)"])
    #expect(
      SettingsLoader.unseenSecrets(root: root.path, environment: [:]) == [],
      "without a credential .env itself is read")
  }

  @Test func `an unchanged configuration concerns nobody`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let new = try accepted(files(root))
    #expect(new.affected.isEmpty && new.needsRestart.isEmpty)
    #expect(Set(new.settings.keys) == Set(WorkerName.allCases))
  }

  @Test(arguments: [
    ("config/risk_config.yaml", "limit: 5 ", "limit: 6 ", [WorkerName.evaluator], []),
    (
      "config/risk_config.yaml", "blocked_symbols: [\"RTY\"]", "blocked_symbols: [\"NQ\"]",
      [.evaluator], []
    ),
    ("config/config.yaml", "delays: [0, 250", "delays: [0, 300", [.gateway, .enforcer], []),
    (".env", "demo-key", "other-key", [.gateway, .enforcer], []),
    (
      "config/accounts.yaml", "SIM-50K-1002", "SIM-50K-1003", [.gateway, .enforcer], []
    ),
    (
      "config/config.yaml", "format: \"text\"", "format: \"json\"", WorkerName.allCases,
      ["logging (of the supervisor)"]
    ),
    (
      "config/config.yaml", "development:",
      "database:\n  path: \"data/other.db\"\ndevelopment:", [], ["database.path"]
    ),
    (
      "config/config.yaml", "development:",
      "supervision:\n  crashDeaths: 5\ndevelopment:", [], ["supervision"]
    ),
    (
      "config/config.yaml", "development:",
      "system:\n  startup:\n    connectTimeout: 20000\ndevelopment:", [.gateway],
      ["system.startup.connectTimeout"]
    ),
  ])
  func `a change concerns those who use it`(
    file: String, old: String, new: String, affected: [WorkerName], needsRestart: [String]
  ) throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let files = try files(root)
    try root.replace(old, with: new, in: file)
    let configuration = try accepted(files)
    #expect(configuration.affected == Set(affected))
    #expect(configuration.needsRestart == needsRestart)
    // Nothing is new the second time, but for what still waits for a restart.
    let again = try accepted(files)
    #expect(again.affected.isEmpty)
    #expect(again.needsRestart == needsRestart.filter { $0 == "database.path" })
  }

  @Test func `the database stays the one of the start`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let files = try files(root)
    try root.replace(
      "development:", with: "database:\n  path: \"data/other.db\"\ndevelopment:",
      in: "config/config.yaml")
    let briefing = try WorkerBriefing.decode(
      #require(try accepted(files).settings[.evaluator]))
    #expect(briefing.settings.database.path == root.folder.file("data/risk_manager.db"))
    // The next start takes the one that was accepted.
    #expect(
      AcceptedConfiguration.load(root: root.path)?.settings.database.path
        == root.folder.file("data/other.db"))
  }

  @Test func `a folder that has no data yet can be started in again`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    try FileManager.default.removeItem(atPath: root.folder.file("data"))
    _ = try files(root)
    let made = try FileManager.default.attributesOfItem(atPath: root.folder.file("data"))
    #expect(made[.posixPermissions] as? Int == 0o700)
    _ = try start(root)
  }

  @Test func `a rejected configuration says everything and changes nothing`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let files = try files(root)
    let kept = try root.text("data/accepted/settings.json")
    try root.replace("limit: 5 ", with: "limit: none ", in: "config/risk_config.yaml")
    try root.replace("delays:", with: "delay:", in: "config/config.yaml")
    guard case .rejected(let problems) = files.readAnew() else {
      Issue.record("it was accepted")
      return
    }
    #expect(problems.count == 2)
    #expect(problems[0].hasPrefix("config/config.yaml:"))
    #expect(problems[1].hasPrefix("config/risk_config.yaml:"))
    #expect(try root.text("data/accepted/settings.json") == kept)
  }

  @Test func `an unusable configuration at the start gives way to the accepted one`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let first = try start(root)
    #expect(first.problem == nil)
    _ = try files(root)
    try root.replace("limit: 5 ", with: "limit: none ", in: "config/risk_config.yaml")
    let second = try start(root)
    #expect(second.running == first.running)
    let problem = try #require(second.problem)
    #expect(problem.hasPrefix("the configuration is not usable (1 problem, config/risk_config"))
    #expect(problem.contains("the one accepted at 20"))
    // Secrets are not kept.
    let text = try root.text("data/accepted/settings.json")
    #expect(!text.contains("demo-key") && !text.contains("d891ede0"))
    #expect(try mode(root.folder.file("data/accepted/settings.json")) == 0o600)
    #expect(try mode(root.folder.file("data/accepted")) == 0o700)
    try root.write(".env", "")
    guard
      case .impossible(let problems) = ConfigurationFiles.start(
        root: root.path, environment: [:])
    else {
      Issue.record("it started without secrets")
      return
    }
    #expect(problems.contains { $0.file == ".env" })
  }

  @Test(arguments: [
    "", "{}", "{\"version\":2}", "{\"version\":1,\"acceptedAt\":\"x\"}",
  ])
  func `what cannot be read is not kept`(text: String) throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    _ = try files(root)
    try root.write("data/accepted/settings.json", text)
    #expect(AcceptedConfiguration.load(root: root.path) == nil)
    try root.replace("limit: 5 ", with: "limit: none ", in: "config/risk_config.yaml")
    guard case .impossible = ConfigurationFiles.start(root: root.path, environment: [:]) else {
      Issue.record("it started")
      return
    }
  }

  @Test func `what another root accepted is not this one's`() throws {
    let root = try WorkerRoot()
    let copy = try WorkerRoot()
    defer {
      root.folder.remove()
      copy.folder.remove()
    }
    _ = try files(root)
    _ = try files(copy)
    try copy.write("data/accepted/settings.json", root.text("data/accepted/settings.json"))
    #expect(AcceptedConfiguration.load(root: root.path) != nil)
    #expect(AcceptedConfiguration.load(root: copy.path) == nil)
  }

  @Test func `a configuration that cannot be kept is in force all the same`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let files = ConfigurationFiles(
      root: root.path, environment: [:], running: try start(root).running,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try root.write("data/accepted", "in the way")
    try root.replace("limit: 5 ", with: "limit: 6 ", in: "config/risk_config.yaml")
    #expect(try accepted(files).affected == [.evaluator])
    #expect(AcceptedConfiguration.load(root: root.path) == nil)
  }

  @Test func `the evaluator is told no secret, and nobody the password`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let briefings = try start(root).running.briefings(root: root.path)
    let evaluator = try #require(briefings[.evaluator])
    #expect(try WorkerBriefing.decode(evaluator).credentials == nil)
    for secret in ["demo-key", "\"demo\"", "$2b$", "216,145"] {
      #expect(!evaluator.contains(secret), "\(secret)")
    }
    for worker in [WorkerName.gateway, .enforcer] {
      let briefing = try WorkerBriefing.decode(#require(briefings[worker]))
      #expect(briefing.credentials?.apiKey.revealed == "demo-key")
      #expect(briefing.credentials?.adminPasswordHash == nil)
    }
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}
