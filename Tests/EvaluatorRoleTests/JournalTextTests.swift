import FoundationEssentials
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Inputs and effects are recorded in the bytes that `Codable` gives: a journal of any release is
/// read, and a replay compares bytes.
@Suite struct JournalTextTests {
  private let coder = MessageCoder()
  private let encoder: JSONEncoder

  init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  private func check<Value: Codable & Equatable>(_ value: Value) throws {
    let bytes = try coder.encode(value)
    try #require(bytes == Array(try encoder.encode(value)), "\(value)")
    let read = try coder.decode(Value.self, from: bytes)
    try #require(read == value)
  }

  @Test func inputs() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<3_000 {
      try check(EngineInput.event(generator.venueEvent()))
      try check(EngineInput.proven(generator.targetID()))
      try check(EngineInput.tick(venueTime: generator.maybe { $0.instant() }))
      try check(EngineInput.journal(isWritable: generator.chance(50)))
      try check(
        EngineInput.ownClose(
          OwnClose(
            account: generator.account(), contract: generator.contract(), size: nil,
            sentAt: generator.instant(), repliedAt: generator.instant())))
    }
  }

  @Test func effects() throws {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<3_000 {
      let breach = Breach(
        account: generator.account(), rule: generator.pick(RuleID.allCases),
        reason: generator.reason(), target: generator.targetID(), at: generator.instant())
      let all: [Effect] = [
        .adopt(generator.target()), .amend(generator.target()),
        .end(generator.targetID(), .superseded), .breach(breach),
        .watch([generator.contract(), generator.contract()]),
        .notice(.canTradeUnknown(generator.account())),
        .reentry(
          generator.account(), generator.targetID(), contract: generator.contract(), count: 2),
        .query(generator.targetID(), .contract(generator.contract())),
      ]
      try check(all.filter { _ in generator.chance(50) })
    }
  }
}
