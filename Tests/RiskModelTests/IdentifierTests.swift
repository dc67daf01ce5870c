import RiskModel
import RiskTestKit
import Testing

@Suite struct IdentifierTests {
  @Test(arguments: [
    ("CON.F.US.MNQ.Z25", "MNQ"), ("CON.F.US.EP.U26", "EP"), ("CON.F.US.ENQ.Z26", "ENQ"),
    ("nonsense", "NONSENSE"), ("CON.F.US.MNQ", "CON.F.US.MNQ"),
    ("XON.F.US.MNQ.Z25", "XON.F.US.MNQ.Z25"),
  ])
  func `the root is the fourth part of the id`(id: String, root: String) {
    #expect(ContractID(id).root.text == root)
  }

  @Test(arguments: [("ES", "EP"), ("es", "EP"), ("NQ", "ENQ"), ("MNQ", "MNQ"), ("EP", "EP")])
  func `both spellings of a symbol are one`(spelling: String, root: String) {
    #expect(SymbolRoot(spelling).text == root)
  }

  @Test func `dictionaries keyed by identifiers are objects in key order`() throws {
    #expect(try roundTrip([AccountID(2): 1, AccountID(10): 2]) == #"{"10":2,"2":1}"#)
    #expect(try roundTrip([SymbolRoot("NQ"): 1]) == #"{"ENQ":1}"#)
    #expect(try roundTrip([Sample.mnq: 1]) == #"{"CON.F.US.MNQ.Z26":1}"#)
    #expect(try roundTrip([TargetID(inputOrdinal: 4, index: 1): 1]) == #"{"4-1":1}"#)
    #expect(
      try roundTrip([CivilDate(year: 2026, month: 3, day: 8): 1]) == #"{"2026-03-08":1}"#)
  }

  @Test func `target ids order by input, then index`() {
    let ids = ["10-0", "9-3", "9-1"].compactMap { TargetID($0) }
    #expect(ids.sorted().map(\.description) == ["9-1", "9-3", "10-0"])
    #expect(TargetID("x-1") == nil)
    #expect(TargetID("4") == nil)
  }

  @Test func `unknown order numbers are kept and count as working`() throws {
    #expect(OrderStatus(rawValue: 42).isWorking)
    #expect(OrderStatus(rawValue: 0).isWorking)
    #expect(OrderStatus.working.allSatisfy { $0.isWorking })
    let terminal: [OrderStatus] = [.filled, .cancelled, .expired, .rejected]
    #expect(terminal.allSatisfy { $0.isTerminal })
    #expect(OrderType.stop.isStop && OrderType.trailingStop.isStop && OrderType.stopLimit.isStop)
    #expect(!OrderType.limit.isStop)
    #expect(try roundTrip(OrderStatus(rawValue: 42)) == "42")
  }

  @Test func `every reason has a code and a sentence with its numbers`() {
    let reasons: [BreachReason] = [
      .contractsAboveLimit(held: 6, limit: 5),
      .contractsAboveInstrumentLimit(root: SymbolRoot("MNQ"), held: 3, limit: 2),
      .symbolWithoutLimit(root: SymbolRoot("CL"), held: 1),
      .dailyLossReached(realized: .of("-400"), open: .of("-100"), limit: .of("500")),
      .dailyLossReached(realized: .of("-500"), open: nil, limit: .of("500")),
      .openLossReached(contract: Sample.mnq, open: .of("-300"), limit: .of("300")),
      .openLossReached(contract: nil, open: .of("-300"), limit: .of("300")),
      .openProfitReached(contract: Sample.es, open: .of("1000"), target: .of("1000")),
      .openProfitReached(contract: nil, open: .of("1000"), target: .of("1000")),
      .profitGivenBack(contract: Sample.es, open: .zero),
      .symbolBlocked(root: SymbolRoot("RTY")),
      .cannotEvaluate(.evaluatorGone(seconds: 30)), .cannotEvaluate(.journalUnwritable),
      .cannotEvaluate(.markMissing(contract: Sample.mnq)), .cannotEvaluate(.accountUnread),
    ]
    #expect(Set(reasons.map(\.code)).count == 9)
    #expect(reasons.allSatisfy { $0.sentence.hasSuffix(".") && $0.sentence.count > 10 })
    #expect(reasons[0].sentence.contains("6") && reasons[0].sentence.contains("5"))
  }

  @Test func `rules have a number and a configuration key`() {
    #expect(RuleID.allCases.filter { $0 != .failClosed }.count == 13)
    #expect(RuleID.dailyRealizedLoss.rawValue == "RULE-003")
    #expect(Set(RuleID.allCases.map(\.key)).count == RuleID.allCases.count)
    #expect(RuleID.maxContracts < .symbolBlocks)
  }
}
