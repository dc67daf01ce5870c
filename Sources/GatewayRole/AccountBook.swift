import RiskModel

/// What the gateway has told about one account, for comparison with what the venue's queries say.
struct AccountBook {
  private(set) var account: Account?
  /// Open positions.
  private(set) var positions: [ContractID: Position] = [:]
  /// Orders that can still trade.
  private(set) var orders: [OrderID: Order] = [:]
  private(set) var trades: [TradeID: Trade] = [:]

  mutating func apply(_ event: VenueEvent) {
    switch event {
    case .account(let account):
      self.account = account
    case .position(let position):
      positions[position.contract] = position.isFlat ? nil : position
    case .order(let order):
      if let known = orders[order.id], order.lastChange < known.lastChange { return }
      orders[order.id] = order.status.isWorking ? order : nil
    case .trade(let trade):
      trades[trade.id] = trade
    case .quote, .contract:
      preconditionFailure("Invariant: quotes and contracts belong to no account")
    }
  }

  mutating func replace(by snapshot: AccountSnapshot) {
    self = AccountBook()
    apply(.account(snapshot.account))
    for position in snapshot.positions { apply(.position(position)) }
    for order in snapshot.workingOrders { apply(.order(order)) }
    for trade in snapshot.trades { apply(.trade(trade)) }
  }

  /// Contracts that are held or have working orders.
  var contracts: Set<ContractID> {
    Set(positions.keys).union(orders.values.map(\.contract))
  }

  func agrees(positions: [Position], orders: [Order]) -> Bool {
    let held = positions.filter { !$0.isFlat }
    guard held.count == self.positions.count, orders.count == self.orders.count else {
      return false
    }
    return held.allSatisfy { self.positions[$0.contract]?.signedSize == $0.signedSize }
      && orders.allSatisfy { self.orders[$0.id].map($0.isEquivalent) ?? false }
  }

  func agrees(_ snapshot: AccountSnapshot) -> Bool {
    guard let account, account.balance == snapshot.account.balance,
      account.canTrade == snapshot.account.canTrade,
      agrees(positions: snapshot.positions, orders: snapshot.workingOrders)
    else { return false }
    return snapshot.trades.count == trades.count
      && snapshot.trades.allSatisfy { trades[$0.id]?.isVoided == $0.isVoided }
  }
}

extension Order {
  /// When the order became what it is, by the venue's clock.
  var lastChange: Instant { updatedAt ?? createdAt }

  /// Whether nothing that matters differs. The level of a trailing stop moves with the market
  /// without an event, so it is not compared.
  fileprivate func isEquivalent(_ other: Order) -> Bool {
    let prices = limitPrice == other.limitPrice && stopPrice == other.stopPrice
    return status == other.status && size == other.size && filledSize == other.filledSize
      && (prices || type == .trailingStop)
  }
}

extension VenueEvent {
  /// The account that the event is about.
  var account: AccountID? {
    switch self {
    case .account(let account): account.id
    case .position(let position): position.account
    case .order(let order): order.account
    case .trade(let trade): trade.account
    case .quote, .contract: nil
    }
  }

  /// The contract whose data a reader of the event needs.
  var contract: ContractID? {
    switch self {
    case .position(let position): position.contract
    case .order(let order): order.contract
    case .trade(let trade): trade.contract
    case .quote(let quote): quote.contract
    case .contract(let contract): contract.id
    case .account: nil
    }
  }
}
