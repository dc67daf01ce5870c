import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The evaluator gets so little time that it cannot keep up with the quotes.
  @Suite struct SlowConsumerTests {
    private static let pulses = 8
    /// The evaluator is called slow when it has left a question unanswered for 1.5 s, and hung after 3.
    private static let longestPause = TimeSpan.milliseconds(2_600)

    private let account = RiskdStage.account

    @Test func `quotes give way, no order is lost, and a slow evaluator is not ended`() throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        guard let evaluator = before[.evaluator] else { throw StageFailure("no evaluator") }
        stage.venue.startTraffic(
          TrafficPlan(
            account: RiskdStage.otherAccount, contract: Sample.mes, ordersPerSecond: 4,
            quotesPerSecond: 400))
        defer { kill(evaluator, SIGCONT) }
        for pulse in 0..<Self.pulses {
          let (silent, answered) = (silences(stage), answers(stage))
          kill(evaluator, SIGSTOP)
          if pulse % 3 == 0, stage.isFlat(account) { try stage.buy(account, Sample.rty, 1) }
          let isSlow = StageClock.poll(atMost: Self.longestPause) { silences(stage) > silent }
          kill(evaluator, SIGCONT)
          stage.check(isSlow, "nobody noticed in pause \(pulse) that the evaluator is slow")
          try stage.wait(for: "its answer") { answers(stage) > answered }
        }
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.venue.stopTraffic()
        try stage.awaitProtection()
        let slow = try stage.history().count { $0.worker == .evaluator && $0.event == .workerSlow }
        stage.check(slow >= Self.pulses, "called slow \(slow) times in the history")
        stage.check(stage.pids == before, "a worker was ended: \(stage.pids)")
        stage.check(stage.status()?.deathsInWindow == 0, "a death was counted")
        let journal = try stage.comeToRest([account, RiskdStage.otherAccount])
        stage.check(journal.missed.isEmpty, "only a list told of \(journal.missed)")
        stage.checkConduct()
        print(
          "slow consumer: \(slow) times called slow, \(journal.trades.count) executions in the "
            + "journal, marks \(journal.marks.count), venue \(stage.venue.counters)")
      }
    }

    private func silences(_ stage: RiskdStage) -> Int {
      stage.logLines("evaluator has not answered").count
    }

    private func answers(_ stage: RiskdStage) -> Int {
      stage.logLines("evaluator answered after").count
    }
  }
}
