import RiskModel
import RiskTestKit
import Testing

@testable import RiskRules

/// What the engine looks up quickly is what its state says, whatever happens.
@Suite struct EngineIndexTests {
  private static let accounts = (1...5).map { AccountID($0 + 1_000) }
  private static let contracts = [Sample.mnq, Sample.es, Sample.mes, Sample.rty]
  private static let rules = RiskConfiguration(
    maxContracts: .init(limit: 4, action: .reduceToLimit),
    dailyRealizedLoss: .init(lossLimit: .of("300")),
    tradeFrequencyLimit: .init(windows: [.init(limit: 6, span: .seconds(600))]),
    noStopLossGrace: .init(grace: .seconds(60), requiresFullCoverage: false),
    symbolBlocks: .init(blocked: [SymbolRoot("RTY")]), staleThreshold: .seconds(86_400))

  private func snapshot(
    _ random: inout SeededGenerator, _ account: AccountID, at now: Instant
  ) -> EngineInput {
    let held = Self.contracts.filter { _ in random.chance(40) }
    return .snapshot(
      AccountSnapshot(
        account: Account(id: account, name: "A", balance: .zero, canTrade: true),
        positions: held.map {
          Position(
            id: 1, account: account, contract: $0, openedAt: now, signedSize: 1,
            averagePrice: .at("20000"))
        }, workingOrders: [], trades: [], startedAt: now))
  }

  private func step(
    _ random: inout SeededGenerator, _ scene: inout EngineScene, order: Int64
  ) {
    let pause = random.chance(3) ? Int64(86_400) : Int64(random.below(40))
    scene.now = scene.now + .seconds(pause)
    let account = random.pick(Self.accounts)
    let contract = random.pick(Self.contracts)
    switch random.below(12) {
    case 0...3: scene.hold(contract, Int64(random.below(7)) - 3, account: account)
    case 4, 5:
      scene.trade("\(random.below(120) - 80)", contract: contract, account: account, order: order)
    case 6: scene.mark(contract, last: "\(19_990 + random.below(20))")
    case 7: scene.send(snapshot(&random, account, at: scene.now))
    case 8: scene.send(.unknown(account, reason: "the queries fail"))
    case 9: scene.send(.unprotectable(account, reason: "it is not the venue's"))
    case 10:
      let kept = Self.accounts.filter { _ in random.chance(80) }
      scene.send(
        .configuration(Dictionary(uniqueKeysWithValues: kept.map { ($0, Self.rules) })))
    default: scene.wait(.seconds(1))
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `it follows the state through everything`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var scene = EngineScene(Self.rules, accounts: Self.accounts)
    var adopted = 0
    for number in 0..<250 {
      step(&random, &scene, order: Int64(number))
      let made = RiskEngine(state: scene.engine.state)
      #expect(scene.engine.index == made.index, "seed \(seed), step \(number)")
      #expect(scene.engine.nextDeadline == made.nextDeadline, "seed \(seed), step \(number)")
      // Asked for now and then, as by a process that takes several inputs in a turn.
      if random.chance(30) { scene.engine.keepDeadlines() }
      #expect(scene.engine.nextDeadline == made.nextDeadline, "seed \(seed), step \(number)")
      adopted += scene.standingTargets.count
    }
    #expect(adopted > 0)
  }

  /// An engine that goes on for long and one that is made from its state before every input decide
  /// alike: nothing is decided by what is only remembered for speed.
  @Test(arguments: 21...26 as ClosedRange<UInt64>)
  func `it decides nothing`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var scene = EngineScene(Self.rules, accounts: Self.accounts)
    var effects = 0
    for number in 0..<200 {
      var other = scene
      other.engine = RiskEngine(state: scene.engine.state)
      var same = random
      let before = scene.history.count
      step(&random, &scene, order: Int64(number))
      step(&same, &other, order: Int64(number))
      #expect(scene.history == other.history, "seed \(seed), step \(number)")
      #expect(scene.engine.state == other.engine.state, "seed \(seed), step \(number)")
      effects += scene.history.count - before
    }
    #expect(effects > 100)
  }
}
