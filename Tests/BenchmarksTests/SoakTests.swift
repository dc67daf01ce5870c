import Foundation
import RiskModel
import SimulatedVenue
import Testing

@testable import Benchmarks

@Suite(.serialized) struct SoakTests {
  @Test func `a seed decides what happens, and everything can happen`() {
    func drawn(_ seed: UInt64) -> [String] {
      var numbers = SeededNumbers(seed: seed)
      return (0..<500).map { _ in Disturbance.drawn(from: &numbers).text }
    }
    #expect(drawn(7) == drawn(7))
    #expect(drawn(7) != drawn(8))
    // Four workers restarted or killed, two hubs ended in three ways.
    #expect(Set(drawn(7)).count == 14)
  }

  @Test func `a report tells slopes, losses and what was not flat`() {
    let samples = (0..<10).map { index in
      SoakRun.Sample(
        moment: .seconds(Int64(index) * 360), bytes: ["gateway": Int64(index) * 1_000_000],
        descriptors: 100, databaseBytes: 5_000_000, latency: .milliseconds(2),
        disturbance: index == 4 ? .hub(.user, .cut) : nil)
    }
    var outcome = SoakRun.Outcome(
      samples: samples, breaches: 9, notFlat: 0, disturbances: 1, executions: 400, lost: 0)
    let text = SoakReport.text(outcome)
    // A megabyte in a tenth of an hour.
    #expect(text.contains { $0 == "\n" })
    #expect(
      text.split(separator: "\n").contains { $0.contains("gateway") && $0.hasSuffix("10.00") })
    #expect(text.contains("400 executions, 0 lost"))
    #expect(outcome.holds)
    outcome.lost = 1
    #expect(!outcome.holds)
    outcome.lost = 0
    outcome.notFlat = 1
    #expect(!outcome.holds)
    #expect(SoakReport.charts(outcome).map(\.marks) == Array(repeating: [24], count: 4))
  }

  /// A worker is missing now and then.
  private static func steadySample(_ index: Int) -> SoakRun.Sample {
    let isMissing = index % 7 == 0
    let bytes: [String: Int64] = ["supervisor": 8_000_000, "gateway": isMissing ? 0 : 20_000_000]
    return SoakRun.Sample(
      moment: .seconds(Int64(index) * 5), bytes: bytes, descriptors: isMissing ? 60 : 100,
      databaseBytes: 5_000_000, latency: .milliseconds(2), disturbance: nil)
  }

  private static let steady = SoakRun.Outcome(
    samples: (0..<240).map(steadySample), breaches: 120, notFlat: 0, disturbances: 40,
    executions: 2_000, lost: 0)

  @Test func `what grows steadily is found, and only in a course that is long enough`() {
    #expect(SoakCriteria.violations(of: Self.steady) == [])
    func grown(_ change: (inout SoakRun.Sample, Int) -> Void) -> SoakRun.Outcome {
      var outcome = Self.steady
      for index in outcome.samples.indices { change(&outcome.samples[index], index) }
      return outcome
    }
    let leaks: [(SoakRun.Outcome, String)] = [
      (grown { $0.descriptors += $1 / 8 }, "open descriptors grew"),
      (grown { $0.bytes["supervisor"]? += Int64($1) * 20_000 }, "memory of the supervisor grew"),
      (grown { $0.bytes["monitor"] = Int64($1) * 150_000 }, "memory of all processes grew"),
      (grown { $0.databaseBytes += Int64($1) * 1_000_000 }, "the database grew"),
    ]
    for (outcome, text) in leaks {
      let found = SoakCriteria.violations(of: outcome)
      #expect(found.count == 1 && found[0].hasPrefix(text), "\(found)")
      #expect(!outcome.holds)
      #expect(SoakReport.text(outcome).contains("violated: \(text)"))
      var short = outcome
      short.samples = Array(outcome.samples.prefix(119))
      #expect(short.holds)
      #expect(SoakReport.text(short).contains("not judged: growth"))
    }
    var idle = Self.steady
    (idle.executions, idle.disturbances) = (0, 0)
    #expect(
      SoakCriteria.violations(of: idle) == [
        "nothing was traded", "only 0 disturbances, at least 31 have to be",
      ])
    var large = Self.steady
    for index in large.samples.indices { large.samples[index].bytes["evaluator"] = 60_000_000 }
    #expect(SoakCriteria.violations(of: large).map { $0.prefix(18) } == ["all processes hold"])
    var quiet = Self.steady
    quiet.disturbances = 30
    #expect(SoakCriteria.violations(of: quiet).map { $0.prefix(7) } == ["only 30"])
  }

  @Test(
    .enabled(
      if: BuiltRiskd.isThere || BuiltRiskd.mustBeThere,
      "riskd is not built beside these tests, in \(BuiltRiskd.folder)"),
    .timeLimit(.minutes(3)))
  func `a soak loses nothing and leaves its samples`() throws {
    let file = NSTemporaryDirectory() + "/soak-\(ProcessInfo.processInfo.processIdentifier).csv"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let run = SoakRun(
      program: BuiltRiskd.folder + "/riskd", duration: .seconds(12), seed: 1, samplesFile: file)
    let outcome = try run.run { _ in }
    #expect(outcome.holds, "\(SoakReport.text(outcome))")
    #expect(outcome.breaches == 2)
    #expect(outcome.executions > 10)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == outcome.samples.count + 1)
    #expect(lines[0].hasPrefix("seconds,supervisor,"))
  }
}
