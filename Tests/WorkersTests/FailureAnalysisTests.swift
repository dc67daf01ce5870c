import ControlPlane
import Foundation
import MetricsStore
import PeerProtocol
import ProcessControl
import RiskModel
import RiskTestKit
import Supervision
import Testing

@testable import Workers

/// `riskctl failure analyze` on folders as a roll-back leaves them, and on a root.
@Suite struct FailureAnalysisTests {
  private let folder = TemporaryFolder("riskd-failure")

  private func write(_ name: String, _ text: String) throws {
    let path = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(
      at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: path, atomically: false, encoding: .utf8)
  }

  private func entry(
    _ seconds: Int64, _ event: HistoryEntry.Event, _ text: String, worker: WorkerName? = nil,
    life: Int64? = nil, isCounted: Bool? = nil
  ) throws -> String {
    let moment = Moment(
      monotonic: MonotonicInstant(nanos: 0), boot: BootInstant(nanos: 0),
      civil: Sample.morning + .seconds(seconds))
    let entry = HistoryEntry(
      at: moment, event, worker: worker, life: life, isCounted: isCounted, text: text)
    return String(decoding: try MessageCoder().encode(entry), as: UTF8.self) + "\n"
  }

  private func journal(
    _ seconds: Int64, priority: Int, _ text: String, id: MessageID? = nil,
    worker: String = "gateway"
  ) -> String {
    let microseconds = (Sample.morning + .seconds(seconds)).nanosSinceEpoch / 1_000
    let kind = id.map { ",\"MESSAGE_ID\":\"\($0.rawValue)\"" } ?? ""
    return "{\"__REALTIME_TIMESTAMP\":\"\(microseconds)\",\"PRIORITY\":\"\(priority)\","
      + "\"MESSAGE\":\"\(text)\",\"WORKER\":\"\(worker)\"\(kind)}\n"
  }

  private func analyze() -> String {
    let outcome = FailureAnalysis.outcome(of: folder.path, asJSON: false)
    #expect(outcome.code == .yes)
    return outcome.output
  }

  @Test func `a release that dies in a loop`() throws {
    defer { folder.remove() }
    var history = try entry(0, .supervisorStarted, "riskd 1.2 started")
    for death in 0..<4 {
      history += try entry(
        Int64(10 + death * 30), .death, "the evaluator died: SIGSEGV", worker: .evaluator,
        isCounted: true)
    }
    history += try entry(101, .crashLoop, "more than 3 deaths of evaluator in 600 s")
    try write("history.jsonl", history + "torn {\n")
    try write(
      "journal_failed.jsonl",
      journal(5, priority: 3, "The session token cannot be stored")
        + journal(10, priority: 4, "the evaluator died: SIGSEGV", id: .death, worker: "supervisor")
        + journal(60, priority: 4, "account 1001 differs", id: .accountDiffered))
    #expect(
      analyze() == """
        history.jsonl: 6 records, 1 lines that cannot be read
        journal_failed.jsonl: 3 records
        from 2026-11-18T16:00:00.000Z to 2026-11-18T16:01:41.000Z

        first error: 2026-11-18T16:00:05.000Z gateway: The session token cannot be stored

        starts and deaths: 5
          2026-11-18T16:00:00.000Z  supervisor: riskd 1.2 started
          2026-11-18T16:00:10.000Z  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:00:40.000Z  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:01:10.000Z  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:01:40.000Z  evaluator: the evaluator died: SIGSEGV

        warnings and errors:
          1  accountDiffered
          1  death
          1  gateway

        criteria of a roll-back:
          ❌ 1 more than 3 crashes within 10 minutes: 4 crashes from 2026-11-18T16:00:10.000Z to \
        2026-11-18T16:01:40.000Z (and 1 more)
          ❌ 2 critical errors: token or API: 2026-11-18T16:00:05.000Z gateway: The session token \
        cannot be stored
          ❌ 3 data loss: positions or orders missing: 2026-11-18T16:01:00.000Z gateway: account \
        1001 differs
          ⏳ 4 event latency above 100 ms: there are no metrics
          ⏳ 5 security hole: a person decides; ops/security-report shows what is known
          ✅ 6 rules do not enforce: no target that could not be reached

        time line:
          2026-11-18T16:00:00.000Z  NOTICE  supervisor: riskd 1.2 started
          2026-11-18T16:00:05.000Z  ERROR  gateway: The session token cannot be stored
          2026-11-18T16:00:10.000Z  WARNING  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:00:40.000Z  WARNING  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:01:00.000Z  WARNING  gateway: account 1001 differs
          2026-11-18T16:01:10.000Z  WARNING  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:01:40.000Z  WARNING  evaluator: the evaluator died: SIGSEGV
          2026-11-18T16:01:41.000Z  ERROR  supervisor: more than 3 deaths of evaluator in 600 s

        met: 1, 2, 3; probable cause: gateway: The session token cannot be stored

        """)
  }

  private func criteria() throws -> [RollBackCriterion.Verdict] {
    FailureReport(folder.path).criteria.map(\.verdict)
  }

  @Test func `a root with log files and metrics`() throws {
    defer { folder.remove() }
    let line =
      """
      {"timestamp":"2026-11-18T16:00:02.000Z","level":"ERROR","logger":"enforcer",\
      "message":"not reached","messageId":"\(MessageID.targetFailing.rawValue)","context":{}}
      {"timestamp":"2026-11-18T16:00:01.000Z","level":"INFO","logger":"gateway",\
      "message":"Token Manager: Token valid","context":{}}

      """
    try write("logs/daemon.log", line)
    try write("logs/errors.log", String(line.split(separator: "\n")[0]) + "\n")
    try write("data/history.jsonl", try entry(0, .supervisorStarted, "started"))
    let store = try MetricsStore(path: folder.file("data/metrics.db"))
    try store.record([
      StoredMetric(
        at: Sample.morning, name: "event_processing_latency_p95", label: "",
        millionths: 100_000_000)
    ])
    let report = FailureReport(folder.path)
    #expect(report.files.map(\.unread) == [0, 0, 0])
    #expect(report.counts == ["targetFailing": 1], "a record of both files counts once")
    #expect(report.criteria.map(\.verdict) == [.notMet, .notMet, .notMet, .notMet, .unknown, .met])
    try store.record([
      StoredMetric(
        at: Sample.morning, name: "event_processing_latency_p95", label: "",
        millionths: 100_000_001)
    ])
    store.close()
    #expect(try criteria()[3] == .met)
    try write("data/audit.log", "not a record\n")
    #expect(try criteria()[4] == .met)
  }

  @Test func `crashes far apart, and of the supervisor itself`() throws {
    defer { folder.remove() }
    var history = ""
    for index in 0..<4 {
      history += try entry(
        Int64(index * 201), .death, "died", worker: .gateway, isCounted: true)
    }
    try write("history.jsonl", history)
    #expect(try criteria()[0] == .notMet, "the fourth is 603 s after the first")
    // Started again without a stop: the supervisor died, too.
    history = try entry(-9, .supervisorStarted, "started") + history
    try write("history.jsonl", history + (try entry(300, .supervisorStarted, "started")))
    #expect(try criteria()[0] == .met)
    try write(
      "history.jsonl",
      history + (try entry(299, .stopped, "stopped"))
        + (try entry(300, .supervisorStarted, "started")))
    #expect(try criteria()[0] == .notMet)
  }

  @Test(arguments: ["+00:00", "+0000", "Z"])
  func `lines of journalctl where there is nothing better`(zone: String) throws {
    defer { folder.remove() }
    try write(
      "errors_failed.log",
      "2026-11-18T16:00:03.500000\(zone) host riskd[12]: evaluator: The database is lost\n"
        + "Nov 18 16:00:04 host riskd[12]: of an older form\n")
    try write("daemon_failed.log", "2026-11-18T16:00:01\(zone) host riskd[12]: gateway: up\n")
    let report = FailureReport(folder.path)
    #expect(
      report.firstError
        == FailureReport.Moment(
          at: "2026-11-18T16:00:03.500Z", level: "error", source: "riskd",
          text: "evaluator: The database is lost"))
    #expect(report.files.map(\.unread) == [1, 0])
    #expect(report.criteria[2].verdict == .met)
  }

  @Test func `an empty folder tells nothing, and no folder is an error`() throws {
    defer { folder.remove() }
    let text = analyze()
    #expect(text.hasPrefix("nothing to read: no history, no journal, no log\n"))
    #expect(text.hasSuffix("no criterion of a roll-back is met\n"))
    #expect(try Set(criteria()) == [.unknown])
    let outcome = FailureAnalysis.outcome(of: folder.file("none"), asJSON: true)
    #expect(outcome.code == .environment)
    let json = FailureAnalysis.outcome(of: folder.path, asJSON: true).output
    #expect(json.contains(#""files":[]"#))
    #expect(json.contains(#""number":6,"verdict":"unknown""#))
  }
}
