import RiskModel

/// What the gateway has told about one account, for comparison with what the venue's queries say.
struct AccountBook {
  private(set) var account: Account?
  /// Open positions.
  private(set) var positions: [ContractID: Position] = [:]
  /// Orders that can still trade.
  private(set) var orders: [OrderID: Order] = [:]
  /// What the trades add up to, kept apart from all that is said about positions.
  var ledger = TradeLedger()
  /// Executions that an event told and no list has shown yet.
  private(set) var unlisted: [TradeID: MonotonicInstant] = [:]
  /// None of them was told before this moment, so that not every event has to look at all of them.
  private var unlistedSince: MonotonicInstant?
  /// The last orders that ended, so that a late event does not bring one back.
  private var ended: [OrderID: Order] = [:]
  private var endings: [OrderID] = []

  /// More than an account has working at one time.
  static let endingsLimit = 256

  var trades: [TradeID: Trade] { ledger.trades }

  /// `heardAt` is when the hub told it; `nil` where a list did.
  mutating func apply(_ event: VenueEvent, heardAt: MonotonicInstant? = nil) {
    switch event {
    case .account(let account):
      self.account = account
    case .position(let position):
      positions[position.contract] = position.isFlat ? nil : position
    case .order(let order):
      guard !isOutdated(event) else { return }
      if order.status.isWorking {
        orders[order.id] = order
        ended[order.id] = nil
      } else {
        orders[order.id] = nil
        remember(order)
      }
    case .trade(let trade):
      if trades[trade.id] == nil, let heardAt {
        unlisted[trade.id] = heardAt
        unlistedSince = unlistedSince.map { min($0, heardAt) } ?? heardAt
      }
      _ = ledger.record(trade)
    case .quote, .contract:
      preconditionFailure("Invariant: quotes and contracts belong to no account")
    }
  }

  private mutating func remember(_ order: Order) {
    if ended.updateValue(order, forKey: order.id) == nil { endings.append(order.id) }
    guard endings.count > AccountBook.endingsLimit else { return }
    ended[endings.removeFirst()] = nil
  }

  /// The last that was told of an order, working or ended.
  func latest(_ order: OrderID) -> Order? { orders[order] ?? ended[order] }

  /// Whether an event says what an order was before it became what is known. Where the venue does
  /// not say when an order changed, the later word counts; but no such event brings an order back
  /// that ended, only a list does.
  func isOutdated(_ event: VenueEvent) -> Bool {
    guard case .order(let order) = event, let known = latest(order.id) else { return false }
    guard order.hasComparableChange(with: known) else {
      return order.status.isWorking && !known.status.isWorking
    }
    return order.isOlder(than: known)
  }

  /// Whether an event says only what is known already, or less.
  func knows(_ event: VenueEvent) -> Bool {
    switch event {
    case .account(let account):
      return self.account == account
    case .position(let position):
      return position.isFlat
        ? positions[position.contract] == nil : positions[position.contract] == position
    case .order(let order):
      guard let known = latest(order.id) else { return false }
      return order == known || isOutdated(event)
    case .trade(let trade):
      guard let known = trades[trade.id] else { return false }
      return known.revised(by: trade) == known
    case .quote, .contract:
      return false
    }
  }

  /// Takes the venue's lists for what is true. Executions are added: none of them is forgotten
  /// because a list does not have it yet.
  mutating func replace(by snapshot: AccountSnapshot) {
    account = snapshot.account
    positions = [:]
    for position in snapshot.positions { apply(.position(position)) }
    orders = [:]
    for order in snapshot.workingOrders {
      orders[order.id] = order
      ended[order.id] = nil
    }
    listed(snapshot.trades)
  }

  /// A list of executions is here.
  mutating func listed(_ trades: [Trade]) {
    for trade in trades {
      _ = ledger.record(trade)
      unlisted[trade.id] = nil
    }
    unlistedSince = unlisted.values.min()
  }

  /// A list shows these executions; it was only compared.
  mutating func markListed(_ trades: [Trade]) {
    for trade in trades { unlisted[trade.id] = nil }
    unlistedSince = unlisted.values.min()
  }

  /// Executions that were told longer ago than this and that no list shows.
  func unlisted(for span: TimeSpan, at now: MonotonicInstant) -> [SourceDifference] {
    guard let unlistedSince, now - unlistedSince > span else { return [] }
    return unlisted.filter { now - $0.value > span }.keys.sorted().map { .tradeUnlisted($0) }
  }

  /// They were told of for long enough.
  mutating func forgetUnlisted() {
    unlisted = [:]
    unlistedSince = nil
  }

  /// The list of working orders with what was told later than it was made. `heard` are the orders
  /// of which events told since it was asked for.
  func merged(_ listed: [Order], heard: Set<OrderID>) -> [Order] {
    listed.map { later($0, heard: heard) ?? $0 }.filter(\.status.isWorking)
  }

  /// What was told of a listed order, if that is later than the list. Without times to compare, a
  /// list that was asked for after the event is the later one.
  func later(_ listed: Order, heard: Set<OrderID>) -> Order? {
    guard let known = latest(listed.id) else { return nil }
    guard known.hasComparableChange(with: listed) else {
      return heard.contains(listed.id) ? known : nil
    }
    return listed.isOlder(than: known) ? known : nil
  }

  /// Signed sizes of what is held.
  var heldSizes: [ContractID: Int64] { positions.mapValues(\.signedSize) }

  /// Whether anything is held or works.
  var isHolding: Bool { !positions.isEmpty || !orders.isEmpty }

  /// Contracts that are held or have working orders.
  var contracts: Set<ContractID> {
    Set(positions.keys).union(orders.values.map(\.contract))
  }
}

extension Order {
  /// Whether the venue says of both when they became what they are; it may leave that out
  /// (documented).
  func hasComparableChange(with other: Order) -> Bool {
    updatedAt != nil && other.updatedAt != nil
  }

  /// Whether the venue's clock says that this is what the order was before the other.
  func isOlder(than other: Order) -> Bool {
    guard let updatedAt, let otherAt = other.updatedAt else { return false }
    return updatedAt < otherAt
  }

  /// Whether nothing that matters differs. The level of a trailing stop moves with the market
  /// without an event, so it is not compared.
  func isEquivalent(_ other: Order) -> Bool {
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
