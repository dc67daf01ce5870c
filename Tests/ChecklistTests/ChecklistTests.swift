import Foundation
import RiskModel
import Testing

@testable import Checklist

/// The output of each phase. With RISKD_WRITE_PAGES=1 the test writes what it compares with.
@Suite struct ChecklistTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  private func check(_ text: String, _ name: String) throws {
    let file = Self.golden.appending(path: name)
    if ProcessInfo.processInfo.environment["RISKD_WRITE_PAGES"] == "1" {
      try FileManager.default.createDirectory(at: Self.golden, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let kept = try? String(contentsOf: file, encoding: .utf8)
    #expect(kept == text, "\(name) is not what is printed:\n\(text)")
  }

  @Test(arguments: Check.Phase.allCases)
  func `a good day prints this`(phase: Check.Phase) throws {
    let report = ChecklistReport(phase, GoodDay.facts())
    #expect(report.passed)
    #expect(report.isComplete)
    try check(report.text, "good-\(phase.rawValue).txt")
  }

  @Test(arguments: Check.Phase.allCases)
  func `two minutes after the start nothing is taken for granted`(phase: Check.Phase) throws {
    try check(
      ChecklistReport(phase, GoodDay.facts(age: .seconds(125))).text,
      "early-\(phase.rawValue).txt")
  }

  @Test func `a first day may wait for its first backup, and no longer than an hour`() {
    for (minutes, verdict) in [(59, Finding.Verdict.early), (61, .fail)] {
      var facts = GoodDay.facts(age: .seconds(Int64(minutes) * 60))
      facts.backups = .seen(BackupFacts(count: 0, newest: nil, problem: nil))
      let line = ChecklistReport(.day, facts).checks.first { $0.id == "day.backup" }
      #expect(line?.verdict == verdict)
    }
  }

  @Test func `a restart by systemd counts on the day of the start that it made`() throws {
    for (hours, restarts) in [(36, 0), (23, 2)] {
      var facts = GoodDay.facts(age: .seconds(Int64(hours) * 3_600))
      facts.unit = .seen(
        UnitFacts(
          activeState: "active", subState: "running", user: "riskd", unitFileState: "enabled",
          restarts: 2))
      let line = try #require(ChecklistReport(.day, facts).checks.first { $0.id == "19" })
      #expect(line.verdict == (restarts == 0 ? .pass : .fail))
      #expect(line.evidence.hasSuffix(", \(restarts) restarts by systemd"))
    }
  }

  @Test func `what the venue and the firewall say is seen`() throws {
    var facts = GoodDay.facts()
    facts.venue = VenueFacts(
      lines: ["✅ Sign-in: the venue gives a token", "✅ Account 7: can trade"], isGood: true)
    facts.state = .seen(StateFacts(positions: 1, orders: 2, differences: []))
    facts.firewall = .seen(FirewallFacts(user: "riskd"))
    let lines = Check.Phase.allCases.flatMap { ChecklistReport($0, facts).checks }
    func evidence(_ id: String) throws -> String {
      let line = try #require(lines.first { $0.id == id })
      #expect(line.verdict == .pass)
      return line.evidence
    }
    #expect(
      try evidence("pre.venue") == "Sign-in: the venue gives a token; Account 7: can trade")
    #expect(try evidence("pre.firewall").hasPrefix("the rules for user riskd name addresses"))
    #expect(
      try evidence("rollback.data").hasSuffix(
        "1 position and 2 working orders as the venue lists them"))
  }

  @Test func `what the log does not reach back to cannot be vouched for`() throws {
    for (minutes, verdict) in [(61, Finding.Verdict.pass), (59, .early)] {
      var facts = GoodDay.facts()
      var log = try #require(facts.daemonLog.value)
      log.begin = GoodDay.now - .seconds(Int64(minutes) * 60)
      facts.daemonLog = .seen(log)
      let line = ChecklistReport(.hour, facts).checks.first { $0.id == "10" }
      #expect(line?.verdict == verdict)
    }
  }

  @Test func `one execution of twenty may be missing in the log`() throws {
    for (missing, verdict) in [(1, Finding.Verdict.pass), (2, .fail)] {
      var facts = GoodDay.facts()
      var log = GoodDay.cut { $0 == .executionEvaluation ? .init(secondsSinceEpoch: 0) : nil }
      for moment in GoodDay.executions.dropFirst(missing) {
        log.add(.executionEvaluation, at: moment)
      }
      facts.daemonLog = .seen(log)
      let line = ChecklistReport(.hour, facts).checks.first { $0.id == "11" }
      #expect(line?.verdict == verdict, "\(line?.evidence ?? "")")
    }
  }

  @Test func `a restart after the reset makes up for it`() throws {
    var facts = GoodDay.facts(age: .seconds(10 * 3_600))
    facts.logged(.dailyReset, GoodDay.now - .seconds(10 * 3_600 - 4), "Daily reset")
    let line = try #require(ChecklistReport(.day, facts).checks.first { $0.id == "15" })
    #expect(line.verdict == .pass)
    #expect(line.evidence.contains("made up for after the start"))
  }

  @Test(arguments: [(0, "0.00"), (97_000, "0.10"), (-1_500_000, "-1.50"), (1_007_000, "1.01")])
  func `the slope is that of the line through the values`(millionths: Int64, text: String) {
    let samples = (0..<240).map { minute in
      MetricFacts.Sample(
        at: GoodDay.now + .seconds(Int64(minute) * 60),
        millionths: 40_000_000 + millionths * Int64(minute) / 60
          + (minute.isMultiple(of: 2) ? 2_000 : -2_000))
    }
    #expect(twoDecimals(samples.slopePerHour) == text)
    #expect(Array(samples.prefix(1)).slopePerHour == 0)
    #expect([MetricFacts.Sample]().slopePerHour == 0)
  }

  @Test func `of a hundred values ninety-five have to agree, and none is too few`() {
    for (slow, holds) in [(0, true), (5, true), (6, false), (100, false)] {
      let samples = (0..<100).map {
        MetricFacts.Sample(at: GoodDay.now, millionths: $0 < slow ? 10_000_000 : 9_999_999)
      }
      #expect(LatencyVerdict(samples, .aim).holds == holds, "\(slow)")
      #expect(LatencyVerdict(samples, .rollback).holds)
    }
    #expect(!LatencyVerdict([], .rollback).holds)
    let edge = [MetricFacts.Sample(at: GoodDay.now, millionths: 100_000_001)]
    #expect(!LatencyVerdict(edge, .rollback).holds)
  }

  @Test(arguments: Check.Phase.allCases)
  func `what cannot be looked at is never good`(phase: Check.Phase) throws {
    let report = ChecklistReport(phase, ChecklistFacts(now: GoodDay.now))
    #expect(!report.passed)
    #expect(!report.checks.contains { $0.verdict == .pass })
    try check(report.text, "blind-\(phase.rawValue).txt")
  }

  @Test func `the specification's numbers 1 to 20 are there, in their phases`() {
    let numbers = Checklist.checks.compactMap { check in
      Int(check.id).map { (number: $0, phase: check.phase) }
    }
    #expect(numbers.map(\.number) == Array(1...20))
    for (number, phase) in numbers {
      let expected: Check.Phase = number <= 7 ? .immediate : number <= 13 ? .hour : .day
      #expect(phase == expected)
    }
  }

  @Test func `ids are unique and every check says how a person sees the same`() {
    let ids = Checklist.checks.map(\.id)
    #expect(Set(ids).count == ids.count)
    for check in Checklist.checks {
      #expect(!check.words.isEmpty)
      #expect(!check.command.isEmpty)
    }
  }

  @Test func `as JSON the keys are these`() throws {
    let report = ChecklistReport(.immediate, GoodDay.facts())
    let text = try JSONEncoder().encode(report)
    let object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(Set(object.keys) == ["phase", "time", "passed", "counts", "checks"])
    let lines = try #require(object["checks"] as? [[String: Any]])
    #expect(Set(lines[0].keys) == ["id", "asks", "verdict", "evidence", "command"])
    #expect(object["counts"] as? [String: Int] == ["pass": 10, "person": 1])
  }
}
