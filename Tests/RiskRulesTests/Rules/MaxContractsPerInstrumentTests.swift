import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct MaxContractsPerInstrumentTests {
  private func scene(
    _ action: MaxContractsPerInstrument.Action = .reduceToLimit,
    unknown: MaxContractsPerInstrument.UnknownSymbol = .block
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(
        maxContractsPerInstrument: .init(
          limits: [
            SymbolRoot("MNQ"): 2, SymbolRoot("NQ"): 1, SymbolRoot("ES"): 1, SymbolRoot("MES"): 3,
          ], action: action, unknownSymbol: unknown)))
  }

  @Test func `T2: three MNQ are reduced by one`() {
    var scene = scene()
    #expect(scene.hold(Sample.mnq, 2).goals.isEmpty)
    let effects = scene.hold(Sample.mnq, 3)
    #expect(effects.goals == [.atMost(Sample.mnq, size: 2)])
    #expect(
      effects.reasons
        == [.contractsAboveInstrumentLimit(root: SymbolRoot("MNQ"), held: 3, limit: 2)])
  }

  @Test(arguments: [Sample.nq, Sample.es])
  func `T3: a limit for NQ or ES binds the venue's ENQ and EP`(contract: ContractID) {
    var scene = scene()
    #expect(scene.hold(contract, 2).goals == [.atMost(contract, size: 1)])
  }

  @Test func `shorts count like longs`() {
    var scene = scene()
    #expect(scene.hold(Sample.mnq, -4).goals == [.atMost(Sample.mnq, size: 2)])
  }

  @Test func `expiries of a root add up and the newest is reduced`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(1))
    #expect(scene.hold(Sample.mnqNext, 1).goals == [.flat(Sample.mnqNext)])
    #expect(
      scene.history.reasons
        == [.contractsAboveInstrumentLimit(root: SymbolRoot("MNQ"), held: 3, limit: 2)])
  }

  @Test func `close_all closes that symbol and no other`() {
    var scene = scene(.closeAll)
    scene.hold(Sample.mes, 3)
    #expect(scene.hold(Sample.mnq, 3).goals == [.flat(Sample.mnq)])
  }

  @Test(arguments: [
    (MaxContractsPerInstrument.UnknownSymbol.block, Int64(1), [Goal.flat(Sample.rty)]),
    (.allowWithLimit(1), 1, []),
    (.allowWithLimit(1), 2, [.atMost(Sample.rty, size: 1)]),
    (.allowUnlimited, 50, []),
  ])
  func `a symbol without a limit`(
    unknown: MaxContractsPerInstrument.UnknownSymbol, size: Int64, goals: [Goal]
  ) {
    var scene = scene(unknown: unknown)
    #expect(scene.hold(Sample.rty, size).goals == goals)
  }

  @Test func `blocked symbols say so`() {
    var scene = scene()
    #expect(
      scene.hold(Sample.rty, 1).reasons
        == [.symbolWithoutLimit(root: SymbolRoot("RTY"), held: 1)])
  }

  @Test func `a stricter reduction replaces a weaker one that still stands`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(1))
    scene.hold(Sample.mnq, 4)
    scene.wait(.seconds(1))
    // A second expiry is newer: it goes first, and the older reduction already stands.
    let effects = scene.hold(Sample.mnqNext, 1)
    #expect(effects.goals == [.flat(Sample.mnqNext)])
    #expect(scene.standing == [.atMost(Sample.mnq, size: 2), .flat(Sample.mnqNext)])
  }
}
