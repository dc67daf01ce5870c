import Benchmarks
import Foundation
import RiskModel
import Testing

/// riskd beside the program that runs these tests.
enum BuiltRiskd {
  static let folder: String = {
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: own ?? "/").deletingLastPathComponent().path()
  }()

  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: folder + "/riskd") }
  /// Where everything is built, a missing riskd is a failure and not a reason to skip.
  static var mustBeThere: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }
}

@Suite(.serialized) struct StageTests {
  static let tiny: Extent = {
    var extent = Extent.quick
    extent.floorRounds = Rounds(50, limit: .seconds(5), warmUp: 2)
    extent.spawnRounds = Rounds(2, limit: .seconds(5), warmUp: 0)
    extent.breachesPerRun = 3
    extent.reactionLimit = .seconds(20)
    extent.eventRates = [50]
    extent.quoteRates = [50]
    extent.rateDuration = .milliseconds(300)
    extent.flatBreaches = 2
    extent.replayInputs = 2_000
    extent.memoryEvents = 200
    extent.idleDuration = .milliseconds(300)
    extent.restartEventRate = 90
    return extent
  }()

  /// Of this checkout, whatever folder the tests run in.
  static let python = PythonPlace(
    script: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "scripts/plain-client.py").path())

  @Test func `a missing interpreter or client is told`() throws {
    for place in [
      PythonPlace(interpreter: "/nowhere/python3", script: Self.python.script),
      PythonPlace(script: "/nowhere/client.py"),
    ] {
      let report = try BenchmarkRun(
        stages: [.comparison], isQuick: true, binFolder: "/nowhere", extent: Self.tiny,
        python: place
      ).run()
      #expect(report.figures.count == 5)
      #expect(report.figures.allSatisfy { $0.detail?.hasPrefix("/nowhere/") ?? false })
    }
  }

  @Test(
    .enabled(
      if: BuiltRiskd.isThere || BuiltRiskd.mustBeThere,
      "riskd is not built beside these tests, in \(BuiltRiskd.folder)"),
    .timeLimit(.minutes(4)), arguments: Stage.allCases)
  func `a stage measures all of its figures`(stage: Stage) throws {
    try #require(BuiltRiskd.isThere || !stage.needsRiskd)
    let report = try BenchmarkRun(
      stages: [stage], isQuick: true, binFolder: BuiltRiskd.folder, extent: Self.tiny,
      python: Self.python
    ).run()
    #expect(!report.figures.isEmpty)
    for figure in report.figures {
      #expect(figure.value != nil, "\(figure.title): \(figure.detail ?? "no reason")")
    }
    #expect((report.riskd == nil) == !stage.needsRiskd)
    #expect(ReportText.render(report).contains(report.figures[0].title))
  }

  @Test func `without riskd every figure says why it is missing`() throws {
    let report = try BenchmarkRun(
      stages: Set(Stage.allCases.filter(\.needsRiskd)), isQuick: true, binFolder: "/nowhere",
      extent: Self.tiny
    ).run()
    #expect(report.figures.allSatisfy { $0.verdict == .unmeasured })
    #expect(report.figures.allSatisfy { $0.detail == "/nowhere/riskd is not there" })
    #expect(report.isIncomplete)
    #expect(report.riskd == .unknown)
  }

  @Test func `the folder of the products tells how they were built`() {
    #expect(BenchmarkRun.buildKind(ofFolder: "/a/b/release") == .release)
    #expect(BenchmarkRun.buildKind(ofFolder: "/a/b/debug/") == .debug)
    #expect(BenchmarkRun.buildKind(ofFolder: "/opt/risk-manager/current/bin") == .unknown)
  }
}
