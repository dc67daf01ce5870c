import RiskModel
import Testing

@testable import TradingDayDemo

/// The verdict on a short day: a reduction, a flatten with a kill, a re-entry.
@Suite struct VerdictTests {
  private static let chapters: [Chapter] = [.oneTooMany, .sixContracts, .reentry]
  private static let flat = VenueState(
    account: Sample.account, positions: [], workingOrders: [])

  private static let reduction: [LogNews] = [
    Sample.decision(), Sample.breach(), Sample.step("reduce CON.F.US.MNQ.Z26 by 1"),
    Sample.proven(),
  ]
  private static let flatten: [LogNews] = [
    Sample.decision("20-0", .flatAccount), Sample.breach(.maxContracts, target: "20-0"),
    Sample.step("close CON.F.US.MNQ.Z26", target: "20-0"), Sample.proven("20-0"),
  ]
  private static let comeback: [LogNews] = [
    Sample.decision("30-0", .flatAccount),
    .reentry(Sample.account, Sample.mnq, target: "30-0", count: 1), Sample.proven("30-0"),
  ]

  private static func book(
    _ first: [LogNews] = reduction, _ second: [LogNews] = flatten,
    _ third: [LogNews] = comeback, isConfirmed: Bool? = true
  ) -> IncidentBook {
    var book = IncidentBook(.oneTooMany, first, isConfirmed: isConfirmed)
    book.add(.sixContracts, second)
    book.add(.reentry, third)
    return book
  }

  private static func evidence(
    _ states: [VenueState] = [flat], trades: [Trade] = [], ordersPlaced: Int = 0
  ) -> VenueEvidence {
    VenueEvidence(
      states: states, trades: trades, traderOrders: [OrderID(1), OrderID(2)],
      ordersPlaced: ordersPlaced)
  }

  private func findings(
    _ book: IncidentBook = book(), _ evidence: VenueEvidence = evidence(),
    kill: EvaluatorKill? = .inTheMiddle, isEvaluatorBack: Bool = true
  ) -> [String] {
    Verdict.findings(
      chapters: Self.chapters, book: book, evidence: evidence, kill: kill,
      isEvaluatorBack: isEvaluatorBack)
  }

  @Test func `a day that went as it had to has no finding`() {
    let trades = [
      Sample.trade(1, .buy, 3, order: 1), Sample.trade(2, .sell, 1, order: 9),
      Sample.trade(3, .sell, 2, order: 10),
    ]
    #expect(findings(Self.book(), Self.evidence(trades: trades)) == [])
  }

  @Test func `a breach that was not seen`() {
    #expect(
      findings(Self.book([])) == [
        "chapter 1: RULE-002 max_contracts_per_instrument was not seen"
      ])
  }

  @Test func `a comeback that was not seen`() {
    #expect(
      findings(Self.book(Self.reduction, Self.flatten, [])) == [
        "chapter 8: exposure that came back while locked out was not seen"
      ])
  }

  @Test func `a breach that was seen twice`() {
    let twice = Self.reduction + Self.reduction
    #expect(
      findings(Self.book(twice)) == [
        "chapter 1: RULE-002 max_contracts_per_instrument was seen 2 times instead of once"
      ])
  }

  @Test func `a proof that is missing`() {
    #expect(
      findings(Self.book(Array(Self.reduction.dropLast()))) == [
        "chapter 1: RULE-002 max_contracts_per_instrument was not proven"
      ])
  }

  @Test func `a proof that the venue refutes, or cannot confirm`() {
    #expect(
      findings(Self.book(isConfirmed: false)) == [
        "chapter 1: riskd calls it proven, the venue shows something else"
      ])
    #expect(
      findings(Self.book(isConfirmed: nil)) == [
        "chapter 1: the venue cannot confirm the proof"
      ])
  }

  @Test func `a breach that nobody expects`() {
    let surprise = [
      Sample.decision("13-0", .flatAccount), Sample.breach(.dailyRealizedLoss, target: "13-0"),
      Sample.proven("13-0"),
    ]
    #expect(
      findings(Self.book(Self.reduction + surprise)) == [
        "chapter 1: not expected: RULE-003 daily_realized_loss"
      ])
    var book = Self.book()
    book.add(nil, surprise)
    #expect(
      findings(book) == ["outside of every chapter: RULE-003 daily_realized_loss"])
  }

  @Test func `an evaluator that was not killed, too late, or for good`() {
    #expect(findings(kill: nil) == ["the evaluator was not killed"])
    #expect(findings(kill: .missed) == ["the evaluator was not killed"])
    #expect(
      findings(kill: .tooLate) == ["the evaluator was killed when the closes were done already"])
    #expect(findings(isEvaluatorBack: false) == ["the evaluator did not come back"])
  }

  @Test func `a day without a kill needs none`() {
    let book = IncidentBook(.oneTooMany, Self.reduction)
    let findings = Verdict.findings(
      chapters: [.oneTooMany], book: book, evidence: Self.evidence(), kill: nil,
      isEvaluatorBack: false)
    #expect(findings == [])
  }

  @Test func `a position or an order that is left`() {
    let state = VenueState(
      account: Sample.account, positions: [Sample.position(Sample.mes, -1)],
      workingOrders: [Sample.order(5)])
    #expect(
      findings(Self.book(), Self.evidence([state])) == [
        "account 1001 is still short 1 MES",
        "account 1001 still has an order: sell 2 MNQ at a stop of 20850.00",
      ])
  }

  @Test func `a close that was carried out twice`() {
    let trades = [
      Sample.trade(1, .buy, 2, order: 1), Sample.trade(2, .sell, 2, order: 9),
      Sample.trade(3, .sell, 2, order: 10),
    ]
    #expect(
      findings(Self.book(), Self.evidence(trades: trades)) == [
        "a request of riskd's took account 1001 from 0 to -2 MNQ"
      ])
  }

  @Test func `a close that turned the position`() {
    let trades = [Sample.trade(1, .buy, 2, order: 1), Sample.trade(2, .sell, 3, order: 9)]
    #expect(
      findings(Self.book(), Self.evidence(trades: trades)) == [
        "a request of riskd's took account 1001 from 2 to -1 MNQ"
      ])
  }

  /// The trader may do what he likes, and accounts and contracts are counted apart.
  @Test func `what the trader turns is his`() {
    let trades = [
      Sample.trade(1, .buy, 2, order: 1), Sample.trade(2, .sell, 5, order: 2),
      Sample.trade(3, .buy, 3, order: 9),
      Sample.trade(4, .sell, 1, order: 1, account: Sample.other),
      Sample.trade(5, .buy, 1, order: 9, account: Sample.other),
      Sample.trade(6, .buy, 1, order: 1, contract: Sample.mes),
      Sample.trade(7, .sell, 1, order: 9, contract: Sample.mes),
    ]
    #expect(findings(Self.book(), Self.evidence(trades: trades)) == [])
  }

  @Test func `orders that riskd placed`() {
    #expect(findings(Self.book(), Self.evidence(ordersPlaced: 1)) == ["riskd placed 1 order"])
  }
}
