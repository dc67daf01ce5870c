import RiskModel
import SimulatedVenue
import Testing

struct ClosingTests {
  @Test func `closing sends an untagged market order for the whole position`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.sell, 3, tag: "entry"))
    _ = exchange.takeEvents()
    try exchange.close(first, mnq)
    #expect(
      exchange.told() == [
        "order 6 0/3", "order 2 3/3 @21000.25", "trade buy 3 @21000.25 -1.50",
        "position 0 @21000", "account 49994.84",
      ])
    let order = try #require(exchange.orderHistory.last.flatMap { exchange.orders[$0]?.order })
    #expect(order.customTag == nil && order.type == .market)
  }

  /// The incident that this venue must be able to repeat: the stop that protected a position
  /// survives the flatten and opens a new position 86 ms later.
  @Test func `a stop left over after a flatten opens a naked position`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.sell, 15))
    let protective = try exchange.place(stop(.buy, 15, "21010"))
    try exchange.close(first, mnq)
    #expect(exchange.openPositions(of: first).isEmpty)
    #expect(exchange.workingOrders(of: first).map(\.id) == [protective])
    exchange.advance(to: openingTime + .milliseconds(86))
    try exchange.setPrice(mnq, last: points("21010"))
    #expect(exchange.signedSize(of: first, mnq) == 15)
    #expect(exchange.trades.last?.profit == nil)
    #expect(exchange.trades.last?.executedAt == openingTime + .milliseconds(86))
  }

  @Test func `the exits can be cancelled some time after the close`() throws {
    var exchange = makeExchange { $0.exitsCancelledAfterClose = .milliseconds(200) }
    _ = try exchange.place(market(.buy, 1))
    let exit = try exchange.place(stop(.sell, 1, "20990"))
    let elsewhere = try exchange.place(
      OrderTicket(
        account: second, contract: mnq, type: .limit, side: .buy, size: 1,
        limitPrice: points("20900")))
    try exchange.close(first, mnq)
    #expect(exchange.status(exit) == 1)
    exchange.advance(to: openingTime + .milliseconds(200))
    #expect(exchange.status(exit) == 3)
    #expect(exchange.status(elsewhere) == 1)
  }

  @Test func `the exits can be cancelled some time after a partial close`() throws {
    var exchange = makeExchange { $0.exitsCancelledAfterPartialClose = .milliseconds(50) }
    _ = try exchange.place(market(.buy, 2))
    let exit = try exchange.place(stop(.sell, 2, "20990"))
    try exchange.partialClose(first, mnq, size: 1)
    #expect(exchange.status(exit) == 1)
    exchange.advance(to: openingTime + .milliseconds(50))
    #expect(exchange.status(exit) == 3)
  }

  @Test func `a part is closed and orders keep their size`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 5))
    let protective = try exchange.place(stop(.sell, 5, "20990"))
    try exchange.partialClose(first, mnq, size: 2)
    #expect(exchange.signedSize(of: first, mnq) == 3)
    #expect(exchange.orders[protective]?.order.size == 5)
    try exchange.partialClose(first, mnq, size: 3)
    #expect(exchange.signedSize(of: first, mnq) == 0)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var account = first
    var contract = mnq
    var size: Int64 = 1
    var close: CloseCode?
    var partial: PartialCloseCode
    var message: String?
    var leavesRecord = false
    var prepare: @Sendable (inout SimulatedExchange) throws -> Void = { _ in }
    var testDescription: String { name }
  }

  static let refusals: [Case] = [
    Case(
      name: "unknown account", account: AccountID(9), close: .accountNotFound,
      partial: .accountNotFound),
    Case(
      name: "no position", account: second, close: .positionNotFound, partial: .positionNotFound),
    Case(
      name: "unknown contract", contract: ContractID("CON.F.US.X.Z26"), close: .contractNotFound,
      partial: .contractNotFound),
    Case(
      name: "expired contract", contract: expired, close: .contractNotActive,
      partial: .contractNotActive),
    Case(name: "size 0", size: 0, partial: .invalidCloseSize),
    Case(name: "more than held", size: 3, partial: .invalidCloseSize),
    Case(
      name: "market closed", close: .orderRejected, partial: .orderRejected, leavesRecord: true,
      prepare: { try $0.setOpen(mnq, false) }),
    Case(
      name: "no price", close: .orderRejected, partial: .orderRejected, leavesRecord: true,
      prepare: { try $0.clearPrices(mnq) }),
    Case(
      name: "close under way", close: .orderPending, partial: .orderPending,
      prepare: {
        $0.behaviour.acceptanceDelay = .seconds(1)
        try $0.close(first, mnq)
      }),
    Case(
      name: "follower", account: follower, close: .accountRejected, partial: .accountRejected,
      message: "Follower accounts cannot close positions"),
    Case(
      name: "live", account: live, close: .accountRejected, partial: .accountRejected,
      message: "Live accounts not supported"),
    Case(
      name: "locked account", close: .accountRejected, partial: .accountRejected,
      message: "Account is not allowed to trade.",
      prepare: {
        $0.behaviour.lockedAccountAllowsClose = false
        try $0.change(first, canTrade: false)
      }),
  ]

  @Test(arguments: refusals)
  func `both ways of closing refuse with their own codes`(_ row: Case) throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 2))
    try row.prepare(&exchange)
    _ = exchange.takeEvents()
    if let code = row.close {
      #expect(throws: Refusal(code, row.message)) {
        try exchange.close(row.account, row.contract)
      }
      #expect(exchange.told() == (row.leavesRecord ? ["order 5 0/2"] : []))
    }
    #expect(throws: Refusal(row.partial, row.message)) {
      try exchange.partialClose(row.account, row.contract, size: row.size)
    }
    #expect(exchange.told() == (row.leavesRecord ? ["order 5 0/1"] : []))
    #expect(exchange.signedSize(of: first, mnq) == 2)
  }

  @Test func `a locked account can be closed unless the venue says otherwise`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 2))
    try exchange.change(first, canTrade: false)
    try exchange.close(first, mnq)
    #expect(exchange.signedSize(of: first, mnq) == 0)
  }

  @Test func `the trader closes follower accounts in the platform`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 2, account: follower), from: .platform)
    try exchange.partialClose(follower, mnq, size: 1, from: .platform)
    try exchange.close(follower, mnq, from: .platform)
    #expect(exchange.signedSize(of: follower, mnq) == 0)
  }

  @Test func `a close that the market fills in pieces is pending until it is done`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 3))
    exchange.behaviour.liquidityPerStep = 2
    exchange.behaviour.marketRemainder = .waits
    try exchange.setPrice(mnq, last: points("21000"))
    try exchange.close(first, mnq)
    #expect(exchange.signedSize(of: first, mnq) == 1)
    #expect(throws: Refusal<CloseCode>(.orderPending)) { try exchange.close(first, mnq) }
    try exchange.setPrice(mnq, last: points("20999"))
    #expect(exchange.signedSize(of: first, mnq) == 0)
    #expect(throws: Refusal<CloseCode>(.positionNotFound)) { try exchange.close(first, mnq) }
  }
}
