import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// A trader who keeps to every rule is left alone.
  @Suite struct OrdinaryDayTests {
    private let account = RiskdStage.account

    private static var options: StageOptions {
      var options = StageOptions()
      options.ruleChanges = [
        (
          "  trade_frequency_limit:\n    enabled: false",
          "  trade_frequency_limit: {enabled: true, max_trades: 40, time_window_minutes: 60}"
        ),
        (
          "  cooldown_after_loss:\n    enabled: false",
          "  cooldown_after_loss: {enabled: true, loss_threshold: 100.00, cooldown_seconds: 300}"
        ),
        (
          "  no_stop_loss_grace:\n    enabled: false",
          """
            no_stop_loss_grace: {enabled: true, grace_period_seconds: 3, \
          require_full_coverage: true}
          """
        ),
        (
          "  session_block_outside:\n    enabled: false",
          """
            session_block_outside:
              enabled: true
              allowed_hours: {start: "00:00", end: "23:59"}
              allowed_days: [0, 1, 2, 3, 4, 5, 6]
              respect_holidays: false
          """
        ),
        ("  auth_loss_guard:\n    enabled: false", "  auth_loss_guard: {enabled: true}"),
        (
          "  trade_management:\n    enabled: false",
          """
            trade_management: {enabled: true, auto_stop_loss: true, stop_loss_ticks: 100}
            daily_realized_profit: {enabled: true, target: 1000.00}
          """
        ),
      ]
      options.venue.accounts = options.venue.accounts.map {
        var account = $0
        account.bracketMode = .autoOCO
        return account
      }
      return options
    }

    private func enter(
      _ stage: RiskdStage, _ contract: ContractID, _ side: Side, _ size: Int64
    ) throws {
      let sign = side.sign
      try stage.venue.trader.place(
        OrderTicket(
          account: account, contract: contract, type: .market, side: side, size: size,
          stopLoss: BracketLeg(ticks: -80 * sign, type: .stop),
          takeProfit: BracketLeg(ticks: 160 * sign, type: .limit)))
    }

    /// The trader takes contracts off and the legs that were theirs.
    private func leave(
      _ stage: RiskdStage, _ contract: ContractID, _ side: Side, _ size: Int64
    ) throws {
      try stage.venue.trader.place(account, contract, side, size: size)
      let legs = stage.venue.workingOrders(account).filter { $0.contract == contract }
      let held = stage.venue.signedSize(account, contract).magnitude
      for type in [OrderType.stop, .limit] {
        var surplus =
          legs.filter { $0.type == type }.reduce(0) { $0 + $1.size } - Int64(held)
        for leg in legs where leg.type == type && surplus > 0 {
          try stage.venue.trader.cancel(leg.id)
          surplus -= leg.size
        }
      }
    }

    @Test func `brackets, scale-ins and partial exits under all rules, and nothing is touched`()
      throws
    {
      try RiskdStage.play(Self.options) { stage in
        for (contract, side) in [
          (Sample.mnq, Side.buy), (Sample.mes, .sell), (Sample.mnq, .sell), (Sample.mes, .buy),
        ] {
          let price = stage.venue.perform { $0.markets[contract]?.last } ?? .at("6000")
          try enter(stage, contract, side, 1)
          // In and out of a little profit and loss.
          let step = side.sign * 2 * 1_000_000_000
          try stage.move(contract, to: Price(nanos: price.nanos + step), steps: 4)
          try enter(stage, contract, side, 1)
          try stage.move(contract, to: Price(nanos: price.nanos - step), steps: 8)
          try leave(stage, contract, side.opposite, 1)
          try stage.move(contract, to: Price(nanos: price.nanos + step / 2), steps: 4)
          try stage.stays("the last contract", during: .seconds(4)) {
            stage.venue.signedSize(account, contract) == side.sign
          }
          try leave(stage, contract, side.opposite, 1)
          stage.check(stage.isFlat(account), "the trader is not flat")
          try stage.move(contract, to: price, steps: 2)
        }
        try stage.wait(for: "the last event") {
          stage.logLines("position \(Sample.mes) 0").count >= 2
        }
        stage.check(stage.changes(account).isEmpty, "riskd did: \(stage.changes(account))")
        stage.check(stage.logLines("reason=").isEmpty, "breaches: \(stage.logLines("reason="))")
        stage.check(try stage.openTargets(account).isEmpty, "targets stand")
        stage.check(stage.venue.trades(account).count == 16, "trades of somebody else")
        stage.checkConduct()
      }
    }
  }
}
