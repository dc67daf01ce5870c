import RiskModel
import SimulatedVenue
import Testing

struct PartialFillTests {
  @Test func `a market order sweeps through the price steps`() throws {
    var exchange = makeExchange { $0.liquidityPerStep = 2 }
    let id = try exchange.place(market(.buy, 5))
    #expect(
      exchange.told() == [
        "order 6 0/5",
        "order 1 2/5 @21000.25", "trade buy 2 @21000.25 -", "position 2 @21000.25",
        "account 49998.78",
        "order 1 4/5 @21000.375", "trade buy 2 @21000.5 -", "position 4 @21000.375",
        "account 49997.56",
        "order 2 5/5 @21000.45", "trade buy 1 @21000.75 -", "position 5 @21000.45",
        "account 49996.95",
      ])
    #expect(exchange.status(id) == 2)
  }

  @Test func `what was taken stays taken until the price changes`() throws {
    var exchange = makeExchange { $0.liquidityPerStep = 2 }
    _ = try exchange.place(market(.buy, 2))
    let next = try exchange.place(market(.buy, 1))
    #expect(exchange.orders[next]?.order.filledPrice == points("21000.5"))
    try exchange.setPrice(mnq, last: points("21000.25"))
    let later = try exchange.place(market(.buy, 1))
    #expect(exchange.orders[later]?.order.filledPrice == points("21000.5"))
    let sold = try exchange.place(market(.sell, 1))
    #expect(exchange.orders[sold]?.order.filledPrice == points("21000.25"))
  }

  @Test func `a resting limit order fills in pieces, one price change at a time`() throws {
    var exchange = makeExchange { $0.liquidityPerStep = 2 }
    let id = try exchange.place(limit(.buy, 5, "20995"))
    for (filled, status) in [(2, 1), (4, 1), (5, 2)] {
      try exchange.setPrice(mnq, last: points("20990"))
      #expect(exchange.orders[id]?.order.filledSize == Int64(filled))
      #expect(exchange.status(id) == status)
    }
    #expect(exchange.orders[id]?.order.filledPrice == points("20995"))
    #expect(exchange.trades.map(\.size) == [2, 2, 1])
  }

  @Test func `a limit order that crosses stops at its limit`() throws {
    var exchange = makeExchange { $0.liquidityPerStep = 2 }
    let id = try exchange.place(limit(.buy, 5, "21000.5"))
    #expect(exchange.orders[id]?.order.filledSize == 4)
    #expect(exchange.status(id) == 1)
    try exchange.cancel(id, of: first)
    #expect(exchange.status(id) == 3)
    #expect(exchange.signedSize(of: first, mnq) == 4)
  }

  @Test func `a market order can wait with its remainder`() throws {
    var exchange = makeExchange {
      $0.liquidityPerStep = 2
      $0.marketRemainder = .waits
    }
    let id = try exchange.place(market(.buy, 3))
    #expect(exchange.status(id) == 1)
    #expect(exchange.orders[id]?.order.remainingSize == 1)
    try exchange.setPrice(mnq, last: points("21001"))
    #expect(exchange.status(id) == 2)
    #expect(exchange.trades.map(\.price) == [points("21000.25"), points("21001.25")])
  }

  @Test func `a triggered stop that waits goes on at the market`() throws {
    var exchange = makeExchange {
      $0.liquidityPerStep = 1
      $0.marketRemainder = .waits
    }
    let id = try exchange.place(stop(.sell, 2, "20990"))
    try exchange.setPrice(mnq, last: points("20990"))
    #expect(exchange.orders[id]?.order.filledSize == 1)
    try exchange.setPrice(mnq, last: points("20995"))
    #expect(exchange.status(id) == 2)
    #expect(exchange.trades.last?.price == points("20995"))
  }
}
