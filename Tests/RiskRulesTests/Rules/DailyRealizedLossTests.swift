import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct DailyRealizedLossTests {
  private func scene(
    _ limit: String = "500", action: DailyRealizedLoss.Action = .closeAllAndLockout,
    end: LockoutEnd = .dailyReset, combined: Bool = false, includeFees: Bool = false
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(
        dailyRealizedLoss: .init(
          lossLimit: .of(limit), action: action, lockoutEnd: end, combined: combined,
          includeFees: includeFees)))
  }

  private let today = CivilDate(year: 2026, month: 11, day: 18)

  @Test func `T4: the trade that takes the day to -550 locks until the reset`() {
    var scene = scene()
    #expect(scene.trade("100").goals.isEmpty)
    #expect(scene.trade("-200").goals.isEmpty)
    let effects = scene.trade("-450")
    #expect(effects.goals == [.flatAccount])
    #expect(effects.adopted.map(\.end) == [.dailyReset(today)])
    #expect(
      effects.reasons
        == [.dailyLossReached(realized: .of("-550"), open: nil, limit: .of("500"))])
  }

  @Test(arguments: [("-500", true), ("-499.99", false), ("-500.000001", true), ("500", false)])
  func `T5: fires at the limit`(profit: String, fires: Bool) {
    var scene = scene()
    #expect(!scene.trade(profit).goals.isEmpty == fires)
  }

  @Test func `T6: a trade counts once, however often it is delivered`() {
    var scene = scene()
    for _ in 0..<3 { #expect(scene.trade("-200", id: 42).goals.isEmpty) }
    #expect(scene.state().ledger.realized == .of("-200"))
  }

  @Test func `T7: a voided trade is taken back and never counted again`() {
    var scene = scene()
    scene.trade("-300", id: 42)
    scene.trade("-300", id: 42, voided: true)
    #expect(scene.state().ledger.realized == .zero)
    scene.trade("-300", id: 42)
    #expect(scene.state().ledger.realized == .zero)
    scene.trade("-900", id: 43, voided: true)
    #expect(scene.standing.isEmpty)
  }

  @Test func `an opening half-turn has no result`() {
    var scene = scene("1")
    #expect(scene.trade(nil).goals.isEmpty)
    #expect(scene.state().ledger.realized == .zero)
  }

  @Test func `later profits do not unlock and later losses do not lock twice`() {
    var scene = scene()
    scene.trade("-600")
    #expect(scene.trade("900").endings.isEmpty)
    #expect(scene.trade("-900").goals.isEmpty)
    #expect(scene.standing == [.flatAccount])
  }

  @Test func `the reset unlocks once both clocks have reached it`() {
    var scene = scene()
    scene.trade("-600")
    // The machine's clock alone unlocks nothing.
    scene.now = scene.now + .seconds(8 * 3_600)
    #expect(scene.send(.tick(venueTime: Sample.morning)).endings.isEmpty)
    #expect(scene.send(.tick(venueTime: nil)).endings.isEmpty)
    let effects = scene.send(.tick(venueTime: scene.now))
    #expect(effects.endings == [.dailyReset])
    #expect(
      effects.contains(
        .dailyReset(Sample.account, ended: today, realized: .of("-600"))))
    #expect(scene.state().ledger.realized == .zero)
  }

  @Test func `a trade of before the reset that arrives after it belongs to the old day`() {
    var scene = scene()
    scene.wait(.seconds(8 * 3_600))
    let late = TradingDayRule.standard.end(of: today) - .seconds(1)
    #expect(scene.trade("-600", at: late).goals.isEmpty)
    #expect(scene.state().ledger.realized == .zero)
  }

  @Test func `a trade of after the reset that arrives before it belongs to the new day`() {
    var scene = scene()
    let early = TradingDayRule.standard.end(of: today) + .seconds(1)
    #expect(scene.trade("-600", at: early).goals.isEmpty)
    #expect(scene.state().ledger.realized == .zero)
    #expect(scene.wait(.seconds(8 * 3_600)).goals == [.flatAccount])
  }

  @Test func `a permanent lockout outlives the reset`() {
    var scene = scene(end: .permanent)
    scene.trade("-600")
    #expect(scene.wait(.seconds(86_400)).endings.isEmpty)
    #expect(scene.standingTargets.map(\.end) == [.permanent])
  }

  @Test func `CLOSE_ALL_POSITIONS closes what is there and does not lock`() throws {
    var scene = scene(action: .closeAllPositions)
    #expect(scene.trade("-600").goals.isEmpty)
    let target = try #require(scene.hold(Sample.mnq, 1).adopted.first)
    #expect(target.goal == .flatAccount && target.end == .episode)
    scene.hold(Sample.mnq, 0)
    scene.send(.proven(target.id))
    #expect(scene.standing.isEmpty)
    #expect(scene.order(Sample.mnq).goals == [.flatAccount])
  }

  @Test func `T27: combined counts open losses`() {
    var scene = scene("1000", combined: true)
    scene.hold(Sample.mnq, 1, at: "20000")
    #expect(scene.trade("-850").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "19925.25").goals.isEmpty)
    let effects = scene.mark(Sample.mnq, last: "19925")
    #expect(effects.goals == [.flatAccount])
    #expect(
      effects.reasons
        == [.dailyLossReached(realized: .of("-850"), open: .of("-150"), limit: .of("1000"))])
  }

  @Test func `a position without a price does not hide from combined what the others lose`() {
    var scene = scene("500", combined: true)
    scene.hold(Sample.mnq, 10, at: "20000")
    scene.hold(Sample.es, 1, at: "5800")
    scene.trade("-400")
    #expect(scene.mark(Sample.mnq, last: "19995.25").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "19995").goals == [.flatAccount])
  }

  @Test func `combined waits for the first price of a position that was found`() {
    var scene = scene("500", combined: true)
    scene.hold(Sample.mnq, 10, at: "20000")
    scene.hold(Sample.es, 1, at: "5800", opened: scene.now - .seconds(3600))
    scene.trade("-400")
    #expect(scene.mark(Sample.mnq, last: "19900").goals.isEmpty)
    #expect(scene.mark(Sample.es, last: "5800").goals == [.flatAccount])
  }

  @Test func `fees count when asked for, those of half-turns too`() {
    var with = scene("500", includeFees: true)
    with.trade(nil, fees: "1.50")
    #expect(with.trade("-498.50", fees: "0").goals == [.flatAccount])
    var without = scene("500")
    without.trade(nil, fees: "1.50")
    #expect(without.trade("-498.50", fees: "0").goals.isEmpty)
  }

  @Test func `a snapshot after an outage brings the trades that were missed`() {
    var scene = scene()
    scene.trade("-200", id: 1)
    let missed = [("-200", 1), ("-300", 2)].map { profit, id in
      Trade(
        id: TradeID(Int64(id)), account: Sample.account, contract: Sample.mnq,
        executedAt: scene.now, price: .at("20000"), profit: .of(profit), fees: .zero, side: .sell,
        size: 1, order: OrderID(1))
    }
    let snapshot = AccountSnapshot(
      account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
      positions: [], workingOrders: [], trades: missed, startedAt: scene.now)
    #expect(scene.send(.snapshot(snapshot)).goals == [.flatAccount])
    #expect(scene.state().ledger.realized == .of("-500"))
  }

  @Test func `fees that the venue tells later count where fees count`() {
    for (isCounted, goals) in [(true, [Goal.flatAccount]), (false, [])] {
      var scene = EngineScene(
        RiskConfiguration(
          dailyRealizedLoss: .init(lossLimit: .of("500"), includeFees: isCounted)))
      #expect(scene.trade("-499", id: 1, fees: "0").goals.isEmpty)
      #expect(scene.trade("-499", id: 1, fees: "1").goals == goals)
      #expect(scene.trade("-499", id: 1, fees: "0").goals.isEmpty)
    }
  }
}
