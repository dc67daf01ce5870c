package import RiskModel

/// The matching engine of the simulated venue: accounts, markets, orders, positions and trades.
///
/// It is a value without clock, timer or randomness. `advance(to:)` tells it the time; everything
/// done to it happens at that time. What came of it is collected as events in the venue's order:
/// for an execution the order, the trade, the position, the account (observed live).
///
/// Not modelled: margin, loss limits of the firm, a book beyond the best prices, trading hours (a
/// market is opened and closed by hand).
package struct SimulatedExchange: Sendable {
  /// The time of the exchange.
  package private(set) var now: Instant
  package var behaviour: ExchangeBehaviour

  package internal(set) var accounts: [AccountID: TradingAccount]
  package private(set) var accountIDs: [AccountID]
  package let contracts: [ContractID: ListedContract]
  package let contractIDs: [ContractID]
  package internal(set) var markets: [ContractID: Market] = [:]
  package internal(set) var orders: [OrderID: VenueOrder] = [:]
  /// All orders that are still known, oldest first.
  package internal(set) var orderHistory: [OrderID] = []
  /// Open rows only; a flat position has none.
  package internal(set) var positions: [PositionKey: Position] = [:]
  /// All executions that are still known, oldest first.
  package internal(set) var trades: [Trade] = []

  /// Orders that may trade or wait to, oldest first.
  var working: [ContractID: [OrderID]] = [:]
  /// What bars are made of.
  var priceHistories: [ContractID: PriceHistory] = [:]
  var usedTags: [AccountID: Set<String>] = [:]
  var postponed: [Postponed] = []
  var events: [ExchangeEvent] = []

  /// Live ids of orders and trades do not fit 32 bits; those of positions do (observed live).
  var nextOrder: Int64 = 3_400_000_001
  var nextTrade: Int64 = 3_000_000_001
  var nextPosition: Int64 = 800_000_001

  package init(
    accounts: [TradingAccount], contracts: [ListedContract] = ListedContract.catalogue,
    behaviour: ExchangeBehaviour = ExchangeBehaviour(), startingAt now: Instant
  ) {
    self.now = now
    self.behaviour = behaviour
    self.accountIDs = accounts.map(\.account.id)
    self.contractIDs = contracts.map(\.id)
    self.accounts = Dictionary(accounts.map { ($0.account.id, $0) }) { _, last in last }
    self.contracts = Dictionary(contracts.map { ($0.id, $0) }) { _, last in last }
    for contract in contracts {
      markets[contract.id] = Market(
        last: contract.startPrice, bid: contract.startPrice,
        ask: contract.price(contract.startPrice, plusTicks: 1))
      priceHistories[contract.id] = PriceHistory()
    }
  }

  /// Moves the time on and does what had been put off until then. Time never goes back.
  package mutating func advance(to instant: Instant) {
    while let next = postponed.first, next.due <= instant {
      postponed.removeFirst()
      now = max(now, next.due)
      perform(next.action)
    }
    now = max(now, instant)
  }

  /// When `advance(to:)` has something to do next.
  package var nextDue: Instant? { postponed.first?.due }

  /// Adds an account. One of that id must not be there yet.
  package mutating func open(_ account: TradingAccount) {
    precondition(
      accounts[account.account.id] == nil,
      "Condition failed: the account \(account.account.id) is new")
    accounts[account.account.id] = account
    accountIDs.append(account.account.id)
  }

  /// What happened since the last call, in order.
  package mutating func takeEvents() -> [ExchangeEvent] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// The contract with that id, or the first active one whose root or exchange name is that.
  package func contract(named name: String) -> ContractID? {
    let id = ContractID(name)
    if contracts[id] != nil { return id }
    let root = SymbolRoot(name)
    return contractIDs.first { $0.root == root && contracts[$0]?.isActive == true }
  }

  package func workingOrders(of account: AccountID) -> [Order] {
    working.values.joined().compactMap { orders[$0]?.order }
      .filter { $0.account == account }.sorted { $0.id < $1.id }
  }

  /// The open positions, by contract.
  package func openPositions(of account: AccountID) -> [Position] {
    positions.values.filter { $0.account == account }.sorted { $0.contract < $1.contract }
  }

  /// Contracts held, negative when short, zero when flat.
  package func signedSize(of account: AccountID, _ contract: ContractID) -> Int64 {
    positions[PositionKey(account, contract)]?.signedSize ?? 0
  }
}

/// The venue keeps one position row per account and contract.
package struct PositionKey: Hashable, Sendable {
  package var account: AccountID
  package var contract: ContractID

  package init(_ account: AccountID, _ contract: ContractID) {
    self.account = account
    self.contract = contract
  }
}

/// Something that the exchange does later.
struct Postponed: Sendable {
  var due: Instant
  var action: Action

  enum Action: Sendable {
    case accept(OrderID)
    case finishCancellation(OrderID)
    case cancelExits(PositionKey)
    case resizeExits(PositionKey)
    case resume(ContractID)
  }
}

extension SimulatedExchange {
  mutating func postpone(_ action: Postponed.Action, by span: TimeSpan) {
    let due = now + span
    let index = postponed.firstIndex { $0.due > due } ?? postponed.endIndex
    postponed.insert(Postponed(due: due, action: action), at: index)
  }

  private mutating func perform(_ action: Postponed.Action) {
    switch action {
    case .accept(let id):
      accept(id)
    case .finishCancellation(let id):
      if orders[id]?.order.status == .pendingCancellation { finish(id, as: .cancelled) }
    case .cancelExits(let key):
      for id in working[key.contract] ?? [] where orders[id]?.order.account == key.account {
        finish(id, as: .cancelled)
      }
    case .resizeExits(let key):
      resizeExits(of: key)
    case .resume(let contract):
      resume(contract)
    }
  }
}
