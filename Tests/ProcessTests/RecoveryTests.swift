import ControlPlane
import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Processes die while there is something to do.
  @Suite struct RecoveryTests {
    private let account = RiskdStage.account

    @Test(arguments: [WorkerName.evaluator, .enforcer, .gateway])
    func `a worker dies in the middle of a flatten`(worker: WorkerName) throws {
      try RiskdStage.play { stage in
        stage.venue.setGateway { $0.requestLatency = .milliseconds(200) }
        stage.venue.setLatency(.milliseconds(200))
        try stage.buy(account, Sample.mnq, 2)
        try stage.buy(account, Sample.mes, 3)
        try stage.wait(for: "the positions in the journal") {
          !stage.logLines("position \(Sample.mes) 3").isEmpty
        }
        try stage.buy(account, Sample.nq, 1)
        try stage.wait(for: "the first close") { !stage.venue.requests(.closeContract).isEmpty }
        let dead = try stage.kill(worker)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        try stage.awaitProtection()
        stage.check(stage.pid(of: worker) != dead, "\(worker.rawValue) is the old one")
        try stage.wait(for: "the end of the target") { try stage.openTargets(account).isEmpty }
        let audit = stage.audit(account)
        stage.check(
          audit.closings.count == 3 && audit.closed(Sample.mnq) == 2
            && audit.closed(Sample.mes) == 3 && audit.closed(Sample.nq) == 1,
          "closings: \(audit.closings)")
        stage.checkConduct()
      }
    }

    @Test func `what happens while the gateway is dead is found`() throws {
      try RiskdStage.play { stage in
        // The new gateway does not come through for a while.
        stage.venue.addFault(.hub(.user, .upgrade, .refuse(status: 503), count: 2))
        try stage.kill(.gateway)
        try stage.buy(account, Sample.rty, 2)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.rty) == 2, "not closed once")
        try stage.awaitProtection()
        stage.checkConduct()
      }
    }

    @Test func `what happens while nobody listens is in the journal with its cause`() throws {
      try RiskdStage.play { stage in
        try stage.buy(account, Sample.mnq, 1)
        let old = try stage.venue.trader.place(
          account, Sample.mnq, .sell, size: 1, type: .limit, limit: .at("21900"))
        _ = try stage.comeToRest([account])
        // Nobody starts another gateway meanwhile.
        let supervisor = stage.riskd.pid
        let gateway = try #require(stage.pid(of: .gateway))
        Glibc.kill(supervisor, SIGSTOP)
        defer { Glibc.kill(supervisor, SIGCONT) }
        Glibc.kill(gateway, SIGKILL)
        try happen(stage, cancelling: old)
        Glibc.kill(supervisor, SIGCONT)
        try stage.awaitProtection()
        try expectMissed(stage, 1, cancelled: old)

        // And with nobody at all.
        let second = try #require(stage.venue.workingOrders(account).first?.id)
        try stage.stopRiskd()
        try happen(stage, cancelling: second)
        try stage.startRiskd()
        try expectMissed(stage, 2, cancelled: second)
        stage.checkConduct()
      }
    }

    /// A fill, an order that goes and one that comes.
    private func happen(_ stage: RiskdStage, cancelling order: OrderID) throws {
      if stage.venue.signedSize(account, Sample.mnq) == 1 {
        try stage.buy(account, Sample.mnq, 1)
      } else {
        try stage.sell(account, Sample.mnq, 1)
      }
      try stage.venue.trader.cancel(order)
      try stage.venue.trader.place(
        account, Sample.mnq, .sell, size: 1, type: .limit, limit: .at("21950"))
    }

    private func expectMissed(_ stage: RiskdStage, _ times: Int, cancelled: OrderID) throws {
      let journal = try stage.comeToRest([account])
      let missed = journal.differences.filter { $0.account == account }
      stage.check(missed.count == times, "\(missed.count) of \(times) in the journal: \(missed)")
      guard let last = missed.last else { return }
      let size = stage.venue.signedSize(account, Sample.mnq)
      let told = 3 - size
      let appeared = stage.venue.workingOrders(account).map {
        SourceDifference.orderAppeared($0.id)
      }
      let trade = stage.venue.trades(account).last.map { SourceDifference.tradeMissed($0.id) }
      let expected =
        [.position(Sample.mnq, told: told, listed: size), .orderEnded(cancelled)] + appeared
        + (trade.map { [$0] } ?? [])
      for difference in expected {
        stage.check(last.listed.contains(difference), "\(difference) is not in \(last.listed)")
      }
      stage.check(last.cause == .start, "its cause is \(last.cause.rawValue)")
      stage.check(
        stage.logLines("State Reconciler: account \(account): position").count == times,
        "the log does not say it")
    }

    @Test func `an operator's restarts under load count as no death`() throws {
      try RiskdStage.play { stage in
        stage.venue.startTraffic(
          TrafficPlan(
            account: RiskdStage.otherAccount, contract: Sample.mes, ordersPerSecond: 10,
            quotesPerSecond: 100))
        for worker in WorkerName.allCases + WorkerName.allCases {
          let old = stage.pid(of: worker)
          let outcome = stage.operatorCommands.restart(.init(worker: worker, wait: true))
          stage.check(outcome.code == .yes, "\(worker.rawValue): \(outcome)")
          stage.check(stage.pid(of: worker) != old, "\(worker.rawValue) was not restarted")
        }
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.venue.stopTraffic()
        try stage.awaitProtection()
        let report = stage.status()
        stage.check(report?.deathsInWindow == 0, "\(report?.deathsInWindow ?? -1) deaths")
        stage.check(report?.workers.allSatisfy { $0.life == 3 } == true, "not restarted twice")
        stage.checkConduct()
      }
    }
  }
}
