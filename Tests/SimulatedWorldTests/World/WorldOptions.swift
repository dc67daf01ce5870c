import RiskModel
import RiskRules
import RiskTestKit

/// What a world is made of, drawn from its seed. Every kind of fault is there in some worlds and
/// missing in others, so that faults meet in all combinations.
struct WorldOptions {
  let seed: UInt64
  var accounts: [AccountID] = []
  var contracts: [ContractID] = []
  var rules: [AccountID: RiskConfiguration] = [:]
  var faults = Faults()
  /// How long the trader trades and things go wrong.
  var troubleLasts = TimeSpan.zero
  /// How long the trader is quiet then while things still go wrong.
  var quietLasts = TimeSpan.zero
  /// How long an order stays pending at the venue, and how long a cancelled one can still fill.
  var acceptanceDelay = TimeSpan.zero
  var cancellationDelay = TimeSpan.zero
  /// From one act of the trader to the next, and from one price to the next, at most.
  var traderPause = TimeSpan.zero
  var pricePause = TimeSpan.zero
  /// One way, at most.
  var venueLatency = TimeSpan.zero
  var hubLatency = TimeSpan.zero
  var linkLatency = TimeSpan.zero
  var pipeCapacity = 65_536
  var syncTime = TimeSpan.zero
  /// Percent of the trader's acts that are tries to get back in where he is locked out.
  var stubbornness = 0
  /// The journal is the real database, on a disk that forgets what was not synchronised.
  var usesDatabase = false
  var checkpointEvery: Int64 = 2_000

  /// In thousandths of the occasions, or seconds on average between two.
  struct Faults {
    /// At each call of a role to the outside, and at no particular moment.
    var deathPerCall = 0
    var deathEvery: Int?
    var powerCutEvery: Int?
    var lostRequests = 0
    var lostReplies = 0
    var serverErrors = 0
    var refusals = 0
    var tooManyRequests = 0
    var slowRequests = 0
    var hubCutEvery: Int?
    var hubStallEvery: Int?
    var hubLosses = 0
    var hubDuplicates = 0
    var hubDelays = 0
    var linkCutEvery: Int?
    var badFrames = 0
    var diskFullEvery: Int?
    var slowCommits = 0
    var clockJumpEvery: Int?
    var marketCloseEvery: Int?
  }
}

extension WorldOptions {
  init(seed: UInt64) {
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    accounts = (0..<random.pick([1, 1, 1, 2, 3])).map { AccountID(1_001 + Int64($0)) }
    contracts = [Sample.mnq, Sample.mes, Sample.m2k].prefix(random.pick([1, 2, 2, 3])).map(\.self)
    for account in accounts { rules[account] = WorldOptions.rules(contracts, &random) }
    troubleLasts = .seconds(random.pick([5, 9, 16]))
    acceptanceDelay = .milliseconds(random.pick([0, 0, 0, 5, 40]))
    cancellationDelay = .milliseconds(random.pick([0, 0, 10, 80]))
    traderPause = .milliseconds(random.pick([400, 1_200, 3_000]))
    pricePause = .milliseconds(random.pick([500, 1_500, 3_000]))
    venueLatency = .milliseconds(random.pick([5, 60, 400]))
    hubLatency = .milliseconds(random.pick([2, 40, 300]))
    linkLatency = .milliseconds(random.pick([0, 1, 20]))
    pipeCapacity = random.pick([4_096, 65_536, 65_536])
    syncTime = .milliseconds(random.pick([1, 10, 100]))
    stubbornness = random.pick([0, 30, 70])
    usesDatabase = random.chance(6)
    checkpointEvery = random.pick([10, 60, 2_000])
    drawFaults(&random)
    quietLasts = random.chance(20) ? .seconds(random.pick([12, 20])) : .zero
  }

  private mutating func drawFaults(_ random: inout SeededGenerator) {
    func some<Value>(_ values: [Value], _ none: Value) -> Value {
      random.chance(45) ? random.pick(values) : none
    }
    faults.deathPerCall = some([1, 3, 8], 0)
    faults.deathEvery = some([2, 6, 15], nil)
    faults.powerCutEvery = some([8, 20], nil)
    faults.lostRequests = some([20, 100, 250], 0)
    faults.lostReplies = some([20, 100, 250], 0)
    faults.serverErrors = some([20, 100], 0)
    faults.refusals = some([20, 80], 0)
    faults.tooManyRequests = some([20, 100], 0)
    faults.slowRequests = some([20, 100], 0)
    faults.hubCutEvery = some([4, 12], nil)
    faults.hubStallEvery = some([4, 12], nil)
    faults.hubLosses = some([10, 60], 0)
    faults.hubDuplicates = some([20, 100], 0)
    faults.hubDelays = some([20, 100], 0)
    faults.linkCutEvery = some([3, 10], nil)
    faults.badFrames = some([1, 4], 0)
    faults.diskFullEvery = some([5, 15], nil)
    faults.slowCommits = some([10, 50], 0)
    faults.clockJumpEvery = some([10, 20], nil)
    faults.marketCloseEvery = some([10, 20], nil)
  }

  /// Some rules with limits that a trader of these worlds reaches.
  private static func rules(
    _ contracts: [ContractID], _ random: inout SeededGenerator
  ) -> RiskConfiguration {
    var rules = RiskConfiguration()
    func dollars(_ amounts: [Int64]) -> Money { Money(dollars: random.pick(amounts)) }
    if random.chance(50) {
      rules.maxContracts = MaxContracts.Parameters(
        limit: Int64(random.pick([2, 4])), action: random.pick([.closeAll, .reduceToLimit]))
    }
    if random.chance(50) {
      let limits = contracts.map { ($0.root, Int64(random.pick([1, 2, 3]))) }
      rules.maxContractsPerInstrument = MaxContractsPerInstrument.Parameters(
        limits: Dictionary(limits) { first, _ in first },
        action: random.pick([.closeAll, .reduceToLimit]))
    }
    if random.chance(60) {
      rules.dailyRealizedLoss = DailyRealizedLoss.Parameters(
        lossLimit: dollars([5, 20, 60]), lockoutEnd: random.pick([.dailyReset, .permanent]))
    }
    if random.chance(40) {
      rules.dailyUnrealizedLoss = DailyUnrealizedLoss.Parameters(lossLimit: dollars([5, 20]))
    }
    if random.chance(30) {
      rules.tradeFrequencyLimit = TradeFrequencyLimit.Parameters(
        windows: [
          .init(limit: Int64(random.pick([3, 8])), span: .seconds(60), cooldown: .seconds(20))
        ])
    }
    if random.chance(30) {
      rules.cooldownAfterLoss = CooldownAfterLoss.Parameters(
        steps: [.init(loss: dollars([2, 8]), cooldown: .seconds(random.pick([10, 45])))])
    }
    if random.chance(25), contracts.count > 1 {
      rules.symbolBlocks = SymbolBlocks.Parameters(blocked: [contracts[1].root])
    }
    return rules
  }
}
