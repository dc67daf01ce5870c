import RiskModel
import SimulatedVenue
import Testing

struct OrderLifeTests {
  @Test func `a market order goes from pending to filled, and the venue's order of events`() throws
  {
    var exchange = makeExchange()
    let id = try exchange.place(market(.buy, 3, tag: "entry"))
    #expect(
      exchange.told() == [
        "order 6 0/3", "order 2 3/3 @21000.25", "trade buy 3 @21000.25 -",
        "position 3 @21000.25", "account 49998.17",
      ])
    #expect(id.number > Int64(UInt32.max) / 2)
    #expect(exchange.trades.first.map { $0.id.number > Int64(Int32.max) } == true)
    #expect(exchange.openPositions(of: first).first.map { $0.id < Int64(Int32.max) } == true)
  }

  @Test func `a limit order rests, fills at its price and not before`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(limit(.buy, 2, "20995"))
    #expect(exchange.told() == ["order 6 0/2", "order 1 0/2"])
    try exchange.setPrice(mnq, last: points("20995"))
    #expect(exchange.status(id) == 1)
    _ = exchange.told()
    try exchange.setPrice(mnq, last: points("20994.75"))
    #expect(
      exchange.told() == [
        "quote last 20994.75 bid 20994.75 ask 20995", "print sell 1 @20994.75",
        "order 2 2/2 @20995", "trade buy 2 @20995 -", "position 2 @20995", "account 49998.78",
      ])
  }

  @Test func `a limit order that crosses trades at the market's better price`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(limit(.sell, 1, "20000"))
    #expect(exchange.orders[id]?.order.filledPrice == points("21000"))
    #expect(exchange.status(id) == 2)
  }

  @Test(arguments: [
    (Side.sell, "20990", "20990.25", "20990", "20990"),
    (.buy, "21010", "21009.75", "21010", "21010.25"),
    (.sell, "20990", "20990.25", "20900", "20900"),
  ])
  func `a stop waits for its price and then takes the market's`(
    side: Side, level: String, before: String, at: String, filled: String
  ) throws {
    var exchange = makeExchange()
    let id = try exchange.place(stop(side, 1, level))
    try exchange.setPrice(mnq, last: points(before))
    #expect(exchange.status(id) == 1)
    try exchange.setPrice(mnq, last: points(at))
    #expect(exchange.status(id) == 2)
    #expect(exchange.orders[id]?.order.filledPrice == points(filled))
  }

  @Test func `a stop is triggered by a quote beyond it too`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(stop(.buy, 1, "21005"))
    try exchange.setPrice(mnq, bid: points("21005"))
    #expect(exchange.status(id) == 2)
    let other = try exchange.place(stop(.sell, 1, "20990"))
    try exchange.setPrice(mnq, ask: points("20990"))
    #expect(exchange.status(other) == 2)
  }

  @Test func `a stop slips by the set number of ticks`() throws {
    var exchange = makeExchange { $0.stopSlippageTicks = 2 }
    let id = try exchange.place(stop(.sell, 1, "20990"))
    try exchange.setPrice(mnq, last: points("20990"))
    #expect(exchange.orders[id]?.order.filledPrice == points("20989.5"))
  }

  @Test func `an order stays pending for the set time and trades at the price of then`() throws {
    var exchange = makeExchange { $0.acceptanceDelay = .milliseconds(8) }
    let id = try exchange.place(market(.buy, 1))
    #expect(exchange.status(id) == 6)
    #expect(exchange.nextDue == openingTime + .milliseconds(8))
    exchange.advance(to: openingTime + .milliseconds(7))
    #expect(exchange.status(id) == 6)
    try exchange.setPrice(mnq, last: points("21100"))
    exchange.advance(to: openingTime + .milliseconds(20))
    #expect(exchange.status(id) == 2)
    #expect(exchange.orders[id]?.order.filledPrice == points("21100.25"))
    #expect(exchange.orders[id]?.order.updatedAt == openingTime + .milliseconds(8))
    #expect(exchange.nextDue == nil)
  }

  @Test func `a pending order can be cancelled, and is not accepted later`() throws {
    var exchange = makeExchange { $0.acceptanceDelay = .milliseconds(8) }
    let id = try exchange.place(market(.buy, 1))
    try exchange.cancel(id, of: first)
    exchange.advance(to: openingTime + .seconds(1))
    #expect(exchange.status(id) == 3)
    #expect(exchange.trades.isEmpty)
  }

  @Test func `an order whose market closes while it is pending is rejected`() throws {
    var exchange = makeExchange { $0.acceptanceDelay = .milliseconds(8) }
    let id = try exchange.place(market(.buy, 1))
    try exchange.setOpen(mnq, false)
    exchange.advance(to: openingTime + .seconds(1))
    #expect(exchange.status(id) == 5)
  }

  @Test func `orders expire one by one or with their session`() throws {
    var exchange = makeExchange()
    let one = try exchange.place(limit(.buy, 1, "20900"))
    let other = try exchange.place(limit(.buy, 1, "20901"))
    exchange.expire(one)
    #expect(exchange.status(one) == 4)
    #expect(exchange.status(other) == 1)
    try exchange.setOpen(mnq, false, expiringOrders: true)
    #expect(exchange.status(other) == 4)
    #expect(exchange.workingOrders(of: first).isEmpty)
  }

  @Test func `time never goes back`() {
    var exchange = makeExchange()
    exchange.advance(to: openingTime + .seconds(5))
    exchange.advance(to: openingTime)
    #expect(exchange.now == openingTime + .seconds(5))
  }

  @Test func `finished orders and trades are forgotten beyond the limit, working ones are not`()
    throws
  {
    var exchange = makeExchange { $0.historyLimit = 8 }
    let resting = try exchange.place(limit(.buy, 1, "20900"))
    for index in 0..<40 { _ = try exchange.place(market(index % 2 == 0 ? .buy : .sell, 1)) }
    #expect(exchange.status(resting) == 1)
    #expect(exchange.orderHistory.count <= 10)
    #expect(exchange.trades.count <= 10)
    #expect(exchange.orders.count == exchange.orderHistory.count)
  }
}
