import Checklist
import ControlPlane
import Foundation
import MetricsStore
import ProcessControl
import RiskModel
import RiskTestKit
import Settings
import Store
import Supervision
import Testing

@testable import Workers

/// What the checks look at, read from a real folder.
@Suite struct ChecklistReaderTests {
  /// Nobody who answers.
  private struct Silence: ControlAuthority {
    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      throw .notRunning(path: "run/control.sock")
    }
  }

  private func reader(_ root: WorkerRoot) -> ChecklistReader {
    ChecklistReader(
      root: root.path, authority: Silence(), environment: [:],
      unit: { _ in
        .seen(
          UnitFacts(
            activeState: "active", subState: "running", user: "riskd", unitFileState: "enabled",
            restarts: 0))
      }, trader: { _ in .seen(TraderFacts(accounts: 2, positions: 0, orders: 0)) })
  }

  private func root() throws -> WorkerRoot {
    let root = try WorkerRoot()
    for name in ["logs", "backups"] {
      try FileManager.default.createDirectory(
        atPath: root.folder.file(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    return root
  }

  private func line(_ moment: Instant, _ message: String, level: String = "INFO") -> String {
    #"{"timestamp":"\#(stamp(moment))","level":"\#(level)","logger":"gateway","#
      + #""message":"\#(message)","context":{}}"# + "\n"
  }

  private func stamp(_ moment: Instant) -> String {
    let date = Date(timeIntervalSince1970: TimeInterval(moment.nanosSinceEpoch / 1_000_000_000))
    return date.formatted(.iso8601).replacing("Z", with: ".000Z")
  }

  private func seconds(_ moment: Instant) -> Instant {
    Instant(secondsSinceEpoch: moment.nanosSinceEpoch / 1_000_000_000)
  }

  @Test func `the file that midnight put aside is known by its records`() throws {
    let root = try root()
    defer { root.folder.remove() }
    let now = SystemClock().now()
    let zone = TimeZoneRule.chicago
    let midnight = zone.instant(
      of: TimeOfDay(hour: 0, minute: 0), on: zone.localTime(of: now).date)
    let start =
      #"{"timestamp":"\#(stamp(midnight - .seconds(40_000)))","level":"INFO","#
      + #""logger":"supervisor","message":"riskd","#
      + #""messageId":"\#(MessageID.supervisorStarted.rawValue)","context":{}}"#
    try root.write(
      "logs/daemon.log.1", start + "\n" + line(midnight - .seconds(20), "Health check passed"))
    try root.write("logs/daemon.log", line(midnight + .seconds(10), "Health check passed"))
    try root.write("logs/errors.log.1", line(midnight - .seconds(9_000), "an error"))
    let found = try line("18", of: .day, root)
    // In the first minutes of a day nothing is said yet.
    #expect(found.verdict == (now - midnight > .seconds(360) ? .pass : .early), "\(found.evidence)")
    try root.write("logs/errors.log.1", "")
    let empty = try #require(reader(root).read().archivedLogs.value?.last)
    #expect(empty == LogArchiveFacts(name: "errors.log.1", problem: "it has no records"))
  }

  @Test func `a monitor that nobody asked to end has crashed`() {
    func entry(_ worker: WorkerName, _ cause: CauseOfDeath) -> HistoryEntry {
      let moment = Moment(
        monotonic: MonotonicInstant(nanos: 0), boot: BootInstant(nanos: 0),
        civil: Instant(secondsSinceEpoch: 1_795_456_800))
      return HistoryEntry(
        at: moment, .death, worker: worker, cause: "\(cause)", isCounted: false, text: "")
    }
    for cause in [
      CauseOfDeath.signal(9), .signal(11), .outOfMemory, .exit(code: 0), .channelClosed,
      .hang(.silent(milliseconds: 5_000)),
    ] {
      #expect(entry(.monitor, cause).isUncountedCrash, "\(cause)")
    }
    for cause in [CauseOfDeath.deliberate(reason: "riskctl"), .shutdown, .exit(code: 76)] {
      #expect(!entry(.monitor, cause).isUncountedCrash, "\(cause)")
    }
    #expect(!entry(.gateway, .exit(code: CauseOfDeath.venueDownCode)).isUncountedCrash)
  }

  @Test func `log files are looked at as they are`() throws {
    let root = try root()
    defer { root.folder.remove() }
    #expect(chmod(root.folder.file("logs"), 0o755) == 0)
    try root.write("logs/daemon.log", line(SystemClock().now(), "Health check passed"))
    #expect(chmod(root.folder.file("logs/daemon.log"), 0o644) == 0)
    let good = try line("pre.logging", of: .pre, root)
    #expect(good.verdict == .pass, "\(good.evidence)")
    #expect(good.evidence.contains("api WARNING") && good.evidence.contains("last record of"))
    try root.write(
      "config/logging.yaml", "logging: {files: {daemon: {level: WARNING}}}\n")
    #expect(
      try line("pre.logging", of: .pre, root).evidence == "daemon leaves out what is below WARNING")
    try FileManager.default.removeItem(atPath: root.folder.file("config/logging.yaml"))
    #expect(chmod(root.folder.file("logs/daemon.log"), 0o666) == 0)
    #expect(
      try line("pre.logging", of: .pre, root).evidence == "logs/daemon.log has mode 666")
    try FileManager.default.removeItem(atPath: root.folder.file("logs/daemon.log"))
    symlink("/dev/null", root.folder.file("logs/daemon.log"))
    #expect(try line("pre.logging", of: .pre, root).evidence == "logs/daemon.log is not a file")
    try FileManager.default.removeItem(atPath: root.folder.file("logs"))
    #expect(try line("pre.logging", of: .pre, root).verdict == .fail)
  }

  private func line(_ id: String, of phase: Check.Phase, _ root: WorkerRoot) throws
    -> ChecklistReport.Line
  {
    let report = ChecklistReport(phase, reader(root).read())
    return try #require(report.checks.first { $0.id == id })
  }

  @Test func `a folder without riskd says that it cannot be seen`() throws {
    let root = try root()
    let facts = reader(root).read()
    #expect(facts.startedAt == nil)
    let report = ChecklistReport(.immediate, facts)
    #expect(!report.passed)
    let first = try #require(report.checks.first)
    #expect(first.verdict == .fail)
    #expect(first.evidence.contains("cannot be seen: "))
  }

  @Test func `logs are searched with what was put aside, in order`() throws {
    let root = try root()
    let now = SystemClock().now()
    let start =
      #"{"timestamp":"\#(stamp(now - .seconds(7_200)))","level":"INFO","logger":"supervisor","#
      + #""message":"riskd","messageId":"\#(MessageID.supervisorStarted.rawValue)","context":{}}"#
    try root.write(
      "logs/daemon.log.1", start + "\n" + line(now - .seconds(7_100), "Health check passed"))
    try root.write(
      "logs/daemon.log",
      line(now - .seconds(20), "SignalR Manager: Connected to User Hub")
        + "\(stamp(now - .seconds(10))) ERROR   gateway: Health check failed: disk_space  a=b\n")
    let facts = reader(root).read()
    let log = try #require(facts.daemonLog.value)
    #expect(log[.healthCheck].times.count == 2)
    #expect(log[.healthCheckFailed].text == "Health check failed: disk_space  a=b")
    #expect(log[.error].times.count == 1)
    #expect(log[.crash].times.isEmpty)
    #expect(facts.startedAt.map { now - $0 < .seconds(7_202) } == true)
    #expect(facts.archivedLogs.value?.map(\.name) == ["daemon.log", "daemon.log.1"])
    #expect(facts.archivedLogs.value?.allSatisfy { $0.problem == nil } == true)
    #expect(facts.archivedLogs.value?.last?.last == seconds(now - .seconds(7_100)))
    // Nobody has written an error, so nobody has made the file.
    #expect(facts.errorLog.value == LogTally())
    #expect(try line("3", of: .immediate, root).verdict == .pass)
    #expect(try line("9", of: .hour, root).verdict == .fail)
  }

  @Test func `an error of the log of errors fails its line`() throws {
    let root = try root()
    let now = SystemClock().now()
    try root.write(
      "logs/daemon.log",
      #"{"timestamp":"\#(stamp(now - .seconds(60)))","level":"INFO","logger":"supervisor","#
        + #""message":"riskd","messageId":"\#(MessageID.supervisorStarted.rawValue)"}"# + "\n")
    #expect(try line("5", of: .immediate, root).verdict == .pass)
    try root.write(
      "logs/errors.log", line(now - .seconds(5), "the venue refuses", level: "ERROR"))
    let found = try line("5", of: .immediate, root)
    #expect(found.verdict == .fail)
    #expect(found.evidence == "1 error: the venue refuses")
  }

  @Test func `database, backups, audit log and metrics are read`() throws {
    let root = try root()
    #expect(try line("pre.database", of: .pre, root).verdict == .early)
    let now = SystemClock().now()
    let path = root.folder.file("data/risk_manager.db")
    try Store.open(path: path, now: now).close()
    #expect(try line("pre.database", of: .pre, root).verdict == .pass)
    #expect(try line("pre.backup", of: .pre, root).verdict == .fail)
    let backups = BackupFolder(path: root.folder.file("backups"))
    try backups.make(from: path, at: now, keep: 3)
    #expect(try line("pre.backup", of: .pre, root).verdict == .pass)
    try Data("no database".utf8).write(to: URL(filePath: backups.files[0]))
    #expect(try line("rollback.backup", of: .rollback, root).verdict == .fail)
    #expect(try line("rollback.security", of: .rollback, root).verdict == .early)
    let metrics = try MetricsStore(path: root.folder.file("data/metrics.db"))
    try metrics.record([
      StoredMetric(at: now, name: "memory_usage_mb", label: "", millionths: 41_000_000),
      StoredMetric(
        at: now, name: "event_processing_latency_p95", label: "", millionths: 140_000_000),
    ])
    metrics.close()
    let facts = try #require(reader(root).read().metrics.value)
    #expect(facts.memory.map(\.millionths) == [41_000_000])
    #expect(try line("rollback.latency", of: .rollback, root).verdict == .fail)
  }

  @Test func `modes and secrets in files are found`() throws {
    let root = try root()
    #expect(try line("pre.modes", of: .pre, root).verdict == .pass)
    #expect(try line("pre.folders", of: .pre, root).verdict == .pass)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: root.folder.file("backups"))
    #expect(
      try line("pre.modes", of: .pre, root).evidence == "backups has 755 and wants 700")
    let (_, credentials) = try root.settings()
    let key = credentials.tokenEncryptionKey.revealed
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(try line("pre.exposure", of: .pre, root).verdict == .pass)
    try root.write("logs/api.log", "the key is \(key)\n")
    #expect(try line("pre.exposure", of: .pre, root).evidence == "a secret in logs/api.log")
  }

  @Test(arguments: ["sm7p-pa55word-0001", "https://hooks.example/services/T0/s3cret"])
  func `the secrets of the alerts' channels are searched for too`(secret: String) throws {
    let root = try root()
    let environment = try String(contentsOfFile: root.folder.file(".env"), encoding: .utf8)
    try root.write(
      ".env", environment + "SMTP_USERNAME=somebody\nSMTP_PASSWORD=sm7p-pa55word-0001\n")
    try root.write(
      "config/monitoring.yaml",
      """
      monitoring:
        alerts:
          channels:
            - type: "webhook"
              enabled: true
              url: "https://hooks.example/services/T0/s3cret"

      """)
    #expect(try line("pre.exposure", of: .pre, root).verdict == .pass, "it is in its own place")
    try root.write("logs/daemon.log", "posted to \(secret)\n")
    #expect(try line("pre.exposure", of: .pre, root).evidence == "a secret in logs/daemon.log")
  }

  @Test func `a start that no stop went before is unplanned`() {
    func entry(_ second: Int64, _ event: HistoryEntry.Event) -> HistoryEntry {
      let moment = Moment(
        monotonic: MonotonicInstant(nanos: 0), boot: BootInstant(nanos: 0),
        civil: Instant(secondsSinceEpoch: 1_795_456_800 + second))
      return HistoryEntry(at: moment, event, text: "")
    }
    let history = [
      entry(0, .supervisorStarted), entry(1, .death), entry(2, .supervisorStarted),
      entry(3, .stopAsked), entry(4, .stopped), entry(5, .supervisorStarted),
    ]
    #expect(history.unplannedStarts == [history[2]])
  }

  @Test func `a file that cannot be searched for secrets is not clean`() throws {
    let root = try root()
    let link = root.folder.file("logs/gone.log")
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "/nowhere/gone.log")
    let blind = try line("pre.exposure", of: .pre, root)
    #expect(blind.verdict == .fail)
    #expect(blind.evidence.contains("\(link): No such file or directory"))
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.removeItem(atPath: root.folder.file("logs"))
    #expect(try line("pre.exposure", of: .pre, root).verdict == .fail)
  }

  @Test func `the demonstration is no production`() throws {
    let root = try root()
    let report = ChecklistReport(.pre, reader(root).read())
    func verdict(_ id: String) -> Finding.Verdict? {
      report.checks.first { $0.id == id }?.verdict
    }
    #expect(verdict("pre.configuration") == .pass)
    #expect(verdict("pre.production") == .fail)
    #expect(verdict("pre.encryption") == .fail)
    #expect(verdict("pre.service") == .pass)
    try root.write("config/risk_config.yaml", "rules: [\n")
    #expect(try line("pre.configuration", of: .pre, root).verdict == .fail)
    #expect(try line("pre.monitoring", of: .pre, root).verdict == .fail)
  }

  @Test func `the newest report of the security is read`() throws {
    let root = try root()
    defer { root.folder.remove() }
    var reader = reader(root)
    reader.reports = root.folder.file("reports")
    func find(_ id: String, _ phase: Check.Phase) throws -> ChecklistReport.Line {
      let lines = ChecklistReport(phase, reader.read()).checks
      return try #require(lines.first { $0.id == id })
    }
    #expect(try find("pre.scan", .pre).verdict == .person)
    try FileManager.default.createDirectory(
      atPath: reader.reports, withIntermediateDirectories: false)
    let moment = stamp(SystemClock().now() - .seconds(60)).replacing(".000Z", with: "Z")
    func write(_ name: String, _ findings: String) throws {
      try root.write(
        "reports/\(name)",
        "Security report of riskd, \(moment), here\n\n== modes\nok       fine\n\(findings)"
          + "\nfindings: 1\n")
    }
    try write("security_20260101_000000.txt", "FOUND    config has 777\n")
    #expect(try find("pre.scan", .pre).evidence.hasSuffix(": config has 777"))
    #expect(try find("rollback.vulnerability", .rollback).verdict == .fail)
    try write("security_20260201_000000.txt", "")
    let clean = try find("pre.scan", .pre)
    #expect(clean.verdict == .person)
    #expect(clean.evidence.hasSuffix("found nothing"))
    try root.write("reports/security_20260301_000000.txt", "nothing\n")
    #expect(try find("pre.scan", .pre).evidence.hasSuffix("here, as root: ops/security-report"))
  }

  @Test func `a release to go back to is read from the gate's state`() throws {
    let root = try root()
    #expect(try line("rollback.release", of: .rollback, root).verdict == .fail)
    try FileManager.default.createDirectory(
      atPath: root.folder.file("release"), withIntermediateDirectories: false)
    try root.write("release/state", "current=b\nprevious=a\n")
    #expect(try line("rollback.release", of: .rollback, root).evidence == "a")
  }

  @Test func `the exit code is 1 for what failed, and where asked for what is too early`() throws {
    var facts = ChecklistFacts(now: Instant(secondsSinceEpoch: 1_795_456_800))
    let bad = ChecklistReport(.hour, facts)
    #expect(ChecklistCommand.outcome(bad, asJSON: false, complete: false).code == .no)
    facts.history = .seen(HistoryFacts(startedAt: facts.now - .seconds(30), deaths: []))
    facts.daemonLog = .seen(LogTally())
    facts.metrics = .seen(MetricFacts())
    facts.database = .seen(DatabaseFacts(version: 2, problems: [], bytes: 1, positions: 0))
    let early = ChecklistReport(.hour, facts)
    #expect(early.counts == ["early": 6])
    #expect(ChecklistCommand.outcome(early, asJSON: false, complete: false).code == .yes)
    let strict = ChecklistCommand.outcome(early, asJSON: true, complete: true)
    #expect(strict.code == .no)
    let read = try JSONDecoder().decode(ChecklistReport.self, from: Data(strict.output.utf8))
    #expect(read == early)
  }
}
