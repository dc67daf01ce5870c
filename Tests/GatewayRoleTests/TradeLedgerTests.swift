import RiskModel
import Testing

@testable import GatewayRole

@Suite struct TradeLedgerTests {
  private static let day = Instant(secondsSinceEpoch: 1_787_090_400)

  private static func trade(
    _ id: Int64, _ size: Int64, second: Int64 = 1, profit: Int64? = nil, voided: Bool = false
  ) -> Trade {
    Trade(
      id: TradeID(id), account: alpha, contract: mnq, executedAt: day + .seconds(second),
      price: .init(points: 29_000), profit: profit.map { Money(dollars: $0) }, fees: .zero,
      side: size > 0 ? .buy : .sell, size: abs(size), isVoided: voided, order: OrderID(id))
  }

  @Test func everyTradeCountsOnceInAnyOrder() {
    var ledger = TradeLedger()
    ledger.anchor([:])
    let trades = [
      Self.trade(1, 3), Self.trade(2, -1, profit: 10), Self.trade(3, -2, profit: -4),
    ]
    for trade in trades.reversed() + trades { _ = ledger.record(trade) }
    #expect(ledger.differences(from: [:]) == [])
    #expect(ledger.earnings(since: Self.day).profit == Money(dollars: 6))
    #expect(ledger.lastExecution == Self.day + .seconds(1))
  }

  @Test func aVoidedTradeIsTakenBackOnce() {
    var ledger = TradeLedger()
    ledger.anchor([:])
    _ = ledger.record(Self.trade(1, 2))
    _ = ledger.record(Self.trade(2, -2, profit: 8))
    let isTaken = [true, true, false].map {
      ledger.record(Self.trade(2, -2, profit: 8, voided: $0))
    }
    #expect(isTaken == [true, false, false])
    #expect(ledger.differences(from: [mnq: 2]) == [])
    #expect(ledger.earnings(since: Self.day).profit == .zero)
    _ = ledger.record(Self.trade(3, 1, voided: true))
    #expect(ledger.differences(from: [mnq: 2]) == [])
  }

  @Test func anotherResultReplacesTheFirst() {
    var ledger = TradeLedger()
    _ = ledger.record(Self.trade(1, -1))
    let isTaken = [5, nil].map { ledger.record(Self.trade(1, -1, profit: $0)) }
    #expect(isTaken == [true, false])
    #expect(ledger.earnings(since: Self.day).profit == Money(dollars: 5))
  }

  @Test func feesThatComeLaterAreTaken() {
    var ledger = TradeLedger()
    let told = ([(0, 0), (2, 0), (2, 0), (0, 1), (0, 0)] as [(Int64, Int64)]).map {
      fees, commissions in
      var trade = Self.trade(1, -1, profit: 5)
      trade.fees = Money(dollars: fees)
      trade.commissions = Money(dollars: commissions)
      return trade
    }
    // A list that says less says nothing new.
    let isTaken = told.map { ledger.record($0) }
    #expect(isTaken == [true, true, false, true, false])
    let known = ledger.trades[TradeID(1)]
    #expect(known?.fees == Money(dollars: 2) && known?.commissions == Money(dollars: 1))
  }

  @Test func withoutAnAnchorNothingIsCompared() {
    var ledger = TradeLedger()
    _ = ledger.record(Self.trade(1, 1))
    #expect(ledger.differences(from: [:]) == [])
    ledger.anchor([mnq: 1])
    #expect(ledger.differences(from: [:]) == [.ledger(mnq, added: 1, held: 0)])
  }

  @Test func theDayFromFlatExplainsAPosition() {
    var ledger = TradeLedger()
    _ = ledger.record(Self.trade(1, 5, second: -10))
    _ = ledger.record(Self.trade(2, 2))
    #expect(ledger.explains([mnq: 2], since: Self.day))
    #expect(!ledger.explains([mnq: 7], since: Self.day))
    ledger.forget(before: Self.day)
    #expect(ledger.trades.count == 1)
  }

  /// Random days of one account: every event is told twice and in any order within its fill; one
  /// event of the stream is dropped.
  @Test(arguments: 1...200)
  func oneDroppedEventIsAlwaysFound(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    var venue: [ContractID: Int64] = [:]
    var trades: [Trade] = []
    var book = AccountBook()
    book.ledger.anchor([:])
    var events: [VenueEvent] = []
    for number in 1...Int64.random(in: 2...30, using: &random) {
      let contract = Bool.random(using: &random) ? mnq : ep
      let size = Int64.random(in: 1...5, using: &random) * (Bool.random(using: &random) ? 1 : -1)
      var trade = Self.trade(number, size, second: number, profit: number)
      trade.contract = contract
      trades.append(trade)
      venue[contract, default: 0] += size
      let position = Position(
        id: 1, account: alpha, contract: contract, openedAt: Self.day,
        signedSize: venue[contract] ?? 0, averagePrice: .init(points: 1))
      events += [VenueEvent.trade(trade), .position(position)].shuffled(using: &random)
    }
    let dropped = Int.random(in: 0..<events.count, using: &random)
    for (index, event) in events.enumerated() where index != dropped {
      book.apply(event)
      if Bool.random(using: &random) { book.apply(event) }
    }
    let listed = venue.filter { $0.value != 0 }.map { contract, size in
      Position(
        id: 1, account: alpha, contract: contract, openedAt: Self.day, signedSize: size,
        averagePrice: .init(points: 1))
    }
    let found =
      book.ledgerDifferences + book.differences(positions: listed, orders: [])
      + book.differences(trades: trades)
    switch events[dropped] {
    case .trade(let trade):
      #expect(found.contains(.tradeMissed(trade.id)), "seed \(seed)")
      #expect(!book.ledgerDifferences.isEmpty, "seed \(seed)")
    case .position(let position):
      // A later event of the contract carries the whole size, so nothing is missing then.
      let isLast = !events[(dropped + 1)...].contains {
        if case .position(let later) = $0 { later.contract == position.contract } else { false }
      }
      #expect(isLast == !found.isEmpty, "seed \(seed)")
    default: break
    }
    // Nothing is found where nothing is missing.
    book.apply(events[dropped])
    for contract in venue.keys {
      let size = venue[contract] ?? 0
      let position = Position(
        id: 1, account: alpha, contract: contract, openedAt: Self.day, signedSize: size,
        averagePrice: .init(points: 1))
      book.apply(.position(position))
    }
    #expect(book.ledgerDifferences == [], "seed \(seed)")
    #expect(book.differences(positions: listed, orders: []) == [], "seed \(seed)")
    #expect(book.differences(trades: trades) == [], "seed \(seed)")
  }
}

private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
