import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing
import VenueAPI

@testable import Workers

/// The venue's numbers, ids and times in every form that was met or is documented.
@Suite(.serialized) struct WireVariantTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    var form = WireForm()
    var idsAsText = false

    var testDescription: String {
      "\(form.decimals.rawValue), \(form.timestampDigits.map(String.init) ?? "usual") digits, "
        + "\(form.timestampOffset.rawValue), ids as \(idsAsText ? "text" : "numbers")"
    }
  }

  static let variants: [Variant] = {
    var variants: [Variant] = []
    let digits: [Int?] = [0, 3, 4, 5, 6, 7, nil]
    for (index, digits) in digits.enumerated() {
      var variant = Variant(idsAsText: index % 2 == 1)
      variant.form.decimals = DecimalForm.allCases[index % DecimalForm.allCases.count]
      variant.form.timestampOffset =
        TimestampOffset.allCases[index % TimestampOffset.allCases.count]
      variant.form.timestampDigits = digits
      variant.form.hidesUpdateTimestamps = index % 3 == 2
      variant.form.addsUnknownMembers = index != 0
      variants.append(variant)
    }
    return variants
  }()

  @Test(arguments: variants)
  func `10 to 13 and 50: whatever form the venue chooses, the account is read the same`(
    variant: Variant
  ) throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.gateway.form = variant.form
    configuration.gateway.idsAsText = variant.idsAsText
    let bench = try EdgeBench(configuration)
    defer { bench.close() }
    let account = Sample.account
    let trader = bench.venue.trader
    try trader.place(account, Sample.mnq, .buy, size: 3)
    try trader.place(account, Sample.mnq, .sell, size: 1)
    try trader.place(account, Sample.mnq, .sell, size: 2, type: .stop, stop: .at("20950.25"))
    try trader.place(account, Sample.mnq, .sell, size: 2, type: .limit, limit: .at("21100.5"))
    let token = try bench.signIn()

    let positions = try bench.ask(.positionSearchOpen(account), token)
      .decodePositions(of: account).get()
    let held = bench.venue.positions(account)
    #expect(positions.map(\.id) == held.map(\.id))
    #expect(positions.map(\.signedSize) == [2])
    #expect(positions.map(\.averagePrice) == held.map(\.averagePrice))
    for (read, known) in zip(positions, held) { expectNear(read.openedAt, known.openedAt) }

    let page = try bench.ask(
      .orderQuery(account, statuses: OrderStatus.working, offset: 0), token
    ).decodeOrderPage(of: account).get()
    let working = bench.venue.workingOrders(account).sorted { $0.id < $1.id }
    let orders = page.orders.sorted { $0.id < $1.id }
    #expect(orders.map(\.id) == working.map(\.id))
    #expect(orders.allSatisfy { $0.id.number > 1 << 31 })
    #expect(orders.map(\.stopPrice) == working.map(\.stopPrice))
    #expect(orders.map(\.limitPrice) == working.map(\.limitPrice))
    #expect(orders.map(\.size) == working.map(\.size))
    for order in orders {
      #expect((order.updatedAt == nil) == variant.form.hidesUpdateTimestamps)
    }

    let listed = try bench.ask(
      .tradeSearch(account, from: bench.reactor.clock.now() - .seconds(3_600), to: nil), token
    ).decodeTrades(of: account).get()
    let trades = bench.venue.trades(account)
    #expect(Set(listed.map(\.id)) == Set(trades.map(\.id)))
    for trade in listed {
      let known = try #require(trades.first { $0.id == trade.id })
      #expect(trade.price == known.price && trade.profit == known.profit)
      #expect(trade.fees == known.fees && trade.order == known.order)
      expectNear(trade.executedAt, known.executedAt)
    }
    let contract = try bench.ask(.contractSearchByID(Sample.mnq), token)
      .decodeContract(Sample.mnq).get()
    #expect(contract.tickSize == .at("0.25"))
  }

  /// Digits of a second may be left out.
  private func expectNear(
    _ read: Instant, _ known: Instant, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect((known - read) < .seconds(1), sourceLocation: sourceLocation)
    #expect(read <= known, sourceLocation: sourceLocation)
  }
}
