import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct TradeFrequencyLimitTests {
  private func scene(
    _ windows: [TradeFrequencyLimit.Window] = [.init(limit: 30, span: .seconds(3_600))],
    countBy: TradeFrequencyLimit.CountBy = .execution
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(tradeFrequencyLimit: .init(windows: windows, countBy: countBy)))
  }

  @Test func `T12: the 31st trade within the hour stops new exposure and closes nothing`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    for _ in 0..<30 {
      #expect(scene.trade(nil, .buy).goals.isEmpty)
      scene.trade("1", voided: true)
      scene.wait(.seconds(60))
    }
    let effects = scene.trade("5")
    #expect(
      effects.goals == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(effects.reasons == [.tradesAboveLimit(count: 31, limit: 30, seconds: 3_600)])
    // The window has room when the second trade has left it, an hour after the second minute.
    #expect(effects.adopted.map(\.end) == [.at(Sample.morning + .seconds(3_660))])
  }

  @Test(
    arguments: [
      // Three trades in an hour are one too many; the third one comes after so many seconds.
      (0, Int64(3_600)), (1_800, 3_600), (3_599, 3_659), (3_600, nil),
    ] as [(Int64, Int64?)])
  func `the break lasts until there is room, at least a minute`(third: Int64, end: Int64?) {
    var scene = scene([.init(limit: 2, span: .seconds(3_600))])
    scene.trade(nil, at: Sample.morning)
    scene.trade(nil, at: Sample.morning)
    scene.wait(.seconds(third))
    let expected = end.map { [TargetEnd.at(Sample.morning + .seconds($0))] } ?? []
    #expect(scene.trade(nil).adopted.map(\.end) == expected)
  }

  @Test func `a break of its own length replaces the computed one`() {
    var scene = scene([.init(limit: 1, span: .seconds(3_600), cooldown: .seconds(5))])
    scene.trade(nil)
    #expect(scene.trade(nil).adopted.map(\.end) == [.at(scene.now + .seconds(5))])
    #expect(scene.wait(.seconds(4)).endings.isEmpty)
    #expect(scene.wait(.seconds(1)).endings == [.expired])
    #expect(scene.trade(nil).goals.count == 1)
  }

  @Test func `of several full windows the longest break counts`() {
    let windows: [TradeFrequencyLimit.Window] = [
      .init(limit: 1, span: .seconds(60), cooldown: .seconds(60)),
      .init(limit: 1, span: .seconds(3_600), cooldown: .seconds(1_800)),
      .init(limit: 5, span: nil, cooldown: .seconds(3_600)),
    ]
    var scene = scene(windows)
    scene.trade(nil)
    let effects = scene.trade(nil)
    #expect(effects.reasons == [.tradesAboveLimit(count: 2, limit: 1, seconds: 3_600)])
    #expect(effects.adopted.map(\.end) == [.at(scene.now + .seconds(1_800))])
  }

  @Test func `the count of the trading day begins again at the reset`() {
    var scene = scene([.init(limit: 2, span: nil)])
    for _ in 0..<2 { scene.trade(nil) }
    let effects = scene.trade(nil)
    #expect(
      effects.adopted.map(\.end) == [.dailyReset(CivilDate(year: 2026, month: 11, day: 18))])
    #expect(effects.reasons == [.tradesAboveLimit(count: 3, limit: 2, seconds: nil)])
    #expect(scene.wait(.seconds(7 * 3_600)).endings == [.dailyReset])
    #expect(scene.trade(nil).goals.isEmpty)
  }

  @Test func `a window reaches across the reset`() {
    var scene = scene([.init(limit: 2, span: .seconds(3_600))])
    scene.wait(.seconds(7 * 3_600 - 600))
    for _ in 0..<2 { scene.trade(nil) }
    scene.wait(.seconds(1_200))
    #expect(scene.trade(nil).goals.count == 1)
  }

  @Test(
    arguments: [
      (TradeFrequencyLimit.CountBy.execution, 3), (.order, 2), (.roundTurn, 1),
    ] as [(TradeFrequencyLimit.CountBy, Int64)])
  func `what a trade is`(countBy: TradeFrequencyLimit.CountBy, count: Int64) {
    var scene = scene([.init(limit: 50, span: .seconds(60))], countBy: countBy)
    scene.trade(nil, order: 1)
    scene.trade(nil, order: 1)
    scene.trade("5", order: 2)
    scene.trade("5", id: 9, voided: true, order: 3)
    #expect(
      scene.engine.distances(Sample.account).map(\.amount)
        == [.trades(value: count, limit: 50)])
  }

  @Test func `late and doubled executions count once, by their own time`() {
    var scene = scene([.init(limit: 2, span: .seconds(60))])
    scene.trade(nil, id: 1)
    scene.trade(nil, id: 1)
    scene.wait(.seconds(100))
    scene.trade(nil, id: 2)
    // Made a minute and a half ago: with the first one and no other.
    scene.trade(nil, id: 3, at: scene.now - .seconds(90))
    #expect(scene.standing.isEmpty)
    #expect(scene.trade(nil, id: 4, at: scene.now - .seconds(95)).goals.isEmpty)
  }

  @Test func `a break that is over is not begun by an old trade`() {
    var scene = scene([.init(limit: 1, span: .seconds(60), cooldown: .seconds(60))])
    let before = scene.now - .seconds(600)
    scene.trade(nil, at: before)
    #expect(scene.trade(nil, at: before).goals.isEmpty)
  }

  /// A market order of ours: the close of a blocked symbol.
  private func ownClose(
    _ scene: inout EngineScene, reply: Bool, tag: String? = nil, size: Int64 = 1
  ) -> [Effect] {
    let sentAt = scene.now
    scene.now = scene.now + .milliseconds(80)
    scene.send(scene.working(Sample.rty, id: 77, .sell, .market, size: size, tag: tag))
    var effects = scene.trade("-5", contract: Sample.rty, order: 77)
    scene.hold(Sample.rty, 0)
    if reply {
      effects += scene.send(
        .ownClose(
          OwnClose(
            account: Sample.account, contract: Sample.rty, size: nil, sentAt: sentAt,
            repliedAt: scene.now)))
    }
    scene.now = scene.now + .seconds(9)
    effects += scene.send(.tick(venueTime: scene.now))
    scene.now = scene.now + .seconds(1)
    #expect(scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    return effects + scene.send(.tick(venueTime: scene.now))
  }

  @Test(
    arguments: [
      (true, nil, 1, false),
      // No report of a request, a tag, or more than was held: the trade is the trader's.
      (false, nil, 1, true), (true, "mine", 1, true), (true, nil, 2, true),
    ] as [(Bool, String?, Int64, Bool)])
  func `a close of ours does not count, in doubt it does`(
    reply: Bool, tag: String?, size: Int64, counts: Bool
  ) {
    var scene = EngineScene(
      RiskConfiguration(
        tradeFrequencyLimit: .init(windows: [.init(limit: 1, span: .seconds(3_600))]),
        symbolBlocks: .init(blocked: [SymbolRoot("RTY")])))
    scene.trade(nil, contract: Sample.rty, .buy)
    scene.hold(Sample.rty, 1)
    let effects = ownClose(&scene, reply: reply, tag: tag, size: size)
    #expect(effects.reasons.contains { $0.code == "TRADES_ABOVE_LIMIT" } == counts)
  }
}
