import RiskModel
import SimulatedVenue
import Testing

struct PositionTests {
  struct Step: Sendable {
    var side: Side
    var size: Int64
    /// The last price before it; the ask is one tick above.
    var last: String
    var position: String
    var profit: String?
  }

  static let courses: [[Step]] = [
    // Scaling in moves the average off tick, reducing keeps it, flat keeps the entry average.
    [
      Step(side: .buy, size: 1, last: "21000", position: "1 @21000.25"),
      Step(side: .buy, size: 2, last: "21001", position: "3 @21000.916666667"),
      Step(side: .sell, size: 1, last: "21010", position: "2 @21000.916666667", profit: "18.17"),
      Step(side: .sell, size: 2, last: "21000.75", position: "0 @21000.916666667", profit: "-0.67"),
      Step(side: .sell, size: 1, last: "21000", position: "-1 @21000"),
    ],
    // Through zero: the profit of what was closed, the price of the fill for the rest.
    [
      Step(side: .sell, size: 3, last: "21000", position: "-3 @21000"),
      Step(side: .buy, size: 5, last: "20994.75", position: "2 @20995", profit: "30.00"),
      Step(side: .sell, size: 4, last: "20990", position: "-2 @20990", profit: "-20.00"),
      Step(side: .buy, size: 2, last: "20989.75", position: "0 @20990", profit: "0.00"),
    ],
  ]

  @Test(arguments: courses)
  func `the position row follows the fills`(_ course: [Step]) throws {
    var exchange = makeExchange()
    var balance = dollars("50000")
    for step in course {
      try exchange.setPrice(mnq, last: points(step.last))
      _ = exchange.takeEvents()
      _ = try exchange.place(market(step.side, step.size))
      let told = exchange.told()
      #expect(told.contains("position \(step.position)"))
      let trade = try #require(exchange.trades.last)
      #expect(trade.profit.map { "\($0)" } == step.profit)
      #expect(trade.fees == Money(micros: 360_000 * step.size))
      #expect(trade.commissions == Money(micros: 250_000 * step.size))
      balance += (trade.profit ?? .zero) - trade.fees - trade.commissions
      #expect(exchange.accounts[first]?.account.balance == balance)
    }
  }

  @Test func `an average that was rounded still gives the exact profit`() throws {
    var exchange = makeExchange()
    for last in ["21000", "21000", "21000.25"] {
      try exchange.setPrice(mnq, last: points(last))
      _ = try exchange.place(market(.buy, 1))
    }
    try exchange.setPrice(mnq, last: points("21000.5"))
    _ = try exchange.place(market(.sell, 3))
    #expect(exchange.trades.last?.profit == dollars("1"))
  }

  @Test func `a row lives from open to flat and the next one has another id`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 1))
    let row = try #require(exchange.openPositions(of: first).first)
    _ = try exchange.place(market(.sell, 3))
    #expect(exchange.openPositions(of: first).first?.id == row.id)
    #expect(exchange.signedSize(of: first, mnq) == -2)
    _ = try exchange.place(market(.buy, 2))
    #expect(exchange.openPositions(of: first).isEmpty)
    exchange.advance(to: openingTime + .seconds(9))
    _ = try exchange.place(market(.buy, 1))
    let next = try #require(exchange.openPositions(of: first).first)
    #expect(next.id > row.id)
    #expect(next.openedAt == openingTime + .seconds(9))
  }

  @Test func `a reversal can report flat in between`() throws {
    var exchange = makeExchange { $0.reversalReportsFlat = true }
    _ = try exchange.place(market(.buy, 1))
    let row = try #require(exchange.openPositions(of: first).first)
    _ = exchange.takeEvents()
    _ = try exchange.place(market(.sell, 3))
    #expect(
      exchange.told().filter { $0.hasPrefix("position") } == [
        "position 0 @21000.25", "position -2 @21000",
      ])
    #expect(exchange.openPositions(of: first).first.map { $0.id > row.id } == true)
  }

  @Test func `accounts and contracts are separate rows`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 1))
    _ = try exchange.place(market(.sell, 2, contract: mes))
    _ = try exchange.place(market(.buy, 4, account: second))
    #expect(exchange.openPositions(of: first).map(\.signedSize) == [-2, 1])
    #expect(exchange.openPositions(of: second).map(\.signedSize) == [4])
    #expect(exchange.signedSize(of: second, mes) == 0)
  }

  @Test func `a voided trade is reported again and its money returned`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 1))
    _ = try exchange.place(market(.sell, 1))
    _ = exchange.takeEvents()
    let trade = try #require(exchange.trades.last)
    try exchange.void(trade.id)
    #expect(
      exchange.told() == ["trade sell 1 @21000 -0.50 voided", "account 49999.39"])
    #expect(throws: SimulatedVenueError.unknownTrade(trade.id)) { try exchange.void(trade.id) }
  }

  @Test func `an account changes in every respect and is reported`() throws {
    var exchange = makeExchange()
    try exchange.change(
      first, canTrade: false, balance: dollars("1"), name: "N", kind: .live, bracketMode: .autoOCO)
    #expect(exchange.told() == ["account 1.00 locked"])
    let account = try #require(exchange.accounts[first])
    #expect(account.account.name == "N" && account.account.isSimulated == false)
    #expect(account.kind == .live && account.bracketMode == .autoOCO)
    #expect(throws: SimulatedVenueError.unknownAccount(AccountID(9))) {
      try exchange.change(AccountID(9), canTrade: true)
    }
  }
}
