import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Stops that riskd places and moves: the only orders of its own.
  @Suite struct ProtectionTests {
    private let account = RiskdStage.account

    static var options: StageOptions {
      var options = StageOptions()
      options.ruleChanges = [
        (
          "  trade_management:\n    enabled: false",
          """
            trade_management:
              enabled: true
              auto_stop_loss: true
              stop_loss_ticks: 40
              auto_breakeven:
                enabled: true
                profit_trigger_ticks: 20
                offset_ticks: 0
          """
        )
      ]
      return options
    }

    private func stops(_ stage: RiskdStage) -> [Order] {
      stage.venue.workingOrders(account).filter { $0.type == .stop && $0.side == .sell }
    }

    @Test func `a position gets one stop, which follows it and goes with it`() throws {
      try RiskdStage.play(Self.options) { stage in
        try stage.buy(account, Sample.mnq, 2)
        // The first quotes may come before their subscription.
        var isUp = false
        try stage.wait(for: "a stop") {
          isUp.toggle()
          try stage.venue.setPrice(Sample.mnq, last: .at(isUp ? "21000.25" : "21000"))
          return !stops(stage).isEmpty
        }
        guard let entry = stage.venue.positions(account).first?.averagePrice,
          let placed = stops(stage).first
        else { throw StageFailure("the position or its stop is gone") }
        let tick: Int64 = 250_000_000
        stage.check(
          placed.stopPrice == Price(nanos: entry.nanos - 40 * tick) && placed.size == 2
            && placed.customTag?.hasPrefix("riskd-stop-") == true, "placed \(placed)")

        try stage.move(Sample.mnq, to: .at("21008"), steps: 8)
        try stage.wait(for: "the stop at the entry") {
          isUp.toggle()
          try stage.venue.setPrice(Sample.mnq, last: .at(isUp ? "21008.25" : "21008"))
          return stops(stage).first?.stopPrice == entry
        }
        stage.check(stops(stage).map(\.id) == [placed.id], "another stop than \(placed.id)")

        try stage.sell(account, Sample.mnq, 1)
        try stage.wait(for: "a stop for one contract") { stops(stage).first?.size == 1 }

        try stage.kill(.enforcer)
        try stage.awaitProtection()
        try stage.stays("one stop", during: .seconds(5)) {
          stops(stage).map(\.id) == [placed.id]
        }

        try stage.sell(account, Sample.mnq, 1)
        try stage.wait(for: "nothing left") { stage.isFlat(account) }
        try stage.stays("flat", during: .seconds(3)) { stage.isFlat(account) }
        stage.check(
          stage.venue.requests(.placeOrder).count == 1,
          "placed: \(stage.venue.requests(.placeOrder))")
        stage.check(stage.venue.trades(account).count == 3, "riskd traded")
        stage.check(stage.audit(account).violations.isEmpty, "\(stage.audit(account).violations)")
      }
    }
  }
}
