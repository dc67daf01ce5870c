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
    _ event: VenueEvent, orders: [Order] = [], trades: [Trade] = [], ordersAfter: Int = 0
  ) -> Bool {
    let snapshot = AccountSnapshot(
      account: Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true),
      positions: [], workingOrders: orders, trades: trades, startedAt: time)
    let item = RecordedEvent(
      event: event, receivedAt: time, readAt: MonotonicInstant(nanos: 0))
    return SnapshotMerge.newer([item], than: snapshot, ordersAfter: ordersAfter) == [item]
  }

  @Test(arguments: [
    (Int64(5), Int64(4), true), (4, 5, false), (5, 5, false),
  ])
  func anOrderGoesByItsTimeOfChange(heard: Int64, read: Int64, isTold: Bool) {
    let known = order(1, updated: read)
    #expect(isToldAgain(.order(order(1, updated: heard)), orders: [known]) == isTold)
  }

  @Test(arguments: [(Int64?.none, Int64?(5)), (5, nil), (nil, nil)])
  func anOrderWithoutATimeGoesByWhenTheListWasAskedFor(heard: Int64?, read: Int64?) {
    let known = order(1, updated: read)
    for event in [order(1, updated: heard), order(1, updated: heard, status: .cancelled)] {
      #expect(isToldAgain(.order(event), orders: [known], ordersAfter: 0))
      #expect(!isToldAgain(.order(event), orders: [known], ordersAfter: 1))
    }
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
