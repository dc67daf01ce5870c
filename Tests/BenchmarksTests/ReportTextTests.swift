import Benchmarks
import Foundation
import RiskModel
import Testing

@Suite struct ReportTextTests {
  static let report: BenchmarkReport = {
    var machine = MachineFacts(
      cores: 2, processor: "A Processor", kernel: "6.1.0", memoryBytes: 24_000_000_000,
      loadBefore: [0.12, 0.5, 1.25])
    machine.loadAfter = [1.5, 0.75, 1]
    var report = BenchmarkReport(
      release: "1.2.3", build: .release, quick: true, machine: machine)
    report.riskd = .release
    report.seconds = 83.4
    report.figures = [
      Figure(
        .reactionP99, value: 812_345, floor: Figure.Floor(value: 64_000, name: "pipe + commit"),
        detail: "1,000 breaches"),
      Figure(.userEvents, value: 995, detail: nil),
      Figure(.memory, value: 61_234_567),
      Figure(.idleProcessor, value: 0.0042),
      Figure(.lostExecutions, value: 0),
      Figure(.hangDetected, value: nil, detail: "riskd is not there"),
    ]
    report.distributions = [
      BenchmarkReport.Distribution(
        "reaction", "event → close request",
        Percentiles(
          count: 3_000, p50: TimeSpan(nanos: 241_700), p99: TimeSpan(nanos: 812_345),
          p999: .milliseconds(3), max: .seconds(2)), runs: 3)
    ]
    report.processes = [
      BenchmarkReport.ProcessEntry(
        name: "gateway", moment: "start", ReportTextTests.memory)
    ]
    report.notes = ["Everything ran on this machine."]
    return report
  }()

  static let memory: ProcessMemory = {
    guard
      let memory = ProcessMemory(
        smapsRollup: "Rss: 20000 kB\nPss: 9000 kB\nAnonymous: 5000 kB\n")
    else {
      preconditionFailure("Condition failed: the sample can be read")
    }
    return memory
  }()

  @Test func `a report is a table`() {
    let expected = """
      riskbench 1.2.3, quick, 83 s
      machine  2 × A Processor, 6.1.0, 24.0 GB; load before 0.12 0.50 1.25, after 1.50 0.75 1.00

                                                value      must       aim  floor  ratio       verdict
      event → close request, p99               812 µs     10 ms   1.00 ms  64 µs   × 13           aim
      user events, none lost                    995/s   1,000/s  20,000/s      -      -        MISSED
      memory after 10,000 events, sum of PSS  61.2 MB  100.0 MB   50.0 MB      -      -          must
      idle, share of one processor             0.42 %    5.00 %    0.50 %      -      -           aim
      executions lost over all of that              0         0         -      -      -          must
      evaluator stopped → seen                      -    5.00 s    3.00 s      -      -  not measured

                                p50     p99    p99.9     max  count  runs
      event → close request  242 µs  812 µs  3.00 ms  2.00 s  3,000     3

               after      RSS     PSS
      gateway  start  20.5 MB  9.2 MB

      event → close request, p99: 1,000 breaches

      evaluator stopped → seen: riskd is not there

      floor: pipe + commit

      Everything ran on this machine.

      """
    #expect(ReportText.render(Self.report) == expected)
  }

  @Test func `long texts are broken between words`() {
    var report = Self.report
    report.notes = [Array(repeating: "word", count: 41).joined(separator: " ")]
    let lines = ReportText.render(report).split(separator: "\n").suffix(3).map(String.init)
    #expect(lines.map(\.count) == [99, 96, 11])
    #expect(lines[1].hasPrefix("  word"))
  }

  @Test(arguments: [
    (7.0, FigureUnit.nanoseconds, "0.0 µs"), (9_949, .nanoseconds, "9.9 µs"),
    (9_950, .nanoseconds, "10 µs"), (999_499, .nanoseconds, "999 µs"),
    (999_500, .nanoseconds, "1.00 ms"), (10_000_000, .nanoseconds, "10 ms"),
    (1_000_000_000, .nanoseconds, "1.00 s"), (1_234_567.4, .perSecond, "1,234,567/s"),
    (48_250_000, .bytes, "48.3 MB"), (0.00421, .share, "0.42 %"), (12_000, .count, "12,000"),
  ])
  func `a number is shown in a unit that fits`(value: Double, unit: FigureUnit, text: String) {
    #expect(ReportText.text(value, unit) == text)
  }

  @Test func `a debug build says so first`() {
    var report = Self.report
    report.build = .debug
    report.riskd = .debug
    let lines = ReportText.render(report).split(separator: "\n")
    #expect(lines[0] == "DEBUG BUILD of riskbench: the figures say nothing about the budgets.")
    #expect(lines[1] == "DEBUG BUILD of riskd: the figures say nothing about the budgets.")
    report.riskd = .unknown
    #expect(ReportText.render(report).contains("not known how the riskd"))
  }

  @Test func `JSON has the documented keys and comes back`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let data = try encoder.encode(Self.report)
    #expect(try JSONDecoder().decode(BenchmarkReport.self, from: data) == Self.report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "benchmark", "build", "distributions", "figures", "machine", "notes", "processes",
        "quick", "release", "riskd", "seconds",
      ])
    let figures = try #require(object["figures"] as? [[String: Any]])
    #expect(
      figures[0].keys.sorted() == [
        "aim", "detail", "floor", "floorName", "must", "name", "ratio", "title", "unit", "value",
        "verdict",
      ])
    let distributions = try #require(object["distributions"] as? [[String: Any]])
    #expect(
      distributions[0].keys.sorted() == [
        "count", "max", "name", "p50", "p99", "p999", "runs", "title",
      ])
    let processes = try #require(object["processes"] as? [[String: Any]])
    #expect(
      processes[0].keys.sorted() == ["moment", "name", "proportionalBytes", "residentBytes"])
  }

  @Test func `what a must is worth`() {
    #expect(Self.report.hasMissed)
    #expect(Self.report.isIncomplete)
    var report = Self.report
    report.figures.removeAll { $0.verdict == .missed || $0.verdict == .unmeasured }
    #expect(!report.hasMissed)
    #expect(!report.isIncomplete)
  }
}
