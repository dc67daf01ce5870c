import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Testing

@testable import Supervision
@testable import Workers

/// What `riskctl config validate` and `riskctl status` print, to the letter, and how they end. With
/// RISKD_WRITE_PAGES=1 the test writes what it compares with.
@Suite struct PrintedOutputTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  private func check(_ outcome: ControlPlane.CommandOutcome, _ name: String, root: String? = nil)
    throws
  {
    var text =
      "exit code \(outcome.code.rawValue)\n--- standard output\n\(outcome.output)"
      + "--- standard error\n\(outcome.complaint)"
    if let root { text = text.replacing(root, with: "ROOT") }
    text = text.replacing(LibraryCheck().line, with: "✅ Environment: VERSIONS")
    let file = Self.golden.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["RISKD_WRITE_PAGES"] == "1" {
      try FileManager.default.createDirectory(at: Self.golden, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let kept = try? String(contentsOf: file, encoding: .utf8)
    #expect(kept == text, "\(name) is not what is printed:\n\(text)")
  }

  struct Configuration: Sendable, CustomTestStringConvertible {
    var name: String
    var change: @Sendable (WorkerRoot) throws -> Void

    init(_ name: String, _ change: @escaping @Sendable (WorkerRoot) throws -> Void) {
      self.name = name
      self.change = change
    }

    var testDescription: String { name }
  }

  private static let main = "config/config.yaml"
  private static let rules = "config/risk_config.yaml"

  static let configurations: [Configuration] = [
    Configuration("good") { _ in },
    Configuration("notices") {
      try $0.replace("api:\n", with: "api:\n  userAgent: \"me\"\n", in: main)
    },
    Configuration("wrong-type") {
      try $0.replace("api:\n", with: "api:\n  timeout: fast\n", in: main)
      try $0.replace("limit: 5 ", with: "limit: \"five\" ", in: rules)
    },
    Configuration("out-of-range") {
      try $0.replace("api:\n", with: "supervision: {crashDeaths: 0}\napi:\n", in: main)
      try $0.replace("limit: 5 ", with: "limit: 0 ", in: rules)
    },
    Configuration("misspelling") {
      try $0.replace("api:\n", with: "api:\n  timeuot: 5\n", in: main)
      try $0.replace("limit: 5 ", with: "limmit: 5 ", in: rules)
      try $0.replace("name: \"SIM-50K-1001\"", with: "nam: \"x\"", in: "config/accounts.yaml")
    },
    Configuration("key-missing") { try $0.replace("    limit: 5 ", with: "    # ", in: rules) },
    Configuration("key-twice") {
      try $0.replace(
        "api:\n", with: "logging: {level: INFO}\nlogging: {level: INFO}\napi:\n", in: main)
    },
    Configuration("keys-that-contradict") {
      try $0.replace(
        "signalr:\n", with: "signalr:\n  health:\n    pingTimeout: 30000\n", in: main)
    },
    Configuration("no-yaml") { try $0.write(rules, "rules: [\n") },
    Configuration("file-missing") {
      try FileManager.default.removeItem(atPath: $0.folder.file(rules))
    },
    Configuration("secrets-missing") { try $0.write(".env", "TOPSTEPX_USERNAME=somebody\n") },
    Configuration("secret-malformed") {
      try $0.write(
        ".env",
        "TOPSTEPX_API_KEY=demo-key\nTOPSTEPX_USERNAME=demo\nTOKEN_ENCRYPTION_KEY=hex:12\n")
    },
    Configuration("modes") {
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o644], ofItemAtPath: $0.folder.file(".env"))
    },
    Configuration("simulator-in-production") {
      try $0.replace("devMode: true", with: "devMode: false", in: main)
    },
    Configuration("bad-alert") {
      try $0.write(
        "config/monitoring.yaml",
        """
        monitoring:
          alerts:
            rules:
              - {name: "A", condition: "memory_usage > 150", severity: warning, message: "m"}

        """)
    },
    Configuration("bad-holiday") {
      try $0.write("config/holidays.yaml", "holidays: [2026-13-01]\n")
    },
    Configuration("bad-log") {
      try $0.write("config/logging.yaml", "logging:\n  files: {daemon: {level: LOUD}}\n")
    },
  ]

  /// What is wrong with the machine or the way to the files.
  static let places: [Configuration] = [
    Configuration("folders-made-later") {
      for name in ["logs", "backups"] {
        try FileManager.default.removeItem(atPath: $0.folder.file(name))
      }
    },
    Configuration("folder-missing") {
      try FileManager.default.removeItem(atPath: $0.folder.file("config"))
    },
    Configuration("folder-is-a-file") {
      try FileManager.default.removeItem(atPath: $0.folder.file("data"))
      try $0.write("data", "")
    },
    // A mode keeps root from nothing; what is no file can be read by nobody.
    Configuration("file-unreadable") {
      try FileManager.default.removeItem(atPath: $0.folder.file(rules))
      try FileManager.default.createDirectory(
        atPath: $0.folder.file(rules), withIntermediateDirectories: false)
    },
    Configuration("file-is-a-loop") {
      try FileManager.default.removeItem(atPath: $0.folder.file("config/accounts.yaml"))
      try FileManager.default.createSymbolicLink(
        atPath: $0.folder.file("config/accounts.yaml"), withDestinationPath: "accounts.yaml")
    },
    Configuration("secrets-unreadable") {
      try FileManager.default.removeItem(atPath: $0.folder.file(".env"))
      try FileManager.default.createDirectory(
        atPath: $0.folder.file(".env"), withIntermediateDirectories: false)
    },
  ]

  @Test func `libraries that are not there are judged in these words`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let libraries = LibraryCheck(
      database: { () throws(StoreError) -> String in throw .missing(file: "libsqlite3") },
      cipher: { nil })
    try check(
      ConfigurationCheck.run(root: root.path, libraries: libraries), "validate-environment",
      root: root.path)
    try root.write(Self.rules, "rules: [\n")
    try check(
      ConfigurationCheck.run(root: root.path, libraries: libraries),
      "validate-environment-and-file", root: root.path)
  }

  struct Online: Sendable, CustomTestStringConvertible {
    var name: String
    var change: @Sendable (inout SimulatedVenueConfiguration) -> Void

    init(
      _ name: String, _ change: @escaping @Sendable (inout SimulatedVenueConfiguration) -> Void
    ) {
      self.name = name
      self.change = change
    }

    var testDescription: String { name }
  }

  static let venues: [Online] = [
    Online("good") { _ in },
    Online("key-refused") { $0.key = "another-key" },
    Online("account-not-listed") { $0.accounts.removeLast() },
    Online("account-of-another-name") { $0.accounts[1].account.name = "SOMETHING ELSE" },
    Online("account-that-cannot-trade") { $0.accounts[0].account.canTrade = false },
  ]

  @Test(arguments: venues)
  func `what the venue says is judged in these words`(_ online: Online) throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.accounts = [1001, 1002].map {
      TradingAccount(id: AccountID($0), name: "SIM-50K-\($0)")
    }
    online.change(&configuration)
    let venue = try SimulatedVenueServer.start(configuration)
    defer { venue.stop() }
    try judge("online-\(online.name)", at: venue.baseURL)
  }

  @Test func `a venue that is not there is judged in these words`() throws {
    try judge("online-unreachable", at: "http://127.0.0.1:1")
  }

  /// The end of the token differs from run to run, and why nobody listens is the system's word.
  private func judge(_ name: String, at address: String) throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    try root.replace(
      "baseUrl: \"http://127.0.0.1:8080\"", with: "baseUrl: \"\(address)\"", in: Self.main)
    var outcome = ConfigurationCheck.run(root: root.path, online: true)
    outcome.output = outcome.output.replacing(
      /valid until [0-9: -]+ UTC/, with: "valid until TIME UTC")
    outcome.output = outcome.output.replacing(
      /no connection to the venue: .*/, with: "no connection to the venue: REASON")
    try check(outcome, "validate-\(name)", root: root.path)
  }

  @Test(arguments: configurations + places)
  func `a configuration is judged in these words`(_ configuration: Configuration) throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    for name in ["logs", "backups"] {
      try FileManager.default.createDirectory(
        atPath: root.folder.file(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    try configuration.change(root)
    try check(
      ConfigurationCheck.run(root: root.path), "validate-\(configuration.name)", root: root.path)
  }

  private struct Oracle: ControlAuthority {
    let answer: Result<ControlReply, ControlError>

    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      try answer.get()
    }
  }

  struct Status: Sendable, CustomTestStringConvertible {
    var name: String
    var report: StatusReport

    init(
      _ name: String, _ state: OverallState = .running,
      _ change: (inout StatusReport) -> Void = { _ in }
    ) {
      self.name = name
      report = Self.good
      report.state = state
      change(&report)
    }

    var testDescription: String { name }

    private static let good = StatusReport(
      state: .running, since: "2026-11-23T12:00:00.000Z", time: "2026-11-23T18:00:00.000Z",
      version: "1.2.3", release: StatusReport.Release(id: "2026.11.22", state: .good),
      isReady: true,
      workers: [
        worker(.enforcer, 101, [.verdict]), worker(.evaluator, 102, [.feed, .verdict]),
        worker(.gateway, 103, [.feed]), worker(.monitor, 104, []),
      ],
      deathsInWindow: 0, windowSeconds: 600,
      canary: StatusReport.Canary(
        isLost: false, total: 2_160, latencyMicroseconds: 812, ageSeconds: 4))

    private static func worker(
      _ name: WorkerName, _ pid: Int32, _ links: [LinkName]
    ) -> StatusReport.Worker {
      StatusReport.Worker(
        name: name, state: .ready, pid: pid, since: "2026-11-23T12:00:00.000Z",
        uptimeSeconds: 21_600, life: 1, deathsInWindow: 0,
        links: links.map { StatusReport.Link(name: $0, epoch: 1, isConfirmed: true) },
        progress: WorkerProgress(loops: 9, inputs: 1_234, outputs: 56, backlog: 0),
        answerMilliseconds: 1)
    }
  }

  static let statuses: [Status] = [
    Status("running"),
    Status("starting", .starting) {
      $0.isReady = false
      $0.canary = nil
      for index in 1..<4 {
        $0.workers[index].state = index == 1 ? .starting : .waiting
        $0.workers[index].progress = nil
        $0.workers[index].answerMilliseconds = nil
      }
      for index in 2..<4 {
        $0.workers[index].pid = nil
        $0.workers[index].uptimeSeconds = nil
        $0.workers[index].life = 0
      }
    },
    Status("degraded", .degraded) {
      $0.configuration = "config/config.yaml:3: api.timeout: is \"fast\"; the accepted one runs"
      $0.deathsInWindow = 1
      $0.workers[1].state = .pausing
      $0.workers[1].pid = nil
      $0.workers[1].uptimeSeconds = nil
      $0.workers[1].deathsInWindow = 1
      $0.workers[1].lastCause = "signal 11 (SIGSEGV)"
      $0.workers[1].lastDeath = "2026-11-23T17:59:59.000Z"
      $0.workers[1].links[0].isConfirmed = false
      $0.workers[2].degraded = "the market hub is not connected"
      $0.canary?.isLost = true
    },
    Status("safe-mode", .safeMode) {
      $0.deathsInWindow = 4
      $0.crashLoop = StatusReport.Evidence(
        scope: "evaluator", allowedDeaths: 3, windowSeconds: 600,
        since: "2026-11-23T17:50:00.000Z",
        deaths: (0..<4).map {
          StatusReport.EvidenceDeath(
            worker: .evaluator, time: "2026-11-23T17:4\($0):00.000Z", cause: "exit 1")
        })
    },
    Status("safe-mode-of-the-gate", .safeMode) {
      $0.release.state = .bad
      $0.safeModeReason = "both releases are bad"
    },
    Status("on-trial") {
      $0.release.state = .trial
      $0.release.probation = StatusReport.Probation(
        healthySeconds: 61, neededSeconds: 300, canaries: 6, neededCanaries: 20)
    },
    Status("test-clock") {
      $0.testClock = StatusReport.TestClock(
        anchor: "2026-11-23T11:00:00.000Z", offsetMilliseconds: 3_600_000, ratePerMille: 900_000)
    },
    Status("stopping", .stopping) { $0.problem = "the watchdog of systemd is not fed" },
  ]

  @Test(arguments: statuses)
  func `a state is told in these words`(_ status: Status) throws {
    let commands = OperatorCommands(Oracle(answer: .success(.status(status.report))))
    try check(commands.status(.text(.plain)), "status-\(status.name)")
    try check(commands.status(.json), "status-\(status.name)-json")
  }

  @Test func `whatever keeps riskd from being asked is told in these words`() throws {
    let errors: [ControlError] = [
      .notRunning(path: "run/control.sock"), .forbidden(path: "run/control.sock"),
      .pathTooLong(path: "run/control.sock"), .notASocket(path: "run/control.sock"),
      .unavailable(path: "run/control.sock", problem: "connect: No buffer space available"),
      .timedOut, .closedEarly, .replyTooLong(limit: 65_536), .replyUnreadable("no JSON"),
    ]
    let refusals: [ControlRefusal.Code] = [
      .malformed, .oversized, .busy, .refused, .timedOut, .failed,
    ]
    let answers: [Result<ControlReply, ControlError>] =
      errors.map { .failure($0) }
      + refusals.map { .success(.error(ControlRefusal($0, "\($0.rawValue), as riskd says it"))) }
    var text = ""
    for answer in answers {
      let outcome = OperatorCommands(Oracle(answer: answer)).status(.text(.plain))
      text += "\(outcome.code.rawValue) \(outcome.complaint)"
    }
    try check(CommandOutcome(.yes, output: text), "status-errors")
  }
}
