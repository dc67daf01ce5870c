import RiskModel

@testable import Enforcement

/// A small venue: one row per contract, market orders that fill a little later, resting orders that
/// fill when told to. It says what happened as events, in order.
struct ModelVenue {
  struct Subject: Hashable, Comparable {
    var account: AccountID
    var contract: ContractID

    static func < (lhs: Subject, rhs: Subject) -> Bool {
      (lhs.account, lhs.contract) < (rhs.account, rhs.contract)
    }
  }

  /// Who an order belongs to; only the model knows.
  enum Owner { case trader, enforcer }

  private(set) var positions: [Subject: Position] = [:]
  private(set) var orders: [OrderID: Order] = [:]
  private(set) var owners: [OrderID: Owner] = [:]
  /// Orders of an enforcer that has been started anew since it asked for them.
  private(set) var ofFormerLife: Set<OrderID> = []
  /// Grows whenever the trader changes a position.
  private(set) var traderMoves: [Subject: Int] = [:]
  var isOpen = true
  private var nextOrder: Int64 = 100
  private var nextRow: Int64 = 1
  /// Events since they were last taken.
  private(set) var events: [VenueEvent] = []

  mutating func takeEvents() -> [VenueEvent] {
    defer { events = [] }
    return events
  }

  func held(_ subject: Subject) -> Int64 { positions[subject]?.signedSize ?? 0 }

  func working(on account: AccountID) -> [Order] {
    orders.values.filter { $0.account == account && $0.status.isWorking }.sorted { $0.id < $1.id }
  }

  func working(_ subject: Subject) -> [Order] {
    working(on: subject.account).filter { $0.contract == subject.contract }
  }

  func open(on account: AccountID) -> [Position] {
    positions.values.filter { $0.account == account && $0.signedSize != 0 }
      .sorted { $0.contract < $1.contract }
  }

  /// Contracts that closing orders of the enforcer, not yet filled, will take off.
  func closingByEnforcer(_ subject: Subject) -> Int64 {
    working(subject).filter { owners[$0.id] == .enforcer && $0.type == .market }
      .reduce(0) { $0 + $1.remainingSize }
  }

  mutating func enforcerRestarted() {
    ofFormerLife.formUnion(owners.filter { $0.value == .enforcer }.keys)
  }

  mutating func disown(_ id: OrderID) { ofFormerLife.insert(id) }

  /// Whether the enforcer that runs now has a closing order under way.
  func isClosingInThisLife(_ subject: Subject) -> Bool {
    working(subject).contains {
      owners[$0.id] == .enforcer && $0.type == .market && !ofFormerLife.contains($0.id)
    }
  }

  mutating func place(
    _ subject: Subject, _ side: Side, _ size: Int64, type: OrderType, owner: Owner,
    status: OrderStatus = .open, price: Int64 = 100, parent: OrderID? = nil,
    linked: OrderID? = nil, tag: String? = nil, at now: Instant
  ) -> OrderID {
    nextOrder += 1
    let id = OrderID(nextOrder)
    let level = Price(points: price)
    orders[id] = Order(
      id: id, account: subject.account, contract: subject.contract, createdAt: now,
      updatedAt: now, status: status, type: type, side: side, size: size,
      limitPrice: type == .limit ? level : nil, stopPrice: type == .stop ? level : nil,
      customTag: tag, parent: parent, linked: linked)
    owners[id] = owner
    say(id)
    return id
  }

  private mutating func say(_ id: OrderID) {
    if let order = orders[id] { events.append(.order(order)) }
  }

  mutating func setStatus(_ id: OrderID, _ status: OrderStatus, at now: Instant) {
    guard orders[id]?.status.isWorking == true else { return }
    orders[id]?.status = status
    orders[id]?.updatedAt = now
    say(id)
    guard status.isTerminal else { return }
    for child in orders.values.filter({ $0.parent == id && $0.status == .suspended })
      .sorted(by: { $0.id < $1.id })
    {
      setStatus(child.id, .cancelled, at: now)
    }
  }

  mutating func setSize(_ id: OrderID, _ size: Int64, at now: Instant) {
    orders[id]?.size = size
    orders[id]?.updatedAt = now
    say(id)
  }

  mutating func setStopPrice(_ id: OrderID, _ price: Price, at now: Instant) {
    orders[id]?.stopPrice = price
    orders[id]?.updatedAt = now
    say(id)
  }

  func hasUsed(_ tag: String, on account: AccountID) -> Bool {
    orders.values.contains { $0.account == account && $0.customTag == tag }
  }

  /// Stops of the enforcer that work, whether or not there is something to protect.
  func stopsByEnforcer(_ subject: Subject) -> [Order] {
    working(subject).filter { owners[$0.id] == .enforcer && $0.type == .stop }
  }

  /// Fills `size` contracts of an order, or all. The position is spoken of before or after the
  /// order.
  mutating func fill(_ id: OrderID, size: Int64? = nil, positionFirst: Bool, at now: Instant) {
    guard var order = orders[id], order.status.isWorking, order.status != .suspended else { return }
    let filled = min(size ?? order.remainingSize, order.remainingSize)
    order.filledSize += filled
    order.updatedAt = now
    if order.remainingSize == 0 { order.status = .filled }
    orders[id] = order
    let subject = Subject(account: order.account, contract: order.contract)
    if !positionFirst { say(id) }
    move(subject, by: order.side.sign * filled, at: now)
    for child in working(subject) where child.parent == id && child.status == .suspended {
      setStatus(child.id, .open, at: now)
    }
    if owners[id] == .trader || order.type == .stop { traderMoves[subject, default: 0] += 1 }
    if positionFirst { say(id) }
    for sibling in working(subject) where sibling.linked == id || order.linked == sibling.id {
      setStatus(sibling.id, .cancelled, at: now)
    }
  }

  private mutating func move(_ subject: Subject, by signedSize: Int64, at now: Instant) {
    let before = held(subject)
    let after = before + signedSize
    var position =
      positions[subject]
      ?? Position(
        id: 0, account: subject.account, contract: subject.contract, openedAt: now,
        signedSize: 0, averagePrice: Price(points: 100))
    if before * after <= 0, after != 0 {
      position.id = nextRow
      position.openedAt = now
      nextRow += 1
    }
    position.signedSize = after
    positions[subject] = position
    events.append(.position(position))
  }
}
