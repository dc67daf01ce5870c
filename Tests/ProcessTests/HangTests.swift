import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The loop of a worker stands still, and its other threads do not.
  @Suite struct HangTests {
    private let account = RiskdStage.account

    @Test(
      .enabled(if: ProcessTests.mayMount, "tracing the workers needs root"),
      arguments: WorkerName.critical)
    func `a loop that stands still is found although other threads live`(
      worker: WorkerName
    ) throws {
      try RiskdStage.play { stage in
        // What keeps the threads of the gateway's connections busy.
        stage.venue.startTraffic(
          TrafficPlan(
            account: RiskdStage.otherAccount, contract: Sample.mes, quotesPerSecond: 100))
        guard let pid = stage.pid(of: worker) else {
          throw StageFailure("the \(worker.rawValue) has no process")
        }
        let neighbours = stage.pids.filter { $0.key != worker }
        let held = try HeldThread(ofLoopOf: pid, root: stage.root)
        let turns = held.turnsOfOthers
        stage.check(held.state == "t", "the loop goes on: \(held.state.map { "\($0)" } ?? "gone")")
        let others = held.otherStates
        stage.check(!others.isEmpty, "the \(worker.rawValue) has no other thread")
        stage.check(!others.contains { "tT".contains($0) }, "other threads are held: \(others)")
        if worker == .gateway {
          let go = StageClock.poll(atMost: .seconds(2)) { held.turnsOfOthers > turns }
          stage.check(go, "no other thread of the gateway goes on")
        }
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "the death in the history", atMost: .seconds(60)) {
          try !stage.countedDeaths().isEmpty
        }
        try held.end()
        stage.venue.stopTraffic()
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        try stage.awaitProtection()
        let deaths = try stage.countedDeaths()
        stage.check(
          deaths.map(\.worker) == [worker] && deaths.map(\.pid) == [pid], "\(deaths.map(\.text))")
        let cause = deaths.first?.cause ?? ""
        stage.check(cause.hasPrefix("hang (no answer for "), "its cause is \(cause)")
        stage.check(Glibc.kill(pid, 0) != 0, "the old \(worker.rawValue) is still there")
        stage.check(
          stage.pids.filter { $0.key != worker } == neighbours, "a neighbour died of it")
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
        print(
          "hang of the \(worker.rawValue)'s loop beside \(others.count) other threads: \(cause)")
      }
    }
  }
}
