import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// The auditor must be able to object: without one of the product's guards some world must fail.
@Suite struct CanaryTests {
  private static let seeds: ClosedRange<UInt64> = 1...400

  @Test(arguments: BrokenGuard.allCases)
  func aBrokenGuardIsFound(_ guarded: BrokenGuard) {
    for seed in Self.seeds {
      let options = guarded.options(seed: seed)
      let objections = World(options, broken: guarded).run()
      guard let first = objections.first(where: { $0.contains(guarded.objection) }) else {
        continue
      }
      print("canary: without \(guarded.rawValue) seed \(seed) fails: \(first)")
      // The same seed fails in the same way, and not with the guard in its place.
      #expect(World(options, broken: guarded).run() == objections)
      #expect(World(options).run().isEmpty)
      return
    }
    Issue.record("no world misses the guard \(guarded.rawValue)")
  }

  @Test func `the same seed gives the same world, event by event`() {
    let all = (1...400).map { WorldOptions(seed: $0) }
    let worlds = all.filter { !$0.usesDatabase }.prefix(17) + all.filter(\.usesDatabase).prefix(3)
    #expect(worlds.count == 20)
    for options in worlds {
      let first = World(options, isLogged: true)
      let again = World(options, isLogged: true)
      #expect(first.run() == again.run())
      #expect(!first.log.isEmpty)
      let different = zip(first.log, again.log).first { $0 != $1 }
      #expect(
        different == nil && first.log.count == again.log.count,
        "RISKD_SEED=\(options.seed): \(different.map { "\($0)" } ?? "one log is longer")")
    }
    print("worlds: \(worlds.count) played twice, the same \(worlds.count) logs")
  }
}

extension BrokenGuard {
  /// The world of a seed, made so that what the guard is for is no rare chance in it.
  fileprivate func options(seed: UInt64) -> WorldOptions {
    var options = WorldOptions(seed: seed)
    var rules = RiskConfiguration()
    switch self {
    case .lockFirst:
      // Who dies between a decision and its record has told of it already.
      options.faults.deathPerCall = 8
      return options
    case .closingOrders:
      // Where the trader's own exits fill at once, a close seldom meets one.
      options.acceptanceDelay = .milliseconds(1_500)
      return options
    case .episodesHandedOver:
      // Of two contracts one is closed later, and enforcers die meanwhile.
      rules.maxContracts = MaxContracts.Parameters(limit: 3, action: .closeAll)
      options.contracts = [Sample.mnq, Sample.mes]
      options.faults.deathEvery = 1
      options.faults.marketCloseEvery = 2
      options.traderPause = .milliseconds(400)
    case .judgedOrders:
      // Who may open nothing opens with a stop, of which the hub tells late or never.
      rules.cooldownAfterLoss = CooldownAfterLoss.Parameters(
        steps: [.init(loss: Money(dollars: 1), cooldown: .seconds(45))])
      options.stubbornness = 100
      options.faults.hubStallEvery = 2
      options.faults.hubCutEvery = 3
      options.traderPause = .milliseconds(400)
    default: return options
    }
    options.rules = Dictionary(uniqueKeysWithValues: options.accounts.map { ($0, rules) })
    return options
  }

  /// What the auditor has to say of it.
  fileprivate var objection: String {
    switch self {
    case .lockFirst: "is sent before what asks for it is recorded"
    case .proofOfFlat: "is said to be proven"
    case .agreement: "is reduced before two reads agree"
    case .durability: "ms after it was recorded"
    case .closingOrders: "is closed beside the market exit"
    case .cooldownRule, .frequencyRule: "and has no pause"
    case .openLossRule: "at a loss"
    case .judgedOrders: "is cancelled by what was known before it"
    case .episodeEnd, .episodesHandedOver: "although it was told to be flat"
    }
  }
}
