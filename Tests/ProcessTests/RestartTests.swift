import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Many restarts of workers leave nothing behind in the supervisor.
  @Suite struct RestartTests {
    /// A sample; RISKD_RESTARTS=1000 makes as many as are promised.
    private static let restarts = 60
    /// Room for what the allocator keeps, and for the history that is held.
    private static let growth = 4_096
    /// The pool that writes the audit log takes threads and gives them back as it likes.
    private static let poolThreads = 4

    private struct Figures: Equatable {
      var descriptors: Int
      /// In KiB.
      var memory: Int
      var threads: Int
    }

    @Test func `descriptors and memory of the supervisor stay as they are`() throws {
      let environment = ProcessInfo.processInfo.environment
      let restarts = environment["RISKD_RESTARTS"].flatMap { Int($0) } ?? Self.restarts
      var options = StageOptions()
      options.ignoresRequestLimit()
      try RiskdStage.play(options) { stage in
        let supervisor = stage.riskd.pid
        // What is made once is made by now.
        for worker in WorkerName.allCases { try restart(worker, stage) }
        let before = try figures(stage)
        var quarters: [Int] = []
        let began = StageClock.now()
        for round in 0..<restarts {
          try restart(WorkerName.allCases[round % WorkerName.allCases.count], stage)
          if (round + 1) * 4 % restarts == 0 { quarters.append(try figures(stage).memory) }
        }
        let duration = StageClock.now() - began
        // A connection of the last question may be on its way out.
        var after = try figures(stage)
        _ = try StageClock.poll(atMost: .seconds(5)) {
          after = try figures(stage)
          return after.descriptors <= before.descriptors
        }
        print(
          "restarts: \(restarts) in \(duration.milliseconds) ms; before: \(before), after: "
            + "\(after), memory after each quarter: \(quarters) KiB")
        stage.check(after.descriptors <= before.descriptors, "\(before), \(after)")
        stage.check(after.threads <= before.threads + Self.poolThreads, "\(before), \(after)")
        stage.check(after.memory - before.memory <= Self.growth, "\(before), \(after)")
        stage.check(stage.riskd.pid == supervisor, "the supervisor is another one")
        stage.check(stage.status()?.deathsInWindow == 0, "restarts count as deaths")
        let lives = stage.status()?.workers.map(\.life).reduce(0, +)
        stage.check(lives == Int64(restarts + 2 * WorkerName.allCases.count), "\(lives ?? 0) lives")
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        stage.checkConduct()
      }
    }

    private func restart(_ worker: WorkerName, _ stage: RiskdStage) throws {
      let outcome = stage.operatorCommands.restart(.init(worker: worker, wait: true))
      guard outcome.code == .yes else {
        throw StageFailure("\(worker.rawValue) is not restarted: \(outcome)")
      }
    }

    private func figures(_ stage: RiskdStage) throws -> Figures {
      let pid = stage.riskd.pid
      let status = stage.processText(pid, "status")
      func number(_ key: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return line.flatMap { Int($0.filter { ("0"..."9").contains($0) }) } ?? -1
      }
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
      return Figures(
        descriptors: open.count, memory: number("VmRSS"), threads: number("Threads"))
    }
  }
}
