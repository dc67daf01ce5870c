import RiskModel
import Testing

@testable import GatewayRole

@Suite struct AccountBookTests {
  private let time = Instant(secondsSinceEpoch: 1_787_150_000)

  private func position(_ contract: ContractID, _ size: Int64) -> Position {
    Position(
      id: 1, account: alpha, contract: contract, openedAt: time, signedSize: size,
      averagePrice: .init(points: 29_000))
  }

  private func order(
    _ id: Int64, status: OrderStatus = .open, type: OrderType = .stop, stop: Int64 = 28_990,
    filled: Int64 = 0, updated: Int64 = 0
  ) -> Order {
    Order(
      id: OrderID(id), account: alpha, contract: ep, createdAt: time,
      updatedAt: time + .seconds(updated), status: status, type: type, side: .sell, size: 2,
      filledSize: filled, stopPrice: .init(points: stop))
  }

  private func book(_ events: VenueEvent...) -> AccountBook {
    events.reduce(into: AccountBook()) { $0.apply($1) }
  }

  @Test func heldAndWorkingContracts() {
    var book = book(.position(position(mnq, 2)), .order(order(1)))
    #expect(book.contracts == [mnq, ep])
    book.apply(.position(position(mnq, 0)))
    #expect(book.contracts == [ep])
    book.apply(.order(order(1, status: .cancelled, updated: 1)))
    #expect(book.contracts.isEmpty)
  }

  @Test func anOlderOrderEventChangesNothing() {
    var book = book(.order(order(1, status: .open, updated: 5)))
    book.apply(.order(order(1, status: .filled, updated: 4)))
    #expect(book.contracts == [ep])
  }

  @Test func agreesOnPositionsBySignedSize() {
    let book = book(.position(position(mnq, 2)))
    #expect(book.agrees(positions: [position(mnq, 2), position(ep, 0)], orders: []))
    #expect(!book.agrees(positions: [position(mnq, -2)], orders: []))
    #expect(!book.agrees(positions: [position(ep, 2)], orders: []))
    #expect(!book.agrees(positions: [], orders: []))
  }

  @Test func agreesOnOrdersByWhatMatters() {
    let book = book(.order(order(1)))
    #expect(book.agrees(positions: [], orders: [order(1, updated: 9)]))
    #expect(!book.agrees(positions: [], orders: [order(2)]))
    #expect(!book.agrees(positions: [], orders: [order(1, status: .pendingCancellation)]))
    #expect(!book.agrees(positions: [], orders: [order(1, stop: 28_991)]))
    #expect(!book.agrees(positions: [], orders: [order(1, filled: 1)]))
    #expect(!book.agrees(positions: [], orders: []))
  }

  @Test func theLevelOfATrailingStopIsNotCompared() {
    let book = book(.order(order(1, type: .trailingStop)))
    #expect(
      book.agrees(positions: [], orders: [order(1, type: .trailingStop, stop: 28_995)]))
  }

  @Test func agreesOnAWholeSnapshot() {
    let account = Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true)
    let trade = Trade(
      id: TradeID(1), account: alpha, contract: mnq, executedAt: time, price: .init(points: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, order: OrderID(1))
    let snapshot = AccountSnapshot(
      account: account, positions: [position(mnq, 1)], workingOrders: [order(1)],
      trades: [trade], startedAt: time)
    var book = AccountBook()
    #expect(!book.agrees(snapshot))
    book.replace(by: snapshot)
    #expect(book.agrees(snapshot))

    var locked = snapshot
    locked.account.canTrade = false
    #expect(!book.agrees(locked))
    var richer = snapshot
    richer.account.balance = Money(dollars: 1)
    #expect(!book.agrees(richer))
    var voided = snapshot
    voided.trades[0].isVoided = true
    #expect(!book.agrees(voided))
    var tradeless = snapshot
    tradeless.trades = []
    #expect(!book.agrees(tradeless))
  }

  @Test func eventsKnowTheirAccountAndContract() {
    let specification = ContractSpecification(
      id: mnq, name: "MNQU26", tickSize: .init(points: 1), tickValue: .init(dollars: 1))
    #expect(VenueEvent.contract(specification).contract == mnq)
    #expect(VenueEvent.contract(specification).account == nil)
    #expect(VenueEvent.quote(Quote(contract: ep)).contract == ep)
    #expect(VenueEvent.position(position(mnq, 1)).account == alpha)
    #expect(VenueEvent.order(order(1)).contract == ep)
  }
}
