import ControlPlane
import Foundation
import MetricsStore
import PeerProtocol
import RiskModel
import RiskTestKit
import Testing

@testable import Workers

/// `riskctl metrics analyze` on a database of metrics, as it prints.
@Suite struct MetricsAnalysisTests {
  private let folder = TemporaryFolder("riskd-metrics")

  private struct FixedClock: Clock {
    func now() -> Instant { Sample.morning }
    func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: 0) }
  }

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("data"), withIntermediateDirectories: false)
    let store = try MetricsStore(path: folder.file("data/metrics.db"))
    func value(_ minutes: Int64, _ name: String, _ label: String, _ value: Int64) -> StoredMetric {
      StoredMetric(
        at: Sample.morning - .seconds(minutes * 60), name: name, label: label,
        millionths: value * 100_000)
    }
    // 0.1 to 10 ms within the last day, 100 ms two days ago.
    var values = (1...100).map { value(101 - $0, "event_processing_latency_p95", "", $0) }
    values.append(value(2 * 1_440, "event_processing_latency_p95", "", 1_000))
    for (minutes, count) in [(90, 10), (60, 30), (30, 0), (10, 20)] as [(Int64, Int64)] {
      values.append(value(minutes, "lockout_counts", "", count))
      values.append(value(minutes, "rule_breach_counts_by_rule", "max_contracts", count))
    }
    values.append(value(5, "rule_breach_counts_by_rule", "symbol_blocks", 10))
    try store.record(values.sorted { $0.at < $1.at })
    store.close()
  }

  private func analyze(
    days: Int64 = 1, _ names: [String] = [], assert: [String] = [], json: Bool = false
  ) -> CommandOutcome {
    MetricsAnalysis(
      root: folder.path, span: .seconds(days * 86_400), names: names, assertions: assert,
      clock: FixedClock()
    ).outcome(asJSON: json)
  }

  @Test func `a table of the last day`() {
    defer { folder.remove() }
    #expect(
      analyze(assert: ["event_processing_latency_p95 < 9.6"])
        == CommandOutcome(
          .yes,
          output: """
            2026-11-17T16:00:00.000Z to 2026-11-18T16:00:00.000Z

            METRIC                                     MIN  P50  P95  P99  MAX  COUNT
            event_processing_latency_p95               0.1    5  9.5  9.9   10    100
            lockout_counts                               0    1    3    3    3      4
            rule_breach_counts_by_rule{max_contracts}    0    1    3    3    3      4
            rule_breach_counts_by_rule{symbol_blocks}    1    1    1    1    1      1

            ✅ event_processing_latency_p95 < 9.6: 95 of 100 values

            """))
  }

  @Test func `a longer span has more values, and a part of a name is enough`() {
    defer { folder.remove() }
    let lines = analyze(days: 7, ["latency"]).output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[2].hasSuffix("9.6   10  100    101"))
  }

  @Test func `an assertion fails with the value that is farthest off`() {
    defer { folder.remove() }
    let outcome = analyze(
      ["latency"],
      assert: [
        "event_processing_latency_p95 < 9.5", "event_processing_latency_p95 >= 5",
        "memory_usage_mb < 100",
      ])
    #expect(outcome.code == .no)
    #expect(
      outcome.output.hasSuffix(
        """
        ❌ event_processing_latency_p95 < 9.5: 94 of 100 values, one is 10
        ❌ event_processing_latency_p95 >= 5: 51 of 100 values, one is 0.1
        ❌ memory_usage_mb < 100: there are no values

        """), "\(outcome.output)")
  }

  @Test func `a count with a span is what came in that time, over a new start too`() {
    defer { folder.remove() }
    // Increases: 0 (first seen), 2, 0 (began again), 2: within 40 minutes at most 2.
    #expect(analyze(assert: ["lockout_counts <= 2 in 40m"]).code == .yes)
    #expect(analyze(assert: ["lockout_counts <= 1 in 40m"]).code == .no)
    #expect(analyze(assert: ["lockout_counts < 4 in 50m"]).code == .yes)
    let sums = analyze(assert: ["lockout_counts < 4 in 1h"])
    #expect(sums.output.contains("❌ lockout_counts < 4 in 1h: 3 of 4 values, one is 4"))
  }

  @Test func `as JSON`() throws {
    defer { folder.remove() }
    let outcome = analyze(["lockout"], assert: ["lockout_counts < 5"], json: true)
    #expect(
      outcome.output == """
        {"assertions":[{"agreeing":4,"condition":"lockout_counts < 5","count":4,"holds":true}],\
        "from":"2026-11-17T16:00:00.000Z","metrics":[{"count":4,"label":"","max":"3","min":"0",\
        "name":"lockout_counts","p50":"1","p95":"3","p99":"3"}],"to":"2026-11-18T16:00:00.000Z"}

        """)
  }

  @Test(arguments: [
    ("latency < 5", "--assert latency < 5: at character 1: there is no metric latency"),
    (
      "memory_usage_mb < 100 for 60s",
      "--assert memory_usage_mb < 100 for 60s: for has no meaning here"
    ),
    ("token_expiry_in_seconds > 60", "token_expiry_in_seconds is for alerts and not kept"),
  ])
  func `an assertion that means nothing is wrong usage`(text: String, complaint: String) {
    defer { folder.remove() }
    let outcome = analyze(assert: [text])
    #expect(outcome.code == .environment)
    #expect(outcome.complaint.contains(complaint), "\(outcome.complaint)")
  }

  @Test func `no such metric, and no metrics at all`() throws {
    defer { folder.remove() }
    let unknown = analyze(["nothing"])
    #expect(unknown.code == .environment)
    #expect(unknown.complaint.contains("there are event_processing_latency_p95, lockout_counts"))
    try FileManager.default.removeItem(atPath: folder.file("data/metrics.db"))
    #expect(analyze().code == .environment)
    // As it is between the monitor's start and its first values.
    try Data().write(to: URL(filePath: folder.file("data/metrics.db")))
    #expect(analyze().code == .yes)
    #expect(analyze().output.hasSuffix("no values\n"))
    #expect(analyze(assert: ["memory_usage_mb < 100"]).code == .no)
  }
}
