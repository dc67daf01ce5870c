import RiskModel
import SimulatedVenue
import Testing

struct PlacementTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var ticket: OrderTicket
    var code: PlaceCode
    var message: String?
    var prepare: @Sendable (inout SimulatedExchange) throws -> Void = { _ in }
    var testDescription: String { name }
  }

  static func changed(
    _ ticket: OrderTicket, _ change: (inout OrderTicket) -> Void
  ) -> OrderTicket {
    var ticket = ticket
    change(&ticket)
    return ticket
  }

  static let refusals: [Case] = [
    Case(
      name: "unknown account", ticket: market(.buy, 1, account: AccountID(9)),
      code: .accountNotFound),
    Case(
      name: "unknown contract", ticket: market(.buy, 1, contract: ContractID("CON.F.US.X.Z26")),
      code: .contractNotFound),
    Case(
      name: "expired contract", ticket: market(.buy, 1, contract: expired),
      code: .contractNotActive),
    Case(
      name: "follower", ticket: market(.buy, 1, account: follower), code: .accountRejected,
      message: "Follower accounts cannot place orders"),
    Case(
      name: "live", ticket: market(.buy, 1, account: live), code: .accountRejected,
      message: "Live accounts not supported"),
    Case(
      name: "account may not trade", ticket: market(.buy, 1), code: .accountViolation,
      message: "Account is not allowed to trade.",
      prepare: { try $0.change(first, canTrade: false) }),
    Case(
      name: "market closed", ticket: market(.buy, 1), code: .outsideTradingHours,
      message: "Outside of trading hours.", prepare: { try $0.setOpen(mnq, false) }),
    Case(
      name: "size 0", ticket: market(.buy, 0), code: .orderRejected,
      message: "Invalid order size specified"),
    Case(
      name: "stop-limit", ticket: changed(stop(.buy, 1, "21010")) { $0.type = .stopLimit },
      code: .orderRejected, message: "Invalid order type specified"),
    Case(
      name: "unknown type", ticket: changed(market(.buy, 1)) { $0.type = OrderType(rawValue: 0) },
      code: .orderRejected, message: "Invalid order type specified"),
    Case(
      name: "join bid to sell", ticket: changed(market(.sell, 1)) { $0.type = .joinBid },
      code: .orderRejected, message: "Invalid order type specified"),
    Case(
      name: "limit without price", ticket: changed(market(.buy, 1)) { $0.type = .limit },
      code: .orderRejected, message: "Invalid price"),
    Case(
      name: "limit off tick", ticket: limit(.buy, 1, "20999.1"), code: .orderRejected,
      message: "Invalid price"),
    Case(
      name: "stop without price", ticket: changed(market(.buy, 1)) { $0.type = .stop },
      code: .orderRejected, message: "Invalid stop price"),
    Case(
      name: "stop off tick", ticket: stop(.buy, 1, "21010.1"), code: .orderRejected,
      message: "Invalid stop price"),
    Case(
      name: "buy stop below the market", ticket: stop(.buy, 1, "20999"), code: .orderRejected,
      message: "Invalid stop price"),
    Case(
      name: "sell stop at the market", ticket: stop(.sell, 1, "21000"), code: .orderRejected,
      message: "Invalid stop price"),
    Case(
      name: "market without a price", ticket: market(.buy, 1), code: .orderRejected,
      message: "Invalid price", prepare: { try $0.clearPrices(mnq) }),
    Case(
      name: "join without a price", ticket: changed(market(.buy, 1)) { $0.type = .joinBid },
      code: .orderRejected, message: "Invalid price", prepare: { try $0.clearPrices(mnq) }),
    Case(
      name: "tag in use", ticket: market(.buy, 1, tag: "t"), code: .orderRejected,
      message: "Custom tag is already in use: it must be unique for the account.",
      prepare: { _ = try $0.place(market(.buy, 1, tag: "t")) }),
    Case(
      name: "tag of a cancelled order", ticket: market(.buy, 1, tag: "t"), code: .orderRejected,
      message: "Custom tag is already in use: it must be unique for the account.",
      prepare: { try $0.cancel(try $0.place(limit(.buy, 1, "20000", tag: "t")), of: first) }),
  ]

  @Test(arguments: refusals)
  func `a wrong ticket is refused`(_ row: Case) throws {
    var exchange = makeExchange()
    try row.prepare(&exchange)
    _ = exchange.takeEvents()
    let known = exchange.orderHistory.count
    let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(row.ticket) }
    #expect(refusal?.code == row.code)
    #expect(refusal?.message == row.message)
    if row.code == .orderRejected {
      let id = try #require(refusal?.order)
      #expect(exchange.status(id) == 5)
      #expect(exchange.told() == ["order 5 0/\(row.ticket.size)"])
    } else {
      #expect(refusal?.order == nil)
      #expect(exchange.orderHistory.count == known)
      #expect(exchange.takeEvents().isEmpty)
    }
  }

  @Test func `codes of a closed market and a locked account can be set to rejections`() throws {
    var exchange = makeExchange {
      $0.closedMarketCode = .orderRejected
      $0.lockedAccountCode = .orderRejected
    }
    try exchange.setOpen(mnq, false)
    let closed = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(market(.buy, 1)) }
    #expect(closed?.code == .orderRejected && closed?.order != nil)
    try exchange.setOpen(mnq, true)
    try exchange.change(first, canTrade: false)
    let locked = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(market(.buy, 1)) }
    #expect(locked?.order.flatMap(exchange.status) == 5)
    #expect(locked?.description == "orderRejected (code 2): Account is not allowed to trade.")
  }

  @Test func `the same tag is free on another account`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 1, tag: "t"))
    _ = try exchange.place(market(.buy, 1, account: second, tag: "t"))
    #expect(exchange.signedSize(of: second, mnq) == 1)
  }

  @Test func `the platform serves follower and live accounts, the lock holds there too`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 1, account: live), from: .platform)
    try exchange.change(live, canTrade: false)
    #expect(throws: Refusal<PlaceCode>.self) {
      try exchange.place(market(.buy, 1, account: live), from: .platform)
    }
    #expect(exchange.signedSize(of: live, mnq) == 1)
  }

  @Test func `orders that join the book rest at its price`() throws {
    var exchange = makeExchange()
    var ticket = market(.buy, 1)
    ticket.type = .joinBid
    let bid = try exchange.place(ticket)
    ticket.type = .joinAsk
    ticket.side = .sell
    let ask = try exchange.place(ticket)
    #expect(exchange.orders[bid]?.order.limitPrice == points("21000"))
    #expect(exchange.orders[ask]?.order.limitPrice == points("21000.25"))
    #expect(exchange.status(bid) == 1 && exchange.status(ask) == 1)
  }
}
