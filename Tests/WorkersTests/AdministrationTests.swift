import Checklist
import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

@testable import Workers

/// What an administrator changes, against a riskd that answers as the test wants.
@Suite struct AdministrationTests {
  private let root: WorkerRoot

  init() throws {
    root = try WorkerRoot()
    try FileManager.default.createDirectory(
      atPath: root.folder.file("backups"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  /// Answers every reload and question for lockouts alike.
  private struct Answering: ControlAuthority {
    var reload: Result<ControlReply, ControlError>
    var lockouts: Result<ControlReply, ControlError> = .success(.lockouts([]))

    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      switch request {
      case .reload: try reload.get()
      case .lockouts: try lockouts.get()
      default: throw .notRunning(path: "nobody")
      }
    }
  }

  private static let accepted = ControlReply.reload(
    ReloadReport(restarted: [.evaluator], needsRestart: ["supervision"], isReady: true))

  private func work(
    _ authority: Answering = Answering(reload: .success(accepted)),
    environment: [String: String] = [:]
  ) -> Administration {
    Administration(
      root: root.path,
      terminal: .init(ask: { _ in nil }, askHidden: { _ in "demo-admin" }),
      authority: authority, environment: environment, isRoot: true)
  }

  private var copies: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.folder.file("backups"))) ?? [])
      .sorted()
  }

  @Test func `a change is written, kept as a copy, taken over and told`() throws {
    let old = try root.text("config/risk_config.yaml")
    chmod(root.folder.file("config/risk_config.yaml"), 0o640)
    let outcome = work().admitted("change") { $0.setRule(.maxContracts, [("limit", "7")]) }
    #expect(outcome.code == .yes, "\(outcome)")
    #expect(outcome.output.contains("riskd runs with it; restarted: evaluator\n"))
    #expect(outcome.output.contains("supervision counts after a restart of riskd\n"))
    let new = try root.text("config/risk_config.yaml")
    #expect(new == old.replacing("limit: 5  ", with: "limit: 7  "))
    #expect(copies.count == 1)
    let copy = root.folder.file("backups/\(copies.first ?? "")")
    #expect(try String(contentsOfFile: copy, encoding: .utf8) == old)
    for path in [copy, root.folder.file("config/risk_config.yaml")] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o640)
    }
    #expect(try root.text("data/audit.log").contains("limit: 5 -> 7"))
  }

  @Test(arguments: [
    ControlReply.reload(ReloadReport(problems: ["the venue's user is another"])),
    .error(ControlRefusal(.refused, "riskd is stopping")), .history([]),
  ])
  func `what riskd refuses is taken back`(reply: ControlReply) throws {
    let old = try root.text("config/risk_config.yaml")
    let outcome = work(Answering(reload: .success(reply))).setRule(
      .maxContracts, [("limit", "7")])
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains("the old file is back in its place"))
    #expect(try root.text("config/risk_config.yaml") == old)
    #expect(try root.text("data/audit.log").contains("refused by riskd and taken back"))
  }

  @Test(arguments: [
    (
      ControlError.notRunning(path: "x"), ControlPlane.CommandOutcome.Code.yes,
      "counts from its next start"
    ),
    (.timedOut, .timedOut, "riskd did not answer"),
    (.closedEarly, .timedOut, "riskd did not answer"),
  ])
  func `what riskd did not refuse stays`(
    error: ControlError, code: ControlPlane.CommandOutcome.Code, text: String
  ) throws {
    let outcome = work(Answering(reload: .failure(error))).setRule(
      .maxContracts, [("limit", "7")])
    #expect(outcome.code == code)
    #expect((outcome.output + outcome.complaint).contains(text))
    #expect(try root.text("config/risk_config.yaml").contains("limit: 7"))
    let refused = work(Answering(reload: .failure(.forbidden(path: "x")))).setRule(
      .maxContracts, [("limit", "8")])
    #expect(refused.code == .no)
    #expect(try root.text("config/risk_config.yaml").contains("limit: 7"))
  }

  @Test(arguments: [
    ("limit", "0", "from 1 to"), ("limt", "3", "is not a known key"),
    ("count_type", "nett", "write net or gross"), ("a..b", "1", "a..b is no key"),
    ("limit", "two\u{7}", "not printable"), ("", "1", "is no key"),
  ])
  func `what is not valid is not written`(key: String, value: String, problem: String) throws {
    let old = try root.text("config/risk_config.yaml")
    let outcome = work().setRule(.maxContracts, [(key, value)])
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains(problem), "\(outcome)")
    #expect(outcome.complaint.contains("nothing was changed"))
    #expect(try root.text("config/risk_config.yaml") == old)
    #expect(copies.isEmpty)
  }

  @Test func `several fields change together, a default comes back, and the same is no change`()
    throws
  {
    let work = work()
    #expect(work.setRule(.maxContracts, [("limit", "5")]).output.contains("says so already"))
    let set = work.setRule(
      .dailyRealizedProfit, [("enabled", "true"), ("target", "250.00"), ("combined", "false")])
    #expect(set.code == .yes, "\(set)")
    #expect(work.listRules().output.contains("$250.00 a day"))
    #expect(work.setRule(.dailyRealizedProfit, [("combined", nil)]).code == .yes)
    #expect(try !root.text("config/risk_config.yaml").contains("combined"))
    #expect(work.toggleRule(.dailyRealizedProfit).code == .yes)
    #expect(work.showRule(.dailyRealizedProfit).output.contains("enabled        false"))
    #expect(work.resetRule(.dailyRealizedProfit).code == .yes)
    #expect(try !root.text("config/risk_config.yaml").contains("daily_realized_profit"))
  }

  @Test func `a file that is not understood is left to a person`() throws {
    let text = try root.text("config/risk_config.yaml")
    try root.write(
      "config/risk_config.yaml",
      text.replacing(
        "blocked_symbols: [\"RTY\"] ", with: "blocked_symbols: [\"RTY\",\n      \"CL\"] "))
    let outcome = work().toggleRule(.symbolBlocks)
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains("edit the file by hand"), "\(outcome)")
    #expect(copies.isEmpty)
  }

  @Test func `somebody else's change is waited for by nobody`() throws {
    let place = try ConfigurationPlace("config/accounts.yaml", below: root.path)
    let outcome = work().setRule(.maxContracts, [("limit", "7")])
    #expect(outcome.complaint.contains("somebody else is changing a file"))
    withExtendedLifetime(place) {}
  }

  @Test func `only so many copies stay`() throws {
    for number in 10..<50 {
      try root.write("backups/risk_config_20260101_0000\(number).yaml", "old")
    }
    try root.write("backups/risk_manager_20260101_000000.db", "other")
    #expect(work().setRule(.maxContracts, [("limit", "7")]).code == .yes)
    #expect(copies.filter { $0.hasPrefix("risk_config_") }.count == ConfigurationPlace.keptCopies)
    #expect(copies.contains("risk_manager_20260101_000000.db"))
    #expect(!copies.contains("risk_config_20260101_000010.yaml"))
  }

  @Test func `a file that is a link is replaced behind the link`() throws {
    let real = root.folder.file("data/secrets.env")
    try FileManager.default.moveItem(atPath: root.folder.file(".env"), toPath: real)
    try FileManager.default.createSymbolicLink(
      atPath: root.folder.file(".env"), withDestinationPath: real)
    let place = try ConfigurationPlace(".env", below: root.path)
    try place.write(place.text + "LOG_LEVEL=INFO\n", mode: 0o600)
    #expect(try root.text("data/secrets.env").hasSuffix("LOG_LEVEL=INFO\n"))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(
        atPath: root.folder.file(".env")) == real)
    #expect(throws: ConfigurationPlaceError.self) {
      try ConfigurationPlace("config/none.yaml", below: root.path)
    }
  }

  @Test func `an account whose lockouts are not known stays`() throws {
    let hidden = Answering(
      reload: .success(Self.accepted), lockouts: .failure(.timedOut))
    let deaf = Answering(
      reload: .success(Self.accepted), lockouts: .success(Self.accepted))
    for authority in [hidden, deaf] {
      let outcome = work(authority).deleteAccount(1001)
      #expect(outcome.code == .refused)
      #expect(outcome.complaint.contains("cannot be told"))
    }
    let free = Answering(
      reload: .success(Self.accepted), lockouts: .failure(.notRunning(path: "x")))
    #expect(work(free).deleteAccount(1001).code == .yes)
    #expect(try !root.text("config/accounts.yaml").contains("1001"))
    let last = work(free).deleteAccount(1002)
    #expect(last.code == .no, "the last one: \(last)")
    #expect(work(free).deleteAccount(7).complaint.contains("there is no account 7"))
    #expect(work(free).editAccount(1002, .init()).code == .environment)
    #expect(work(free).addAccount(1002, nickname: nil).code == .refused)
  }

  /// No lockout at the first look, one at the next.
  private final class Changing: ControlAuthority {
    private var looks = 0

    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      guard request == .lockouts else { throw .notRunning(path: "nobody") }
      looks += 1
      return looks == 1 ? .lockouts([]) : .error(ControlRefusal(.failed, "busy"))
    }
  }

  @Test func `a lockout that begins meanwhile keeps the account`() throws {
    let old = try root.text("config/accounts.yaml")
    let work = Administration(
      root: root.path, terminal: .init(ask: { _ in nil }, askHidden: { _ in nil }),
      authority: Changing(), environment: [:], isRoot: true)
    let outcome = work.deleteAccount(1001)
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains("account 1001 is locked by now"), "\(outcome)")
    #expect(try root.text("config/accounts.yaml") == old)
  }

  @Test func `credentials are tried first, kept with mode 600, and never shown`() throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.key = "another-key"
    let venue = try SimulatedVenueServer.start(configuration)
    defer { venue.stop() }
    try root.replace(
      "http://127.0.0.1:8080\"", with: venue.baseURL + "\"", in: "config/config.yaml")
    let before = try root.text(".env")
    let wrong = work().configureAuthentication(user: "demo", key: "no-such-key")
    #expect(wrong.code == .no)
    #expect(try root.text(".env") == before)
    let right = work().configureAuthentication(user: "demo", key: "another-key")
    #expect(right.code == .yes, "\(right)")
    #expect(right.output.contains("token valid until"))
    #expect(right.output.contains("no copy of the old .env is kept: a key that was replaced"))
    #expect(try root.text(".env") == before.replacing("demo-key", with: "another-key"))
    let mode = try FileManager.default.attributesOfItem(
      atPath: root.folder.file(".env"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(copies.isEmpty, "secrets are not copied")
    for text in [wrong.output + wrong.complaint, right.output, try root.text("data/audit.log")] {
      #expect(!text.contains("another-key") && !text.contains("no-such-key"))
    }
    #expect(work().configureAuthentication(user: "", key: "x").code == .refused)
    let sealed = work(environment: ["CREDENTIALS_DIRECTORY": "/run/credentials/x"])
    #expect(sealed.configureAuthentication(user: "demo", key: "x").code == .refused)
  }

  private func said(_ what: String) throws -> [String] {
    try root.text("data/audit.log").split(separator: "\n").map(String.init)
      .filter { $0.contains("\"what\":\"\(what)\"") }
  }

  @Test func `who came in and who did not stands in the audit log, also of a look`() throws {
    #expect(work().admitted("see the rules") { $0.listRules() }.code == .yes)
    let entered = try #require(try said("admin.entered").last)
    #expect(entered.contains("\"purpose\":\"see the rules\""), "\(entered)")
    #expect(entered.contains("\"who\":\"riskctl uid \(getuid())\""), "\(entered)")
    #expect(try said("admin.refused").isEmpty)

    var silent = work()
    silent = Administration(
      root: root.path, terminal: .init(ask: { _ in nil }, askHidden: { _ in nil }),
      authority: silent.authority, environment: [:], isRoot: true)
    var isDone = false
    let outcome = silent.admitted("stop riskd") { work in
      isDone = true
      return work.listRules()
    }
    #expect(outcome.code == .refused && !isDone)
    let refused = try #require(try said("admin.refused").last)
    #expect(refused.contains("\"purpose\":\"stop riskd\""), "\(refused)")
    #expect(refused.contains("no password was typed"), "\(refused)")
    #expect(try said("admin.entered").count == 1)
  }

  /// A look is worth more than its record, and says that there is none.
  @Test func `without an audit log who looks is told so`() throws {
    try FileManager.default.createDirectory(
      atPath: root.folder.file("data/audit.log"), withIntermediateDirectories: true)
    let outcome = work().admitted("see the rules") { $0.listRules() }
    #expect(outcome.output.contains("daily_realized_loss"))
    #expect(outcome.complaint.contains("the audit log does not know of this"), "\(outcome)")
  }
}
