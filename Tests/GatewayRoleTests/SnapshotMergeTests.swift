import RiskModel
import Testing

@testable import GatewayRole

@Suite struct SnapshotMergeTests {
  private let time = Instant(secondsSinceEpoch: 1_787_150_000)

  private func order(_ id: Int64, updated: Int64?, status: OrderStatus = .open) -> Order {
    Order(
      id: OrderID(id), account: alpha, contract: mnq, createdAt: time,
      updatedAt: updated.map { time + .milliseconds($0) }, status: status, type: .stop,
      side: .sell, size: 1)
  }

  private func trade(_ id: Int64, voided: Bool = false) -> Trade {
    Trade(
      id: TradeID(id), account: alpha, contract: mnq, executedAt: time, price: .init(points: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, isVoided: voided, order: OrderID(1))
  }

  private func isToldAgain(
    _ event: VenueEvent, orders: [Order] = [], trades: [Trade] = []
  ) -> Bool {
    let snapshot = AccountSnapshot(
      account: Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true),
      positions: [], workingOrders: orders, trades: trades, startedAt: time)
    let item = RecordedEvent(
      event: event, receivedAt: time, readAt: MonotonicInstant(nanos: 0))
    return SnapshotMerge.newer([item], than: snapshot) == [item]
  }

  @Test(arguments: [
    (Int64?(5), Int64?(4), true), (4, 5, false), (5, 5, false), (nil, 5, false), (5, nil, true),
    (nil, nil, false), (0, nil, false),
  ])
  func anOrderGoesByItsTimeOfChange(heard: Int64?, read: Int64?, isTold: Bool) {
    let known = order(1, updated: read)
    var event = order(1, updated: heard)
    if heard == 0 { event = known }
    #expect(isToldAgain(.order(event), orders: [known]) == isTold)
  }

  @Test func anOrderOfTheSameMomentIsToldWhenItDiffers() {
    let known = order(1, updated: 5)
    #expect(
      isToldAgain(.order(order(1, updated: 5, status: .pendingCancellation)), orders: [known]))
  }

  @Test func anOrderThatTheSnapshotLacksIsTold() {
    #expect(isToldAgain(.order(order(2, updated: 1)), orders: [order(1, updated: 9)]))
    #expect(isToldAgain(.order(order(2, updated: 1, status: .filled))))
  }

  @Test func aTradeGoesByItsID() {
    #expect(!isToldAgain(.trade(trade(1)), trades: [trade(1)]))
    #expect(isToldAgain(.trade(trade(2)), trades: [trade(1)]))
    #expect(isToldAgain(.trade(trade(1, voided: true)), trades: [trade(1)]))
    #expect(!isToldAgain(.trade(trade(1, voided: true)), trades: [trade(1, voided: true)]))
    #expect(!isToldAgain(.trade(trade(1)), trades: [trade(1, voided: true)]))
  }

  @Test func positionsAndAccountsAreAlwaysToldAgain() {
    let position = Position(
      id: 1, account: alpha, contract: mnq, openedAt: time, signedSize: 0,
      averagePrice: .init(points: 1))
    #expect(isToldAgain(.position(position)))
    #expect(
      isToldAgain(
        .account(Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: false))))
  }
}
