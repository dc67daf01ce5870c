import RiskModel
import RiskRules
import RiskTestKit

/// A day on which everything that the engine is told of happens, again and again. The same for the
/// same seed.
struct RandomDay {
  typealias Step = (input: EngineInput, at: Instant)

  private(set) var inputs: [Step] = []
  /// What the engine made of each input while the day went on.
  private(set) var effects: [[Effect]] = []
  private var random: SeededGenerator
  private var scene: EngineScene
  private var id: Int64 = 10
  /// The longest time between two moves, in milliseconds.
  private let pause: Int
  private let quotes: Int

  /// `length` inputs or a few more. The moves are at most `pause` apart, and behind each of them the
  /// market moves so many times by a few ticks.
  init(
    seed: UInt64, length: Int, quotes: Int, pause: TimeSpan, rules: RiskConfiguration = everyRule
  ) {
    random = SeededGenerator(seed: seed)
    scene = EngineScene(rules)
    self.pause = Int(pause.milliseconds)
    self.quotes = quotes
    let configuration = scene.engine.state.configuration
    inputs.append((.configuration(configuration), scene.now))
    inputs.append((.tick(venueTime: scene.now), scene.now))
    for contract in Sample.contracts { inputs.append((.event(.contract(contract)), scene.now)) }
    var engine = RiskEngine()
    effects = inputs.map { engine.apply($0.input, at: $0.at) }
    goOn(to: length)
  }

  /// Until there are so many inputs, or a few more.
  mutating func goOn(to length: Int) {
    while inputs.count < length {
      move()
      for _ in 0..<quotes { quote(within: 8) }
    }
  }

  private mutating func take(_ input: EngineInput) {
    inputs.append((input, scene.now))
    effects.append(scene.send(input))
  }

  private mutating func quote(within ticks: Int) {
    let contract = random.pick([Sample.mnq, Sample.es, Sample.mes, Sample.rty])
    let price = Price(nanos: (20_000 * 4 + Int64(random.below(ticks) - ticks / 2)) * 250_000_000)
    for mark in scene.engine.marks(in: Quote(contract: contract, last: price), at: scene.now) {
      take(.mark(mark))
    }
  }

  private mutating func move() {
    id += 1
    scene.now = scene.now + .milliseconds(Int64(random.below(pause)))
    let contract = random.pick([Sample.mnq, Sample.es, Sample.mes, Sample.rty])
    switch random.below(10) {
    case 0:
      take(.tick(venueTime: scene.now))
    case 1...3:
      let position = Position(
        id: id, account: Sample.account, contract: contract, openedAt: scene.now,
        signedSize: Int64(random.below(9) - 4), averagePrice: Price(points: 20_000))
      take(.event(.position(position)))
    case 4, 5:
      let trade = Trade(
        id: TradeID(Int64(random.below(400))), account: Sample.account, contract: contract,
        executedAt: scene.now, price: .at("20000"),
        profit: Money(dollars: Int64(random.below(300) - 200)),
        fees: .of("0.36"), side: .buy, size: 1, isVoided: random.chance(3), order: OrderID(id))
      take(.event(.trade(trade)))
    case 6 where random.chance(40):
      let order = Order(
        id: OrderID(id / 3), account: Sample.account, contract: contract, createdAt: scene.now,
        status: random.chance(60) ? .open : .cancelled, type: random.chance(50) ? .stop : .market,
        side: random.chance(50) ? .buy : .sell, size: 1, stopPrice: .at("19990"))
      take(.event(.order(order)))
      if let question = scene.question {
        let answer = random.chance(50) ? QueryAnswer.workingOrders([]) : .failed("no answer")
        take(.answer(question, answer))
      }
      let close = OwnClose(
        account: Sample.account, contract: contract, size: nil, sentAt: scene.now,
        repliedAt: scene.now)
      take(.ownClose(close))
    case 6:
      if let target = scene.standingTargets.randomElement(using: &random) {
        take(.proven(target.id))
      }
    case 7 where random.chance(20):
      let differences = AccountDifferences(
        account: Sample.account, cause: .periodic,
        [.position(contract, told: 1, listed: 2), .tradeMissed(TradeID(id)), .account])
      take(.differences(differences))
    default:
      quote(within: 400)
    }
  }

  static let everyRule =
    RiskConfiguration(
      maxContracts: .init(limit: 6, action: .reduceToLimit),
      maxContractsPerInstrument: .init(
        limits: [SymbolRoot("MNQ"): 3], unknownSymbol: .allowWithLimit(2)),
      dailyRealizedLoss: .init(lossLimit: .of("900"), combined: true),
      dailyUnrealizedLoss: .init(lossLimit: .of("300")),
      maxUnrealizedProfit: .init(mode: .breakeven(armAfterTicks: 2)),
      tradeFrequencyLimit: .init(windows: [.init(limit: 20, span: .seconds(3_600))]),
      cooldownAfterLoss: .init(steps: [.init(loss: .of("150"), cooldown: .seconds(600))]),
      noStopLossGrace: .init(grace: .seconds(120)),
      sessionBlockOutside: .init(
        plan: SessionPlan(
          hours: SessionHours(
            start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 15, minute: 0),
            zone: .chicago))),
      authLossGuard: .init(), symbolBlocks: .init(blocked: [SymbolRoot("RTY")]),
      tradeManagement: .init(
        autoStopTicks: 40, trailing: .init(activationTicks: 8, distanceTicks: 4)),
      dailyRealizedProfit: .init(target: .of("2500")))

  /// Those that most traders begin with; an input costs a third.
  static let usualRules = RiskConfiguration(
    maxContracts: .init(limit: 6, action: .reduceToLimit),
    dailyRealizedLoss: .init(lossLimit: .of("900"), combined: true),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")),
    symbolBlocks: .init(blocked: [SymbolRoot("RTY")]))
}
