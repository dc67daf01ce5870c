import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct DistanceTests {
  @Test func `each rule tells what is left`() {
    var scene = EngineScene(
      RiskConfiguration(
        maxContracts: .init(limit: 5),
        maxContractsPerInstrument: .init(
          limits: [SymbolRoot("MNQ"): 4], unknownSymbol: .allowUnlimited),
        dailyRealizedLoss: .init(lossLimit: .of("500")),
        dailyUnrealizedLoss: .init(lossLimit: .of("300")),
        maxUnrealizedProfit: .init(mode: .profitTarget(.of("1000"))),
        tradeFrequencyLimit: .init(windows: [.init(limit: 30, span: .seconds(3_600))]),
        cooldownAfterLoss: .init(steps: [
          .init(loss: .of("200"), cooldown: .seconds(300)),
          .init(loss: .of("400"), cooldown: .seconds(900)),
        ]),
        dailyRealizedProfit: .init(target: .of("1000"))))
    scene.hold(Sample.mnq, 2, at: "20000")
    scene.mark(Sample.mnq, last: "19990")
    scene.trade("-120")
    let distances = scene.engine.distances(Sample.account)
    #expect(
      distances.map { "\($0.rule.key): \($0)" } == [
        "max_contracts: 2 of 5 contracts, 3 left",
        "max_contracts_per_instrument: 2 of 4 contracts, 2 left",
        "daily_realized_loss: 120.00 of 500.00, 380.00 left",
        "daily_unrealized_loss: 40.00 of 300.00, 260.00 left",
        "max_unrealized_profit: -40.00 of 1000.00, 1040.00 left",
        "trade_frequency_limit: 1 of 30 trades, 29 left",
        "cooldown_after_loss: 40.00 of 200.00, 160.00 left",
        "daily_realized_profit: -120.00 of 1000.00, 1120.00 left",
      ])
    #expect(scene.engine.distances(AccountID(9)).isEmpty)
  }

  @Test(
    arguments: [
      ("-349.99", []), ("-350", [70]), ("-449.99", [89]), ("-450", [90]), ("-499.99", [99]),
    ] as [(String, [Int64])])
  func `warns at 70 and at 90 percent`(loss: String, percents: [Int64]) {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500"))))
    #expect(scene.trade(loss).approaching.map(\.percent) == percents)
  }

  @Test func `each grade is told once, and again after it was well left`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100"))))
    #expect(scene.trade("-75").approaching.map(\.grade) == [.near])
    #expect(scene.trade("-5").approaching.isEmpty)
    #expect(scene.trade("-12").approaching.map(\.grade) == [.close])
    #expect(scene.trade("10").approaching.isEmpty)
    #expect(scene.trade("-10").approaching.isEmpty)
    #expect(scene.trade("40").approaching.isEmpty)
    #expect(scene.trade("-30").approaching.map(\.grade) == [.near])
  }

  @Test func `a position that is gone is told of anew when it comes back`() {
    var scene = EngineScene(
      RiskConfiguration(
        maxContractsPerInstrument: .init(
          limits: [:], unknownSymbol: .allowWithLimit(10))))
    #expect(scene.hold(Sample.mnq, 7).approaching.map(\.subject) == [.root(SymbolRoot("MNQ"))])
    #expect(scene.hold(Sample.mnq, 8).approaching.isEmpty)
    scene.hold(Sample.mnq, 0)
    #expect(scene.hold(Sample.mnq, 9).approaching.map(\.percent) == [90])
  }

  @Test func `the open loss counts where it counts for the rule`() {
    var scene = EngineScene(
      RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500"), combined: true)))
    scene.hold(Sample.mnq, 2, at: "20000")
    scene.trade("-300")
    #expect(scene.mark(Sample.mnq, last: "19980").approaching.map(\.percent) == [76])
  }
}
