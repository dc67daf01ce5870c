import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import Settings
import SimulatedVenue
import Store
import Testing

@testable import Workers

/// `riskctl config validate`, as it prints.
@Suite struct ConfigurationCheckTests {
  private static let environment = LibraryCheck().line + "\n"

  private func root() throws -> WorkerRoot {
    let root = try WorkerRoot()
    for name in ["logs", "backups"] {
      try FileManager.default.createDirectory(
        atPath: root.folder.file(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    return root
  }

  @Test func `a good configuration gives the six lines`() throws {
    let outcome = ConfigurationCheck.run(root: try root().path)
    #expect(outcome.code == .yes, "\(outcome.complaint)")
    let lines =
      """
      ✅ config.yaml: Valid
      ✅ risk_config.yaml: Valid
      ✅ .env: All required variables present

      """ + Self.environment + """
        ✅ Directories: config/, data/, logs/, backups/ exist
        ✅ Permissions: Correct file permissions set

        """
    #expect(outcome.output.hasPrefix(lines), "\(outcome.output)")
    #expect(outcome.output.hasSuffix("The configuration is valid; accounts: 1001, 1002\n"))
    #expect(outcome.complaint.isEmpty)
  }

  @Test func `each file has its own line, and every problem its own words`() throws {
    let root = try root()
    try root.write("config/risk_config.yaml", "rules: [\n")
    try root.replace("account_id: 1001", with: "account_id: none", in: "config/accounts.yaml")
    try root.write(".env", "TOPSTEPX_USERNAME=somebody\n")
    try FileManager.default.removeItem(atPath: root.folder.file("logs"))
    let outcome = ConfigurationCheck.run(root: root.path)
    #expect(outcome.code == .no)
    #expect(
      outcome.output == """
        ✅ config.yaml: Valid
        ❌ risk_config.yaml: 1 problem
        ❌ .env: 3 problems

        """ + Self.environment + """
          ⏳ Directories: logs/ made at the first start
          ✅ Permissions: Correct file permissions set
          ❌ config/accounts.yaml: 1 problem

          """, "\(outcome.output)\(outcome.complaint)")
    #expect(outcome.complaint.contains("TOPSTEPX_API_KEY: is missing"))
    #expect(outcome.complaint.contains("The configuration is not usable: 5 problems."))
  }

  @Test func `modes are looked at beside files that are not valid`() throws {
    let root = try root()
    try root.write("config/risk_config.yaml", "rules: [\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: root.folder.file("data"))
    let outcome = ConfigurationCheck.run(root: root.path)
    #expect(outcome.output.contains("❌ Permissions: 1 problem\n"), "\(outcome.output)")
    #expect(outcome.complaint.contains("data: has mode 777"))
    #expect(outcome.complaint.contains("The configuration is not usable: 2 problems."))
  }

  @Test func `the file of tokens is looked at where it is`() throws {
    let root = try root()
    try root.replace(
      "signalr:\n", with: "authentication: {storage: {storePath: data/kept.enc}}\nsignalr:\n",
      in: "config/config.yaml")
    try root.write("data/kept.enc", "")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: root.folder.file("data/kept.enc"))
    let outcome = ConfigurationCheck.run(root: root.path)
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains("data/kept.enc: has mode 644"), "\(outcome.complaint)")
  }

  @Test(arguments: [(".env", 0o644), ("config/accounts.yaml", 0o640), ("data", 0o755)])
  func `modes that let others in are a failed check`(name: String, mode: Int) throws {
    let root = try root()
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: root.folder.file(name))
    let outcome = ConfigurationCheck.run(root: root.path)
    #expect(outcome.code == .no)
    #expect(outcome.output.contains("❌ Permissions: 1 problem\n"), "\(outcome.output)")
    #expect(outcome.output.contains("✅ .env: All required variables present\n"))
    #expect(outcome.complaint.contains(name))
  }

  @Test func `the libraries are asked for themselves`() throws {
    let line = LibraryCheck().line
    #expect(
      line.contains(
        /^✅ Environment: riskd [^,]+, engine [0-9]+, SQLite 3\.[0-9.]+, libcrypto 3\.[0-9.]+$/),
      "\(line)")
    let none = LibraryCheck(
      database: { () throws(StoreError) -> String in throw .missing(file: "libsqlite3") },
      cipher: { nil })
    #expect(none.line.hasPrefix("❌ Environment: SQLite: "))
    #expect(none.line.hasSuffix("; libcrypto has no AES-256-GCM"))
  }

  private func online(
    _ change: (inout SimulatedVenueConfiguration) -> Void = { _ in }
  ) throws -> (lines: [String], isGood: Bool) {
    var configuration = SimulatedVenueConfiguration()
    configuration.accounts = [1001, 1002].map {
      TradingAccount(id: AccountID($0), name: "SIM-50K-\($0)")
    }
    change(&configuration)
    let venue = try SimulatedVenueServer.start(configuration)
    defer { venue.stop() }
    let root = try root()
    try root.replace(
      "baseUrl: \"http://127.0.0.1:8080\"", with: "baseUrl: \"\(venue.baseURL)\"",
      in: "config/config.yaml")
    let (settings, credentials) = try root.settings()
    return OnlineCheck(root: root.path, settings: settings, credentials: credentials).run()
  }

  @Test func `the venue is asked for a token and the accounts`() throws {
    let result = try online()
    #expect(result.isGood, "\(result.lines)")
    #expect(result.lines.count == 3)
    #expect(result.lines[0].hasPrefix("✅ Sign-in: the venue gives a token, valid until "))
    #expect(result.lines[1] == "✅ Account 1001: \"SIM-50K-1001\", can trade")
  }

  @Test func `an account that the venue does not know fails the check`() throws {
    let result = try online { $0.accounts.removeLast() }
    #expect(!result.isGood)
    #expect(result.lines.last == "❌ Account 1002: the venue does not list it for this user")
  }

  @Test func `an account of another name fails the check`() throws {
    let result = try online {
      $0.accounts[1] = TradingAccount(id: AccountID(1002), name: "SOMETHING ELSE")
    }
    #expect(!result.isGood)
    #expect(result.lines.last == "❌ Account 1002: the venue calls it \"SOMETHING ELSE\"")
  }

  @Test func `a venue that cannot be reached fails the check`() throws {
    let root = try root()
    try root.replace("127.0.0.1:8080\"", with: "127.0.0.1:1\"", in: "config/config.yaml")
    let (settings, credentials) = try root.settings()
    let result = OnlineCheck(root: root.path, settings: settings, credentials: credentials).run()
    #expect(!result.isGood)
    #expect(result.lines.count == 1)
    #expect(result.lines[0].hasPrefix("❌ Sign-in: "))
  }
}
