import RiskModel
import Testing

@testable import SimulatedVenue
@testable import TradingDayDemo

/// The story that a real venue's happenings and recorded log lines make.
@Suite struct NarratorTests {
  /// A venue with a narrator who has heard everything so far.
  private final class Stage {
    let venue: SimulatedVenueServer
    var narrator = Narrator(mainAccount: Sample.account)
    private var last = 0

    init() throws {
      venue = try SimulatedVenueServer.start()
    }

    deinit { venue.stop() }

    func act(_ command: VenueCommand) -> [String] {
      _ = venue.execute(command)
      return hear()
    }

    /// What riskd's requests do, without the network in between.
    func enforce(
      _ request: @escaping @Sendable (inout SimulatedExchange) throws -> Void
    ) -> [String] {
      let problem: String? = venue.perform { exchange in
        do {
          try request(&exchange)
          return nil
        } catch {
          return "\(error)"
        }
      }
      return (problem.map { ["refused: \($0)"] } ?? []) + hear()
    }

    private func hear() -> [String] {
      let happenings = venue.happenings(after: last)
      last = happenings.last?.number ?? last
      return happenings.flatMap { narrator.tell($0, record: nil) }.map(\.plain)
    }

    func place(
      _ contract: ContractID, _ side: Side, _ size: Int64, type: OrderType = .market,
      limit: Price? = nil, stop: Price? = nil, account: AccountID = Sample.account
    ) -> [String] {
      act(
        .place(
          OrderTicket(
            account: account, contract: contract, type: type, side: side, size: size,
            limitPrice: limit, stopPrice: stop), name: nil))
    }
  }

  @Test func `the trader buys and riskd gives back`() throws {
    let stage = try Stage()
    #expect(stage.place(Sample.mnq, .buy, 3) == ["TRADER  buys 3 MNQ at 21000.25: long 3 MNQ"])
    let reduced = stage.enforce { try $0.partialClose(Sample.account, Sample.mnq, size: 1) }
    #expect(
      reduced == [
        "VENUE   sells 1 MNQ at 21000.00 for riskd: long 2 MNQ, result -0.50, today -0.50"
      ])
    #expect(
      stage.place(Sample.mnq, .sell, 2) == [
        "TRADER  sells 2 MNQ at 21000.00: flat in MNQ, result -1.00, today -1.50"
      ])
  }

  @Test func `orders rest and are cancelled`() throws {
    let stage = try Stage()
    #expect(
      stage.place(Sample.rty, .buy, 1, type: .limit, limit: Price(points: 2_390)) == [
        "TRADER  places an order: buy 1 RTY at 2390.00 or better"
      ])
    let order = try #require(stage.venue.workingOrders(Sample.account).first).id
    #expect(
      stage.enforce { try $0.cancel(order, of: Sample.account) } == [
        "VENUE   order cancelled: buy 1 RTY at 2390.00 or better"
      ])
  }

  /// A cancel of the trader's is followed by no order of the trader's.
  @Test func `what the trader cancels does not make riskd's close his`() throws {
    let stage = try Stage()
    _ = stage.place(Sample.mnq, .buy, 1)
    _ = stage.place(Sample.mnq, .sell, 1, type: .stop, stop: Price(points: 20_900))
    #expect(
      stage.act(.cancelAll(Sample.account, nil)) == [
        "VENUE   order cancelled: sell 1 MNQ at a stop of 20900.00"
      ])
    #expect(
      stage.enforce { try $0.close(Sample.account, Sample.mnq) } == [
        "VENUE   sells 1 MNQ at 21000.00 for riskd: flat in MNQ, result -0.50, today -0.50"
      ])
  }

  @Test func `another account is named, and its day is its own`() throws {
    let stage = try Stage()
    _ = stage.place(Sample.mnq, .buy, 1)
    _ = stage.place(Sample.mnq, .sell, 1)
    #expect(
      stage.place(Sample.es, .sell, 1, account: Sample.other) == [
        "TRADER  sells 1 ES at 6000.00 on account 1002: short 1 ES"
      ])
    #expect(
      stage.enforce { try $0.close(Sample.other, Sample.es) } == [
        "VENUE   buys 1 ES at 6000.25 on account 1002 for riskd: flat in ES, result -12.50,"
          + " today -12.50"
      ])
  }

  @Test func `what the venue refuses is told`() throws {
    let stage = try Stage()
    #expect(
      stage.place(Sample.mnq, .buy, 0) == [
        "TRADER  buys 0 MNQ at the market: the venue refuses, orderRejected (code 2): "
          + "Invalid order size specified",
        "VENUE   order rejected: buy 0 MNQ at the market",
      ])
  }

  @Test func `a moving price is told once a second`() throws {
    var narrator = Narrator()
    let told = [0, 400, 999, 1_000, 1_500].flatMap { milliseconds in
      narrator.tell(
        Happening(
          number: 1, at: Sample.instant, monotonic: Sample.moment(milliseconds: milliseconds),
          matter: .price(
            Sample.es, QuoteChange(last: Price(points: 6_000 + milliseconds)))),
        record: nil)
    }
    #expect(
      told.map(\.plain) == ["VENUE   ES trades at 6000.00", "VENUE   ES trades at 7000.00"])
  }

  static let requests: [(GatewayOperation, JSONValue, String?)] = [
    (.closeContract, .object([:]), "RISKD   sends: close all MNQ"),
    (.partialCloseContract, .object(["size": .integer(1)]), "RISKD   sends: close 1 MNQ"),
    (.cancelOrder, .object(["orderId": .integer(77)]), "RISKD   sends: cancel the order 77"),
    (.cancelOrder, .object([:]), "RISKD   sends: cancel the order ?"),
    (.modifyOrder, .object(["orderId": .integer(77)]), "RISKD   sends: change the order 77"),
    (.placeOrder, .object([:]), "RISKD   sends: place an order in MNQ"),
    (.searchPositions, .object([:]), nil),
  ]

  @Test(arguments: requests)
  func `requests that change something are told`(
    operation: GatewayOperation, body: JSONValue, expected: String?
  ) {
    var narrator = Narrator(mainAccount: Sample.account)
    let at = Sample.moment(milliseconds: 500)
    let record = RequestRecord(
      sequence: 3, receivedAt: Sample.instant, receivedMonotonic: at, connection: 1,
      path: operation.path, account: Sample.account, contract: Sample.mnq, body: body)
    let lines = narrator.tell(
      Happening(number: 9, at: Sample.instant, monotonic: at, matter: .request(3)),
      record: record)
    #expect(lines.map(\.plain) == [expected].compactMap(\.self))
    // Behind the line of the rule that is its cause.
    #expect(lines.allSatisfy { $0.at == at && $0.place == at + Narrator.causeFirst })
  }

  @Test func `a cancelled order has its words`() throws {
    let stage = try Stage()
    _ = stage.place(Sample.mnq, .buy, 2)
    _ = stage.place(Sample.mnq, .sell, 2, type: .stop, stop: Price(points: 20_850))
    let order = try #require(stage.venue.workingOrders(Sample.account).first).id
    let at = Sample.moment(milliseconds: 500)
    let record = RequestRecord(
      sequence: 3, receivedAt: Sample.instant, receivedMonotonic: at, connection: 1,
      path: GatewayOperation.cancelOrder.path, account: Sample.account, contract: nil,
      body: .object(["orderId": .integer(order.number)]))
    let lines = stage.narrator.tell(
      Happening(number: 99, at: Sample.instant, monotonic: at, matter: .request(3)),
      record: record)
    #expect(
      lines.map(\.plain) == [
        "RISKD   sends: cancel the order sell 2 MNQ at a stop of 20850.00"
      ])
  }

  @Test func `what says nothing to people is not told`() {
    var narrator = Narrator()
    let matters: [Happening.Matter] = [
      .hub(.user, connection: 1, what: "is live"), .fault(1, what: "is set"),
      .scenario("A day begins"), .request(5),
    ]
    for matter in matters {
      let happening = Happening(
        number: 1, at: Sample.instant, monotonic: Sample.moment(milliseconds: 0), matter: matter)
      #expect(narrator.tell(happening, record: nil).isEmpty)
    }
  }
}
