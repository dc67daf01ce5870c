import FoundationEssentials
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// The same inputs give the same decisions, also through a checkpoint and through JSON.
@Suite struct ReplayTests {
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func `replay gives the same effects and the same state`(seed: UInt64) throws {
    let inputs = randomDay(seed: seed)
    var first = RiskEngine()
    let effects = inputs.map { first.apply($0.input, at: $0.at) }
    #expect(effects.contains { !$0.goals.isEmpty })

    var second = RiskEngine()
    for (index, step) in inputs.enumerated() {
      let input = try decode(EngineInput.self, from: encode(step.input))
      #expect(second.apply(input, at: step.at) == effects[index])
      if index % 97 == 0 {
        // A worker that restarts here goes on from the checkpoint.
        let state = try decode(EngineState.self, from: encode(second.state))
        #expect(state == second.state)
        second = RiskEngine(state: state)
      }
    }
    #expect(try encode(second.state) == encode(first.state))
    for effect in effects.joined() {
      #expect(try decode(Effect.self, from: encode(effect)) == effect)
    }
  }

  private func randomDay(seed: UInt64) -> [(input: EngineInput, at: Instant)] {
    var random = SeededGenerator(seed: seed)
    var scene = EngineScene(
      RiskConfiguration(
        maxContracts: .init(limit: 6, action: .reduceToLimit),
        maxContractsPerInstrument: .init(
          limits: [SymbolRoot("MNQ"): 3], unknownSymbol: .allowWithLimit(2)),
        dailyRealizedLoss: .init(lossLimit: .of("900"), combined: true),
        dailyUnrealizedLoss: .init(lossLimit: .of("300")),
        maxUnrealizedProfit: .init(mode: .breakeven(armAfterTicks: 2)),
        symbolBlocks: .init(blocked: [SymbolRoot("RTY")])))
    var inputs: [(EngineInput, Instant)] = []
    let configuration = scene.engine.state.configuration
    inputs.append((.configuration(configuration), scene.now))
    inputs.append((.tick(venueTime: scene.now), scene.now))
    for contract in Sample.contracts { inputs.append((.event(.contract(contract)), scene.now)) }
    var id: Int64 = 10
    for _ in 0..<600 {
      id += 1
      scene.now = scene.now + .milliseconds(Int64(random.below(60_000)))
      let contract = random.pick([Sample.mnq, Sample.es, Sample.mes, Sample.rty])
      switch random.below(10) {
      case 0:
        inputs.append((.tick(venueTime: scene.now), scene.now))
        scene.send(.tick(venueTime: scene.now))
      case 1...3:
        let position = Position(
          id: id, account: Sample.account, contract: contract, openedAt: scene.now,
          signedSize: Int64(random.below(9) - 4), averagePrice: Price(points: 20_000))
        inputs.append((.event(.position(position)), scene.now))
        scene.send(.event(.position(position)))
      case 4, 5:
        let trade = Trade(
          id: TradeID(Int64(random.below(400))), account: Sample.account, contract: contract,
          executedAt: scene.now, price: .at("20000"),
          profit: Money(dollars: Int64(random.below(300) - 200)),
          fees: .of("0.36"), side: .buy, size: 1, isVoided: random.chance(3), order: OrderID(id))
        inputs.append((.event(.trade(trade)), scene.now))
        scene.send(.event(.trade(trade)))
      case 6:
        if let target = scene.standingTargets.randomElement(using: &random) {
          inputs.append((.proven(target.id), scene.now))
          scene.send(.proven(target.id))
        }
      default:
        let price = Price(nanos: (20_000 * 4 + Int64(random.below(400) - 200)) * 250_000_000)
        for mark in scene.engine.marks(in: Quote(contract: contract, last: price), at: scene.now) {
          inputs.append((.mark(mark), scene.now))
          scene.send(.mark(mark))
        }
      }
    }
    return inputs.map { (input: $0.0, at: $0.1) }
  }

  private func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(value)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    try JSONDecoder().decode(type, from: data)
  }
}
