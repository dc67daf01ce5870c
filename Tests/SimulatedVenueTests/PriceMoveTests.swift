import RiskModel
import SimulatedVenue
import Testing

struct PriceMoveTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var last: String?
    var bid: String?
    var ask: String?
    var told: [String]
    var testDescription: String { name }
  }

  static let moves: [Case] = [
    Case(
      name: "the last price takes the book with it", last: "21005",
      told: ["quote last 21005 bid 21005 ask 21005.25", "print buy 1 @21005"]),
    Case(
      name: "down", last: "20999",
      told: ["quote last 20999 bid 20999 ask 20999.25", "print sell 1 @20999"]),
    Case(name: "only the bid", bid: "20999.75", told: ["quote bid 20999.75"]),
    Case(name: "only the ask", ask: "21000.5", told: ["quote ask 21000.5"]),
    Case(
      name: "the bid pushes the ask", bid: "21002", told: ["quote bid 21002 ask 21002.25"]),
    Case(
      name: "the ask pushes the bid", ask: "20998", told: ["quote bid 20997.75 ask 20998"]),
    Case(
      name: "all three", last: "21001", bid: "21000.5", ask: "21001.5",
      told: ["quote last 21001 bid 21000.5 ask 21001.5", "print buy 1 @21001"]),
    Case(name: "nothing new", last: "21000", told: ["quote"]),
  ]

  @Test(arguments: moves)
  func `only what changed is told`(_ row: Case) throws {
    var exchange = makeExchange()
    try exchange.setPrice(
      mnq, last: row.last.map(points), bid: row.bid.map(points), ask: row.ask.map(points))
    #expect(exchange.told() == row.told)
  }

  @Test func `impossible prices are errors`() {
    var exchange = makeExchange()
    let tick = points("0.25")
    #expect(throws: SimulatedVenueError.priceOffTick(mnq, points("1.1"), tick: tick)) {
      try exchange.setPrice(mnq, last: points("1.1"))
    }
    #expect(throws: SimulatedVenueError.crossedBook(mnq, bid: points("2"), ask: points("1"))) {
      try exchange.setPrice(mnq, bid: points("2"), ask: points("1"))
    }
    let unknown = ContractID("X")
    #expect(throws: SimulatedVenueError.unknownContract(unknown)) {
      try exchange.setPrice(unknown, last: points("1"))
    }
    #expect(throws: SimulatedVenueError.unknownContract(unknown)) {
      try exchange.printQuote(unknown, QuoteChange())
    }
    #expect(throws: SimulatedVenueError.unknownContract(unknown)) {
      try exchange.clearPrices(unknown)
    }
    #expect(throws: SimulatedVenueError.unknownContract(unknown)) {
      try exchange.setOpen(unknown, true)
    }
  }

  @Test func `a faulty print is told and trades nothing`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(stop(.sell, 1, "20990"))
    _ = exchange.takeEvents()
    try exchange.printQuote(mnq, QuoteChange(last: points("1000")))
    #expect(exchange.told() == ["quote last 1000"])
    #expect(exchange.status(id) == 1)
    #expect(exchange.markets[mnq]?.last == points("21000"))
  }

  @Test func `a closed market moves but trades only when it opens`() throws {
    var exchange = makeExchange()
    let id = try exchange.place(stop(.sell, 1, "20990"))
    try exchange.setOpen(mnq, false)
    try exchange.setPrice(mnq, last: points("20980"))
    #expect(exchange.status(id) == 1)
    try exchange.setOpen(mnq, true)
    #expect(exchange.status(id) == 2)
    #expect(exchange.orders[id]?.order.filledPrice == points("20980"))
  }

  @Test func `contracts are found by id, root and exchange name`() {
    let exchange = makeExchange()
    #expect(exchange.contract(named: "MNQ") == mnq)
    #expect(exchange.contract(named: "NQ") == ContractID("CON.F.US.ENQ.Z26"))
    #expect(exchange.contract(named: "ES") == ContractID("CON.F.US.EP.Z26"))
    #expect(exchange.contract(named: "CON.F.US.MNQ.U26") == expired)
    #expect(exchange.contract(named: "XYZ") == nil)
    #expect(exchange.contractIDs.count == 9)
  }
}
