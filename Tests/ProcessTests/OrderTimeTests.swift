import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The venue does not say when an order changed, in its events or in its lists.
  @Suite struct OrderTimeTests {
    private let account = RiskdStage.account

    /// Without regular comparisons, which would find in time what this is about.
    private static var options: StageOptions {
      var options = StageOptions()
      options.toleratesDeaths()
      options.mainLines += """
        stateReconciliation:
          periodicEnabled: false

        """
      return options
    }

    private func rest(_ stage: RiskdStage) throws -> OrderID {
      let order = try stage.venue.trader.place(
        account, Sample.mnq, .buy, size: 1, type: .limit, limit: .at("20000"))
      _ = try stage.comeToRest([account])
      return order
    }

    @Test func `an event without a time ends an order that a list told of`() throws {
      var options = Self.options
      options.venue.hub.form.hidesUpdateTimestamps = true
      try RiskdStage.play(options) { stage in
        let order = try rest(stage)
        try stage.venue.trader.modify(order, OrderChange(limitPrice: .at("20001")))
        // The next gateway knows the order from the list, which says when it changed.
        let before = snapshots(stage)
        try stage.kill(.gateway)
        try stage.wait(for: "a list of the orders") { snapshots(stage) > before }
        try stage.awaitProtection()
        try stage.venue.trader.cancel(order)
        let journal = try stage.comeToRest([account])
        stage.check(journal.workingOrders(account).isEmpty, "the order is taken for working")
        stage.checkConduct()
      }
    }

    @Test func `a list without times shows a change that no event told`() throws {
      var options = Self.options
      options.venue.gateway.form.hidesUpdateTimestamps = true
      try RiskdStage.play(options) { stage in
        let order = try rest(stage)
        let events = userEvents(stage)
        try stage.venue.trader.modify(order, OrderChange(limitPrice: .at("20001")))
        try stage.wait(for: "the event of the change") { userEvents(stage) > events }
        stage.venue.addFault(.hub(.user, .event(.order), .lose))
        try stage.venue.trader.modify(order, OrderChange(limitPrice: .at("20002")))
        stage.check(stage.venue.counters.faultsStruck == 1, "the event was not lost")
        stage.venue.addFault(.hub(.user, .reset))
        var journal = JournalAudit()
        try stage.wait(for: "the change") {
          try stage.reading { try journal.advance($0) }
          return journal.differences.contains { $0.listed.contains(.orderChanged(order)) }
        }
        stage.checkConduct()
      }
    }

    /// How often lists took the place of what was known.
    private func snapshots(_ stage: RiskdStage) -> Int {
      stage.logLines("Initial reconciliation complete").count
    }

    private func userEvents(_ stage: RiskdStage) -> Int64 {
      stage.status()?.workers.first { $0.name == .gateway }?.progress?.figures["userEvents"] ?? 0
    }
  }
}
