import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What no event told and a read showed.
@Suite struct DifferenceTests {
  @Test func `is an input of the journal with its cause, and decides nothing`() {
    let stage = EvaluatorStage(
      RiskConfiguration(maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2])))
    let before = stage.role.engineState
    let sent = stage.enforcer.sent.count
    let differences = AccountDifferences(
      account: Sample.account, cause: .periodic,
      [.position(Sample.mnq, told: 0, listed: 5), .tradeMissed(TradeID(9)), .account])
    stage.feed(.differences(differences, receivedAt: stage.clock.instant))
    let entry = stage.journal.entries.last
    #expect(entry?.input == .differences(differences))
    #expect(
      entry?.effects
        == [.notice(.accountDiffered(Sample.account, cause: .periodic, count: 3))])
    #expect(stage.enforcer.sent.count == sent)
    var after = stage.role.engineState
    after.ordinal = before.ordinal
    after.now = before.now
    #expect(after == before)
  }

  @Test func `of an account that is not configured it is not told`() {
    let stage = EvaluatorStage(RiskConfiguration())
    let differences = AccountDifferences(
      account: AccountID(77), cause: .start, [SourceDifference.account])
    stage.feed(.differences(differences, receivedAt: stage.clock.instant))
    #expect(stage.journal.entries.last?.effects == [])
  }

  @Test func `survives the link`() throws {
    let all: [SourceDifference] = [
      .position(Sample.mnq, told: -1, listed: 2), .orderAppeared(OrderID(1)),
      .orderChanged(OrderID(2)), .orderEnded(OrderID(3)), .tradeMissed(TradeID(4)),
      .tradeChanged(TradeID(5)), .tradeUnlisted(TradeID(6)), .account,
      .ledger(Sample.mnq, added: 1, held: 2),
    ]
    let message = FeedMessage.differences(
      AccountDifferences(account: Sample.account, cause: .hubDown, all),
      receivedAt: Sample.morning)
    let coder = MessageCoder()
    #expect(try coder.decode(FeedMessage.self, from: coder.encode(message)) == message)
    for difference in all { #expect(!difference.description.isEmpty) }
  }
}
