import RiskModel
import SimulatedVenue
import Testing

struct BracketTests {
  private func exchange(
    _ change: (inout ExchangeBehaviour) -> Void = { _ in }
  ) throws -> SimulatedExchange {
    var exchange = makeExchange(change)
    try exchange.change(first, bracketMode: .autoOCO)
    _ = exchange.takeEvents()
    return exchange
  }

  private func bracket(
    _ ticket: OrderTicket, stop: Int64?, profit: Int64?, stopType: OrderType = .stop
  ) -> OrderTicket {
    var ticket = ticket
    ticket.customTag = "T"
    ticket.stopLoss = stop.map { BracketLeg(ticks: $0, type: stopType) }
    ticket.takeProfit = profit.map { BracketLeg(ticks: $0, type: .limit) }
    return ticket
  }

  @Test func `the legs come first suspended and open when the entry fills`() throws {
    var exchange = try exchange()
    let id = try exchange.place(bracket(market(.sell, 2), stop: 101, profit: -99))
    let seen = exchange.takeEvents().compactMap { event -> String? in
      guard case .order(let order) = event else { return nil }
      return "\(order.id.number - id.number) \(order.order.status.rawValue)"
    }
    #expect(seen == ["1 8", "0 6", "2 8", "0 2", "2 1", "1 1"])
    let stopLeg = try #require(exchange.orders[OrderID(id.number + 1)])
    let profitLeg = try #require(exchange.orders[OrderID(id.number + 2)])
    #expect(stopLeg.order.type == .stop && stopLeg.order.stopPrice == points("21025.25"))
    #expect(profitLeg.order.type == .limit && profitLeg.order.limitPrice == points("20975.25"))
    #expect(stopLeg.order.customTag == "T-SL" && profitLeg.order.customTag == "T-TP")
    #expect(stopLeg.order.parent == id && profitLeg.order.parent == id)
    #expect(stopLeg.order.linked == nil && profitLeg.order.linked == stopLeg.id)
    #expect(stopLeg.trailDistance == 101 && stopLeg.trailPrice == points("25.25"))
    #expect(profitLeg.trailDistance == -99 && profitLeg.trailPrice == points("-24.75"))
    #expect(stopLeg.order.size == 2 && stopLeg.order.side == .buy)
  }

  @Test func `a filled leg cancels the other one`() throws {
    var exchange = try exchange()
    let id = try exchange.place(bracket(market(.buy, 1), stop: -10, profit: 20))
    try exchange.setPrice(mnq, last: points("20997.75"))
    #expect(exchange.status(OrderID(id.number + 1)) == 2)
    #expect(exchange.status(OrderID(id.number + 2)) == 3)
    #expect(exchange.signedSize(of: first, mnq) == 0)
  }

  @Test func `legs stay suspended while the entry rests, and go with it`() throws {
    var exchange = try exchange()
    let id = try exchange.place(bracket(limit(.buy, 1, "20990"), stop: -10, profit: 20))
    #expect(exchange.workingOrders(of: first).map(\.status.rawValue) == [1, 8, 8])
    #expect(throws: Refusal<ModifyCode>.self) {
      try exchange.modify(OrderID(id.number + 1), of: first, OrderChange(size: 2))
    }
    try exchange.cancel(id, of: first)
    #expect(exchange.workingOrders(of: first).isEmpty)
    #expect((1...2).allSatisfy { exchange.status(OrderID(id.number + $0)) == 3 })
  }

  @Test func `a cancelled entry that filled in part leaves legs of that part`() throws {
    var exchange = try exchange { $0.liquidityPerStep = 2 }
    let id = try exchange.place(bracket(limit(.buy, 5, "20990"), stop: -10, profit: 20))
    try exchange.setPrice(mnq, last: points("20989"))
    try exchange.cancel(id, of: first)
    let legs = exchange.workingOrders(of: first)
    #expect(legs.map(\.size) == [2, 2])
    #expect(legs.map(\.status) == [.open, .open])
  }

  @Test func `closing leaves the legs, cancelling a leg leaves the other`() throws {
    var exchange = try exchange()
    let id = try exchange.place(bracket(market(.buy, 1), stop: -10, profit: 20))
    try exchange.close(first, mnq)
    #expect(exchange.workingOrders(of: first).count == 2)
    try exchange.cancel(OrderID(id.number + 1), of: first)
    #expect(exchange.workingOrders(of: first).map(\.id) == [OrderID(id.number + 2)])
  }

  @Test func `cancelling a leg can cancel the other`() throws {
    var exchange = try exchange { $0.cancellingLegCancelsSibling = true }
    let id = try exchange.place(bracket(market(.buy, 1), stop: -10, profit: 20))
    try exchange.cancel(OrderID(id.number + 2), of: first)
    #expect(exchange.workingOrders(of: first).isEmpty)
  }

  @Test func `a trailing leg follows the market from the entry`() throws {
    var exchange = try exchange()
    let id = try exchange.place(
      bracket(market(.buy, 1), stop: -20, profit: nil, stopType: .trailingStop))
    let leg = OrderID(id.number + 1)
    #expect(exchange.orders[leg]?.order.stopPrice == points("20995.25"))
    try exchange.setPrice(mnq, last: points("21010"))
    #expect(exchange.orders[leg]?.order.stopPrice == points("21005"))
  }

  @Test func `a suspended leg can be cancelled by itself`() throws {
    var exchange = try exchange { $0.cancellationDelay = .seconds(1) }
    let id = try exchange.place(bracket(limit(.buy, 1, "20990"), stop: -10, profit: 20))
    try exchange.cancel(OrderID(id.number + 1), of: first)
    #expect(exchange.status(OrderID(id.number + 1)) == 3)
    #expect(exchange.status(id) == 1)
  }

  static let refusals: [(Side, Int64?, Int64?, OrderType, String)] = [
    (
      .buy, 40, nil, .stop,
      "Invalid stop loss ticks (40). Ticks should be less than zero when longing."
    ),
    (
      .sell, -40, nil, .stop,
      "Invalid stop loss ticks (-40). Ticks should be greater than zero when going short"
    ),
    (
      .sell, nil, 30, .stop,
      "Invalid take profit ticks (30). Ticks should be less than zero when going short"
    ),
    (
      .buy, nil, -30, .stop,
      "Invalid take profit ticks (-30). Ticks should be greater than zero when longing."
    ),
    (
      .buy, -3, nil, .stop,
      "Invalid stop loss ticks (-3). Stop loss tick value should be at least 4 ticks."
    ),
    (
      .buy, nil, 2000, .stop,
      "Invalid take profit ticks (2000). Ticks should be 1000 ticks or less."
    ),
    (.buy, -10, nil, .limit, "Invalid stop loss type (Limit)"),
    (.buy, -10, nil, .stopLimit, "Invalid stop loss type (StopLimit)"),
    (.buy, -10, nil, OrderType(rawValue: 0), "Invalid stop loss type (Unknown)"),
  ]

  @Test(arguments: refusals)
  func `wrong legs are refused`(
    side: Side, stop: Int64?, profit: Int64?, type: OrderType, message: String
  ) throws {
    var exchange = try exchange()
    let refusal = #expect(throws: Refusal<PlaceCode>.self) {
      try exchange.place(bracket(market(side, 1), stop: stop, profit: profit, stopType: type))
    }
    #expect(refusal?.message == message)
  }

  @Test func `the mode of new accounts refuses brackets`() throws {
    var exchange = makeExchange()
    let refusal = #expect(throws: Refusal<PlaceCode>.self) {
      try exchange.place(bracket(market(.buy, 1), stop: -10, profit: nil))
    }
    #expect(
      refusal?.message
        == "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets.")
  }

  @Test(arguments: [OrderType.market, .joinBid, .joinAsk, .trailingStop])
  func `a take-profit leg is a limit order`(type: OrderType) throws {
    var exchange = try exchange()
    var ticket = bracket(market(.buy, 1), stop: nil, profit: nil)
    ticket.takeProfit = BracketLeg(ticks: 20, type: type)
    let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(ticket) }
    #expect(refusal?.message?.hasPrefix("Invalid take profit type (") == true)
  }
}
