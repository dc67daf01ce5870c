import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What positions, orders and executions do at the venue, seen by all rules together.
@Suite struct EdgeTests {
  private let ordinary = RiskConfiguration(
    maxContracts: .init(limit: 5),
    maxContractsPerInstrument: .init(
      limits: [SymbolRoot("MNQ"): 3, SymbolRoot("ES"): 2], unknownSymbol: .allowWithLimit(2)),
    dailyRealizedLoss: .init(lossLimit: .of("500")),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")),
    maxUnrealizedProfit: .init(mode: .profitTarget(.of("1000"))),
    tradeFrequencyLimit: .init(windows: [.init(limit: 30, span: .seconds(3_600))]),
    cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))]),
    noStopLossGrace: .init(grace: .seconds(30)), authLossGuard: .init(),
    symbolBlocks: .init(blocked: [SymbolRoot("RTY")]))

  /// A bracket, a scale-in, partial exits and a trailed stop: nothing of it is touched.
  @Test func `an ordinary day passes without a word`() {
    var scene = EngineScene(ordinary)
    scene.account(canTrade: true)
    for round in 0..<5 {
      let stop = Int64(round) + 100
      scene.send(scene.working(Sample.mnq, id: stop + 100, .buy, .limit, size: 2))
      scene.send(scene.working(Sample.mnq, id: stop, .sell, .stop, status: .suspended, size: 2))
      scene.trade(nil, .buy, size: 2)
      scene.hold(Sample.mnq, 2, at: "20000")
      scene.send(scene.working(Sample.mnq, id: stop, .sell, .stop, at: "19950", size: 2))
      scene.mark(Sample.mnq, last: "20000")
      scene.wait(.seconds(40))
      scene.trade(nil, .buy)
      scene.hold(Sample.mnq, 3, at: "20001.375")
      scene.mark(Sample.mnq, last: "20020")
      scene.send(scene.working(Sample.mnq, id: stop, .sell, .stop, at: "20005", size: 3))
      scene.trade("35", size: 2)
      scene.hold(Sample.mnq, 1, at: "20001.375")
      scene.wait(.seconds(60))
      scene.trade("7")
      scene.hold(Sample.mnq, 0, at: "20001.375")
      scene.send(scene.working(Sample.mnq, id: stop, .sell, .stop, status: .cancelled))
      scene.wait(.seconds(300))
    }
    #expect(scene.history.goals.isEmpty)
    #expect(scene.history.reasons.isEmpty)
    #expect(scene.history.queries.isEmpty)
  }

  @Test func `a roll counts both expiries`() {
    var scene = EngineScene(ordinary)
    scene.hold(Sample.mnq, 2)
    let effects = scene.hold(Sample.mnqNext, 2)
    #expect(
      effects.reasons
        == [.contractsAboveInstrumentLimit(root: SymbolRoot("MNQ"), held: 4, limit: 3)])
  }

  @Test func `T28: our own close leads on to the daily loss and closes nothing twice`() {
    var scene = EngineScene(ordinary)
    scene.trade("-90", contract: Sample.es)
    scene.trade("-95", contract: Sample.es)
    scene.hold(Sample.mnq, 3, at: "20000")
    scene.mark(Sample.mnq, last: "19960")
    #expect(scene.mark(Sample.mnq, last: "19947").goals == [.flat(Sample.mnq)])
    for price in ["19946", "19945", "19940"] {
      #expect(scene.mark(Sample.mnq, last: price).goals.isEmpty)
    }
    let effects = scene.trade("-318", size: 3)
    #expect(Set(effects.reasons.map(\.code)) == ["DAILY_LOSS_REACHED", "LOSS_OF_TRADE"])
    scene.hold(Sample.mnq, 0)
    #expect(!scene.standing.contains(.flat(Sample.es)))
    #expect(scene.standing.contains(.flatAccount))
  }

  @Test func `a reversal in one order breaks for the loss and removes what it opened`() {
    var scene = EngineScene(ordinary)
    scene.hold(Sample.mnq, 2, at: "20000")
    scene.trade("-120", size: 2, order: 9)
    scene.trade(nil, size: 1, order: 9)
    let effects = scene.hold(Sample.mnq, -1, at: "19970")
    #expect(scene.standing == [.noNewExposure([])])
    #expect(effects.count { if case .reentry = $0 { true } else { false } } == 1)
  }

  @Test func `an execution whose figures come later was executed once`() {
    var scene = EngineScene(
      RiskConfiguration(
        cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))])))
    scene.hold(Sample.mnq, 2)
    scene.trade(nil, id: 7, fees: "0", .buy)
    scene.hold(Sample.mnq, 3)
    scene.trade(nil, id: 7, fees: "1", .buy)
    #expect(
      scene.trade("-100", contract: Sample.es).goals
        == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 3)])])
  }

  @Test func `a voided loss does not begin a break and does not end one`() {
    var scene = EngineScene(ordinary)
    #expect(scene.trade("-150", id: 4, voided: true).goals.isEmpty)
    #expect(scene.trade("-150", id: 4).goals.isEmpty)
    #expect(scene.trade("-150", id: 5).goals.count == 1)
    #expect(scene.trade("-150", id: 5, voided: true).endings.isEmpty)
  }

  @Test func `a trade of the old day that arrives late does not lock the new one`() {
    var scene = EngineScene(ordinary)
    let reset = TradingDayRule.standard.end(of: CivilDate(year: 2026, month: 11, day: 18))
    scene.now = reset + .seconds(1)
    scene.send(.tick(venueTime: scene.now))
    let effects = scene.trade("-600", at: reset - .seconds(1))
    #expect(!effects.goals.contains(.flatAccount))
    // The loss itself was a second ago, and the break after it is not over.
    #expect(effects.adopted.map(\.end) == [.at(reset + .seconds(299))])
    #expect(scene.state().ledger.realized == .zero)
  }

  @Test(arguments: [true, false])
  func `S13: a restart around the reset gives one reset`(before: Bool) throws {
    var scene = EngineScene(ordinary)
    let reset = TradingDayRule.standard.end(of: CivilDate(year: 2026, month: 11, day: 18))
    scene.trade("-90")
    scene.now = reset + .seconds(before ? -1 : 1)
    if before { scene.send(.tick(venueTime: scene.now)) }
    scene.engine = RiskEngine(state: scene.engine.state)
    scene.now = reset + .seconds(2)
    var resets = 0
    for _ in 0..<3 {
      resets += scene.send(.tick(venueTime: scene.now)).count {
        if case .dailyReset = $0 { true } else { false }
      }
    }
    #expect(resets == 1)
  }

  @Test func `an unknown contract counts for the rules that need no price`() {
    var scene = EngineScene(ordinary)
    let unknown = ContractID("CON.F.US.ZZZ.Z26")
    let effects = scene.hold(unknown, 3)
    #expect(effects.queries == [.contract(unknown)])
    #expect(effects.goals == [.atMost(unknown, size: 2)])
    #expect(scene.wait(.seconds(30)).queries == [.workingOrders(Sample.account)])
  }

  @Test func `an older update of an order does not bring a stop back`() {
    var scene = EngineScene(ordinary)
    scene.hold(Sample.mnq, 1)
    scene.send(scene.working(Sample.mnq, id: 3, .sell, .stop, at: "1", status: .cancelled))
    scene.send(scene.working(Sample.mnq, id: 3, .sell, .stop, at: "1"))
    #expect(scene.wait(.seconds(30)).queries.count == 1)
  }
}
