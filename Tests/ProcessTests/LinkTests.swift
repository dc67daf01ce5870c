import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Bytes that nobody wrote appear in the pipes between workers.
  @Suite struct LinkTests {
    @Test(.enabled(if: ProcessTests.mayMount, "opening a worker's pipes needs root"))
    func `garbage in a pipe replaces the link and loses nothing`() throws {
      try RiskdStage.play { stage in
        let account = RiskdStage.account
        for worker in [WorkerName.gateway, .evaluator, .enforcer] {
          let before = stage.pids
          let broken = stage.logLines("is of no use to").count
          try stage.spoilPipes(of: worker, with: "this is no frame of any link")
          try stage.buy(account, Sample.rty, 1)
          try stage.wait(for: "no RTY after garbage from the \(worker.rawValue)") {
            stage.isFlat(account)
          }
          try stage.wait(for: "a broken link in the log") {
            stage.logLines("is of no use to").count > broken
          }
          try stage.awaitProtection()
          stage.check(stage.pids == before, "a worker died of it: \(stage.pids)")
        }
        stage.check(stage.audit(account).closed(Sample.rty) == 3, "not closed once each")
        let traded = Set(stage.venue.trades(account).map(\.id))
        try stage.wait(for: "every trade in the journal") {
          var journal = JournalAudit()
          try stage.reading { try journal.advance($0) }
          return traded.isSubset(of: journal.trades)
        }
        stage.checkConduct()
      }
    }
  }
}
