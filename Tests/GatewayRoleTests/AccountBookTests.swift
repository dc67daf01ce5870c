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
    filled: Int64 = 0, updated: Int64? = 0
  ) -> Order {
    Order(
      id: OrderID(id), account: alpha, contract: ep, createdAt: time,
      updatedAt: updated.map { time + .seconds($0) }, status: status, type: type, side: .sell,
      size: 2,
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

  @Test func aLateEventDoesNotBringAnOrderBack() {
    var book = book(.order(order(1)), .order(order(1, status: .filled, updated: 5)))
    book.apply(.order(order(1, updated: 4)))
    #expect(book.contracts.isEmpty)
    #expect(book.latest(OrderID(1))?.status == .filled)
  }

  @Test func onlySoManyEndingsAreRemembered() {
    var book = AccountBook()
    for number in 1...Int64(AccountBook.endingsLimit + 1) {
      book.apply(.order(order(number, status: .cancelled)))
    }
    #expect(book.latest(OrderID(1)) == nil)
    #expect(book.latest(OrderID(2)) != nil)
  }

  @Test func positionsAreComparedBySignedSize() {
    let book = book(.position(position(mnq, 2)))
    func differences(_ positions: Position...) -> [SourceDifference] {
      book.differences(positions: positions, orders: [])
    }
    #expect(differences(position(mnq, 2), position(ep, 0)) == [])
    #expect(differences(position(mnq, -2)) == [.position(mnq, told: 2, listed: -2)])
    #expect(
      differences(position(ep, 2)) == [
        .position(ep, told: 0, listed: 2), .position(mnq, told: 2, listed: 0),
      ])
    #expect(differences() == [.position(mnq, told: 2, listed: 0)])
  }

  @Test func ordersAreComparedByWhatMatters() {
    let book = book(.order(order(1, updated: 3)))
    func differences(_ orders: Order...) -> [SourceDifference] {
      book.differences(positions: [], orders: orders)
    }
    #expect(differences(order(1, updated: 9)) == [])
    #expect(differences(order(2)) == [.orderAppeared(OrderID(2)), .orderEnded(OrderID(1))])
    let changed: [Order] = [
      order(1, status: .pendingCancellation, updated: 3), order(1, stop: 28_991, updated: 3),
      order(1, filled: 1, updated: 3),
    ]
    for order in changed { #expect(differences(order) == [.orderChanged(OrderID(1))]) }
    // The list is older than the event.
    #expect(differences(order(1, stop: 28_991, updated: 2)) == [])
    #expect(differences() == [.orderEnded(OrderID(1))])
  }

  @Test func aListThatIsOlderThanTheEventGivesWay() {
    let book = book(
      .order(order(1, status: .filled, updated: 5)), .order(order(2, stop: 7, updated: 5)))
    let listed = [order(1, updated: 4), order(2, updated: 4), order(3, updated: 4)]
    #expect(
      book.merged(listed, heard: []) == [order(2, stop: 7, updated: 5), order(3, updated: 4)])
    let later = [order(1, updated: 6)]
    #expect(book.merged(later, heard: [OrderID(1)]) == later)
  }

  /// What an event and a list say of when the order changed, where not both do.
  static let withoutComparison: [(heard: Int64?, read: Int64?)] = [(5, nil), (nil, 5), (nil, nil)]

  @Test(arguments: withoutComparison)
  func withoutTimesTheListThatWasAskedForLaterWins(heard: Int64?, read: Int64?) {
    let book = book(
      .order(order(1, stop: 7, updated: heard)),
      .order(order(2, status: .cancelled, updated: heard)))
    let listed = [order(1, stop: 8, updated: read), order(2, updated: read)]
    #expect(book.merged(listed, heard: []) == listed)
    #expect(
      book.differences(positions: [], orders: listed) == [
        .orderChanged(OrderID(1)), .orderChanged(OrderID(2)),
      ])
    // Both events came after the list was asked for.
    let both: Set<OrderID> = [OrderID(1), OrderID(2)]
    #expect(book.merged(listed, heard: both) == [order(1, stop: 7, updated: heard)])
    #expect(book.differences(positions: [], orders: listed, heard: both) == [])
  }

  @Test(arguments: withoutComparison)
  func withoutTimesTheLaterEventWins(heard: Int64?, known: Int64?) {
    for status in [OrderStatus.open, .cancelled, .rejected, .filled] {
      var book = book(.order(order(1, stop: 7, updated: known)))
      let event = order(1, status: status, stop: 8, updated: heard)
      #expect(!book.isOutdated(.order(event)) && !book.knows(.order(event)))
      book.apply(.order(event))
      #expect(book.latest(OrderID(1)) == event)
    }
  }

  @Test(arguments: withoutComparison)
  func withoutTimesOnlyAListBringsAnOrderBack(heard: Int64?, known: Int64?) {
    var book = book(.order(order(1, status: .filled, updated: known)))
    let event = order(1, updated: heard)
    #expect(book.isOutdated(.order(event)) && book.knows(.order(event)))
    book.apply(.order(event))
    #expect(book.contracts.isEmpty && book.latest(OrderID(1))?.status == .filled)
    let account = Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true)
    book.replace(
      by: AccountSnapshot(
        account: account, positions: [], workingOrders: [event], trades: [], startedAt: time))
    #expect(book.contracts == [ep] && book.latest(OrderID(1)) == event)
  }

  @Test func theLevelOfATrailingStopIsNotCompared() {
    let book = book(.order(order(1, type: .trailingStop)))
    #expect(
      book.differences(
        positions: [], orders: [order(1, type: .trailingStop, stop: 28_995)]) == [])
  }

  @Test func aWholeSnapshotIsCompared() {
    let account = Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true)
    let trade = Trade(
      id: TradeID(1), account: alpha, contract: mnq, executedAt: time, price: .init(points: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, order: OrderID(1))
    let snapshot = AccountSnapshot(
      account: account, positions: [position(mnq, 1)], workingOrders: [order(1)],
      trades: [trade], startedAt: time)
    var book = AccountBook()
    #expect(book.differences(from: snapshot).count == 4)
    book.replace(by: snapshot)
    #expect(book.differences(from: snapshot) == [])

    var locked = snapshot
    locked.account.canTrade = false
    #expect(book.differences(from: locked) == [.account])
    var richer = snapshot
    richer.account.balance = Money(dollars: 1)
    #expect(book.differences(from: richer) == [.account])
    var voided = snapshot
    voided.trades[0].isVoided = true
    #expect(book.differences(from: voided) == [.tradeChanged(TradeID(1))])
    var revalued = snapshot
    revalued.trades[0].profit = Money(dollars: 3)
    #expect(book.differences(from: revalued) == [.tradeChanged(TradeID(1))])
    var more = snapshot
    more.trades[0].id = TradeID(2)
    #expect(book.differences(from: more) == [.tradeMissed(TradeID(2))])
    more.trades[0].isVoided = true
    #expect(book.differences(from: more) == [])
    // A list that lacks an execution takes nothing back.
    var tradeless = snapshot
    tradeless.trades = []
    #expect(book.differences(from: tradeless) == [])
    book.replace(by: tradeless)
    #expect(book.trades.count == 1)
  }

  @Test func anExecutionThatNoListShowsIsADifferenceAfterAWhile() {
    let trade = Trade(
      id: TradeID(1), account: alpha, contract: mnq, executedAt: time, price: .init(points: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, order: OrderID(1))
    func moment(_ second: Int64) -> MonotonicInstant {
      MonotonicInstant(nanos: second * 1_000_000_000)
    }
    var book = AccountBook()
    book.apply(.trade(trade), heardAt: moment(1))
    #expect(book.unlisted(for: .seconds(10), at: moment(11)) == [])
    #expect(book.unlisted(for: .seconds(10), at: moment(12)) == [.tradeUnlisted(TradeID(1))])
    book.markListed([trade])
    #expect(book.unlisted(for: .zero, at: moment(99)) == [])
    book.apply(.trade(trade), heardAt: moment(20))
    #expect(book.unlisted(for: .zero, at: moment(99)) == [])
  }

  @Test func anEchoSaysOnlyWhatIsKnown() {
    let account = Account(id: alpha, name: "PRAC-A", balance: .zero, canTrade: true)
    var book = book(
      .account(account), .position(position(mnq, 2)), .order(order(1, updated: 5)),
      .order(order(2, status: .filled, updated: 5)))
    #expect(book.knows(.account(account)))
    var richer = account
    richer.balance = Money(dollars: 1)
    #expect(!book.knows(.account(richer)))
    #expect(book.knows(.position(position(mnq, 2))) && !book.knows(.position(position(mnq, 1))))
    #expect(book.knows(.position(position(ep, 0))) && !book.knows(.position(position(mnq, 0))))
    #expect(book.knows(.order(order(1, updated: 5))) && book.knows(.order(order(1, updated: 4))))
    #expect(!book.knows(.order(order(1, updated: 6))) && !book.knows(.order(order(3))))
    #expect(book.knows(.order(order(2, updated: 4))))
    var trade = Trade(
      id: TradeID(1), account: alpha, contract: mnq, executedAt: time, price: .init(points: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, order: OrderID(1))
    #expect(!book.knows(.trade(trade)))
    book.apply(.trade(trade))
    #expect(book.knows(.trade(trade)))
    trade.isVoided = true
    #expect(!book.knows(.trade(trade)))
    #expect(!book.knows(.quote(Quote(contract: mnq))))
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
