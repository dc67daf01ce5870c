import Foundation
import RiskModel
import Testing

@testable import Benchmarks

@Suite(.serialized) struct EnduranceTests {
  @Test func `the slope is that of the second half, in bytes an hour`() {
    var samples = Samples(names: ["gateway", "enforcer"])
    for index in 0..<100 {
      let filling = index < 50 ? Int64(index) * 1_000_000 : 50_000_000
      samples.add(
        [filling, 7_000_000 + Int64(index) * 100], at: .seconds(Int64(index) * 36))
    }
    let courses = samples.courses
    #expect(courses.map(\.name) == ["gateway", "enforcer", "sum"])
    #expect(courses[0].firstBytes == 0)
    #expect(courses[0].lastBytes == 50_000_000)
    #expect(courses[0].mostBytes == 50_000_000)
    #expect(courses[0].bytesPerHour.magnitude < 1)
    // 100 bytes in 36 seconds.
    #expect((courses[1].bytesPerHour - 10_000).magnitude < 1)
    #expect((courses[2].bytesPerHour - 10_000).magnitude < 1)
    #expect(courses[2].lastBytes == 57_009_900)
  }

  @Test func `few samples have no slope`() {
    var samples = Samples(names: ["gateway"])
    #expect(samples.courses.isEmpty)
    samples.add([5], at: .zero)
    #expect(samples.courses.map(\.bytesPerHour) == [0, 0])
  }

  @Test(
    .enabled(
      if: BuiltRiskd.isThere || BuiltRiskd.mustBeThere,
      "riskd is not built beside these tests, in \(BuiltRiskd.folder)"),
    .timeLimit(.minutes(1)))
  func `memory of every process is sampled while quotes come`() throws {
    let file = NSTemporaryDirectory() + "/endurance-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let run = EnduranceRun(
      program: BuiltRiskd.folder + "/riskd", duration: .seconds(6), samplesFile: file)
    var told: [String] = []
    let outcome = try run.run { told.append($0) }
    #expect(outcome.samples == 2)
    #expect(told.count == 2)
    #expect(outcome.quotes > 130)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "seconds,quotes,supervisor,enforcer,evaluator,gateway,monitor,sum")
    #expect(lines.count == 3)
    for course in outcome.courses { #expect(course.firstBytes > 1_000_000) }
    #expect(outcome.text.contains("gateway"))
  }
}
