import RiskModel
import SimulatedVenue
import Testing

/// Pauses of a contract, and what an account may not do.
struct PauseTests {
  @Test func `what would trade at once is rejected, the rest goes on`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 2))
    try exchange.pause(mnq, for: .seconds(2))
    let text = "The instrument is not in an active trading status."
    for ticket in [market(.sell, 1), limit(.buy, 1, "21000.25")] {
      let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(ticket) }
      #expect(refusal?.code == .orderRejected && refusal?.message == text)
      #expect(refusal?.order.flatMap { exchange.status($0) } == 5)
    }
    let resting = try exchange.place(limit(.sell, 1, "21010"))
    let exit = try exchange.place(stop(.sell, 2, "20990"))
    #expect(exchange.status(resting) == 1)
    try exchange.cancel(resting, of: first)
    try exchange.modify(exit, of: first, OrderChange(stopPrice: points("20980")))
    #expect(exchange.status(resting) == 3 && exchange.status(exit) == 1)
    #expect(throws: Refusal<CloseCode>(.orderRejected)) { try exchange.close(first, mnq) }
    #expect(throws: Refusal<PartialCloseCode>(.orderRejected)) {
      try exchange.partialClose(first, mnq, size: 1)
    }
    #expect(exchange.signedSize(of: first, mnq) == 2)
    _ = try exchange.place(market(.buy, 1, contract: mes))
  }

  @Test func `a stop is not protected in a pause and meets the price after it`() throws {
    var exchange = makeExchange()
    _ = try exchange.place(market(.buy, 2))
    let exit = try exchange.place(stop(.sell, 2, "20990"))
    try exchange.pause(mnq, for: .seconds(2))
    try exchange.setPrice(mnq, last: points("20950"))
    #expect(exchange.status(exit) == 1 && exchange.nextDue == openingTime + .seconds(2))
    exchange.advance(to: openingTime + .seconds(2))
    #expect(exchange.status(exit) == 2)
    #expect(exchange.orders[exit]?.order.filledPrice == points("20950"))
    try exchange.setPrice(mnq, last: points("20940"))
    _ = try exchange.place(market(.buy, 1))
  }

  @Test func `an order that was pending when the pause began is rejected, a resting one waits`()
    throws
  {
    var exchange = makeExchange { $0.acceptanceDelay = .milliseconds(10) }
    let aggressive = try exchange.place(market(.buy, 1))
    let resting = try exchange.place(limit(.buy, 1, "20990"))
    try exchange.pause(mnq, for: .seconds(2))
    exchange.advance(to: openingTime + .milliseconds(10))
    #expect(exchange.status(aggressive) == 5 && exchange.status(resting) == 1)
    try exchange.setPrice(mnq, last: points("20980"))
    #expect(exchange.status(resting) == 1)
    exchange.advance(to: openingTime + .seconds(2))
    #expect(exchange.status(resting) == 2)
  }

  @Test func `a later pause replaces an earlier one, a closed market stays closed`() throws {
    var exchange = makeExchange()
    let order = try exchange.place(limit(.buy, 1, "20990"))
    try exchange.pause(mnq, for: .seconds(2))
    try exchange.pause(mnq, for: .seconds(5))
    try exchange.setPrice(mnq, last: points("20980"))
    exchange.advance(to: openingTime + .seconds(2))
    #expect(exchange.status(order) == 1)
    try exchange.setOpen(mnq, false)
    exchange.advance(to: openingTime + .seconds(5))
    #expect(exchange.status(order) == 1)
    try exchange.setOpen(mnq, true)
    #expect(exchange.status(order) == 2)
    #expect(throws: SimulatedVenueError.self) {
      try exchange.pause(ContractID("CON.F.US.XYZ.Z26"), for: .seconds(1))
    }
  }

  @Test func `a running venue resumes by itself`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      try venue.pause(mnq, for: .milliseconds(150))
      let order = #"{"accountId":1001,"contractId":"\#(mnq.text)","type":2,"side":0,"size":1}"#
      #expect(try client.post(.placeOrder, order).errorCode == 2)
      let isOver = venue.wait { venue in
        venue.perform { exchange in exchange.markets[mnq]?.pausedUntil == nil }
      }
      #expect(isOver)
      #expect(try client.post(.placeOrder, order).errorCode == 0)
    }
  }

  @Test func `an account without funds or beyond its limit is refused`() throws {
    var exchange = makeExchange {
      $0.minimumBalance = dollars("49000")
      $0.maximumPosition = 3
    }
    _ = try exchange.place(market(.buy, 3))
    let refusal = #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(market(.buy, 1)) }
    #expect(refusal?.code == .orderRejected && refusal?.order != nil)
    _ = try exchange.place(market(.sell, 6))
    #expect(throws: Refusal<PlaceCode>.self) { try exchange.place(market(.sell, 1)) }
    try exchange.change(first, balance: dollars("48999.99"))
    #expect(throws: Refusal<PlaceCode>(.insufficientFunds, "Insufficient funds.")) {
      try exchange.place(market(.buy, 1))
    }
  }

  @Test func `a partial close can make the exits smaller`() throws {
    var exchange = makeExchange { $0.exitsResizedAfterPartialClose = .milliseconds(50) }
    _ = try exchange.place(market(.buy, 5))
    let exit = try exchange.place(stop(.sell, 5, "20990"))
    let small = try exchange.place(limit(.sell, 1, "21100"))
    let entry = try exchange.place(limit(.buy, 9, "20900"))
    try exchange.partialClose(first, mnq, size: 2)
    #expect(exchange.orders[exit]?.order.size == 5)
    exchange.advance(to: openingTime + .milliseconds(50))
    #expect(exchange.orders[exit]?.order.size == 3 && exchange.orders[small]?.order.size == 1)
    #expect(exchange.orders[entry]?.order.size == 9)
  }
}
