import RiskModel
import SimulatedVenue
import Testing

struct OrderChangeTests {
  @Test func `a change works in place and is reported`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(limit(.buy, 1, "20990"))
    _ = exchange.takeEvents()
    try exchange.modify(id, of: first, OrderChange(size: 3, limitPrice: points("20991")))
    let order = try #require(exchange.orders[id]?.order)
    #expect(order.size == 3 && order.limitPrice == points("20991"))
    #expect(exchange.told() == ["order 1 0/3"])
    let stopID = try exchange.place(stop(.sell, 1, "20980"))
    try exchange.modify(stopID, of: first, OrderChange(stopPrice: points("20985")))
    #expect(exchange.orders[stopID]?.order.stopPrice == points("20985"))
  }

  @Test func `a limit that is moved across the market fills`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(limit(.buy, 1, "20990"))
    try exchange.modify(id, of: first, OrderChange(limitPrice: points("21005")))
    #expect(exchange.status(id) == 2)
    #expect(exchange.orders[id]?.order.filledPrice == points("21000.25"))
  }

  @Test func `wrong changes are refused with the endpoint's codes`() throws {
    var exchange = makeExchange { $0.cancellationDelay = nil }
    let id = try exchange.place(limit(.buy, 2, "20990"))
    let stopID = try exchange.place(stop(.sell, 1, "20980"))
    let filled = try exchange.place(market(.buy, 1))
    let leaving = try exchange.place(limit(.buy, 1, "20970"))
    try exchange.cancel(leaving, of: first)
    func refused(
      _ order: OrderID, _ change: OrderChange, by account: AccountID = first
    ) -> Refusal<ModifyCode>? {
      #expect(throws: Refusal<ModifyCode>.self) { try exchange.modify(order, of: account, change) }
    }
    let bigger = OrderChange(size: 5)
    #expect(refused(id, bigger, by: AccountID(9)) == Refusal(.accountNotFound))
    #expect(refused(id, bigger, by: second) == Refusal(.accountNotFound))
    #expect(
      refused(id, bigger, by: follower)
        == Refusal(.accountRejected, "Follower accounts cannot modify orders"))
    #expect(refused(OrderID(7), bigger) == Refusal(.orderNotFound))
    #expect(refused(filled, bigger) == Refusal(.orderNotFound))
    #expect(refused(leaving, bigger) == Refusal(.pending))
    #expect(refused(id, OrderChange()) == Refusal(.rejected, "Nothing to modify."))
    #expect(
      refused(id, OrderChange(size: 0)) == Refusal(.rejected, "Invalid order size specified"))
    #expect(
      refused(id, OrderChange(limitPrice: points("20990.1"))) == Refusal(.rejected, "Invalid price")
    )
    #expect(
      refused(stopID, OrderChange(stopPrice: points("21001")))
        == Refusal(.rejected, "Invalid stop price"))
    try exchange.setOpen(mnq, false)
    #expect(
      refused(id, bigger)
        == Refusal(.rejected, "The instrument is not in an active trading status."))
  }

  @Test func `a cancel ends a working order`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(limit(.buy, 1, "20990"))
    _ = exchange.takeEvents()
    try exchange.cancel(id, of: first)
    #expect(exchange.told() == ["order 3 0/1"])
  }

  @Test func `wrong cancels are refused with the endpoint's codes`() throws {
    var exchange = makeExchange { $0.cancellationDelay = .milliseconds(500) }
    let id = try exchange.place(limit(.buy, 1, "20990"))
    let filled = try exchange.place(market(.buy, 1))
    let other = try exchange.place(limit(.buy, 1, "20980"))
    func refused(_ order: OrderID, by account: AccountID = first) -> Refusal<CancelCode>? {
      #expect(throws: Refusal<CancelCode>.self) { try exchange.cancel(order, of: account) }
    }
    #expect(refused(id, by: AccountID(9)) == Refusal(.accountNotFound))
    #expect(refused(id, by: second) == Refusal(.accountNotFound))
    #expect(refused(OrderID(7)) == Refusal(.orderNotFound))
    #expect(refused(filled) == Refusal(.orderNotFound))
    #expect(
      refused(id, by: follower)
        == Refusal(.accountRejected, "Follower accounts cannot cancel orders"))
    #expect(refused(id, by: live) == Refusal(.accountRejected, "Live accounts not supported"))
    try exchange.cancel(id, of: first)
    #expect(exchange.status(id) == 7)
    #expect(refused(id) == Refusal(.pending))
    exchange.advance(to: openingTime + .milliseconds(500))
    #expect(exchange.status(id) == 3)
    #expect(refused(id) == Refusal(.orderNotFound))
    try exchange.setOpen(mnq, false)
    #expect(
      refused(other)
        == Refusal(.rejected, "The instrument is not in an active trading status."))
  }

  @Test func `a fill wins over a cancellation that is pending`() throws {
    var exchange = makeExchange { $0.cancellationDelay = .milliseconds(500) }
    let id = try exchange.place(stop(.sell, 1, "20990"))
    try exchange.cancel(id, of: first)
    try exchange.setPrice(mnq, last: points("20990"))
    #expect(exchange.status(id) == 2)
    exchange.advance(to: openingTime + .seconds(1))
    #expect(exchange.status(id) == 2)
    #expect(exchange.signedSize(of: first, mnq) == -1)
  }

  @Test func `a partial fill leaves a pending cancellation pending`() throws {
    var exchange = makeExchange {
      $0.cancellationDelay = .milliseconds(500)
      $0.liquidityPerStep = 1
    }
    let id = try exchange.place(limit(.sell, 3, "21005"))
    try exchange.cancel(id, of: first)
    try exchange.setPrice(mnq, last: points("21006"))
    #expect(exchange.status(id) == 7)
    #expect(exchange.orders[id]?.order.filledSize == 1)
    exchange.advance(to: openingTime + .seconds(1))
    #expect(exchange.status(id) == 3)
    #expect(exchange.signedSize(of: first, mnq) == -1)
  }

  @Test func `a cancellation can stay pending for ever`() throws {
    var exchange = makeExchange { $0.cancellationDelay = nil }
    let id = try exchange.place(limit(.buy, 1, "20990"))
    try exchange.cancel(id, of: first)
    exchange.advance(to: openingTime + .seconds(86_400))
    #expect(exchange.status(id) == 7)
    #expect(exchange.workingOrders(of: first).map(\.id) == [id])
  }

  @Test func `cancelling in a closed market can be allowed`() throws {
    var exchange = makeExchange { $0.closedMarketAllowsCancel = true }
    let id = try exchange.place(limit(.buy, 1, "20990"))
    try exchange.setOpen(mnq, false)
    try exchange.cancel(id, of: first)
    #expect(exchange.status(id) == 3)
  }

  @Test func `a trailing stop follows the market and never moves back`() throws {
    var exchange = makeExchange()
    var ticket = market(.sell, 1)
    ticket.type = .trailingStop
    ticket.trailPrice = points("20995")
    let id = try exchange.place(ticket)
    var order = try #require(exchange.orders[id])
    #expect(order.trailDistance == 20 && order.trailPrice == points("5"))
    #expect(order.order.stopPrice == points("20995"))
    for (last, stop) in [("21010", "21005"), ("21006", "21005"), ("21012.5", "21007.5")] {
      try exchange.setPrice(mnq, last: points(last))
      #expect(exchange.orders[id]?.order.stopPrice == points(stop))
    }
    try exchange.modify(id, of: first, OrderChange(trailPrice: points("21010.5")))
    order = try #require(exchange.orders[id])
    #expect(order.trailDistance == 8 && order.order.stopPrice == points("21010.5"))
    try exchange.setPrice(mnq, last: points("21010.5"))
    #expect(exchange.status(id) == 2)
  }

  @Test(arguments: [
    (nil, "Trail Distance not set."),
    ("20995.1", "Invalid trail price. Price is not aligned to tick size."),
    ("21000", "Trail Distance not set."), ("20749.75", "Trail Distance exceeds maximum (1000)"),
  ])
  func `a wrong trail is refused`(level: String?, message: String) {
    var exchange = makeExchange()
    var ticket = market(.sell, 1)
    ticket.type = .trailingStop
    ticket.trailPrice = level.map(points)
    let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(ticket) }
    #expect(refusal?.message == message)
  }

  @Test func `a trailing stop needs a last price, on placing and on changing`() throws {
    var exchange = makeExchange()
    var ticket = market(.buy, 1)
    ticket.type = .trailingStop
    ticket.trailPrice = points("21005")
    let id = try exchange.place(ticket)
    let change = OrderChange(trailPrice: points("21004"))
    #expect(throws: Refusal<ModifyCode>(.rejected, "Trail Distance not set.")) {
      try exchange.modify(id, of: first, OrderChange(trailPrice: points("21000")))
    }
    #expect(throws: Refusal<ModifyCode>.self) {
      try exchange.modify(id, of: first, OrderChange(trailPrice: points("21000.1")))
    }
    try exchange.clearPrices(mnq)
    #expect(throws: Refusal<ModifyCode>(.rejected, "Cannot trail without a last price")) {
      try exchange.modify(id, of: first, change)
    }
    let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(ticket) }
    #expect(refusal?.message == "Cannot trail without a last price")
  }
}
