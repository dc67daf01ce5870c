import FoundationEssentials
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// The same inputs give the same decisions, also through a checkpoint and through JSON.
@Suite struct ReplayTests {
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func `replay gives the same effects and the same state`(seed: UInt64) throws {
    let inputs = RandomDay(seed: seed, length: 600, quotes: 0, pause: .seconds(60)).inputs
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

  private func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(value)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    try JSONDecoder().decode(type, from: data)
  }
}
