import RiskModel

@testable import Enforcement

/// One account at a venue: a row a contract, market orders that fill when they are told to, stops.
struct SmallVenue {
  private(set) var positions: [ContractID: Position] = [:]
  private(set) var orders: [OrderID: Order] = [:]
  /// Orders that the enforcer's requests made.
  private(set) var ours: Set<OrderID> = []
  /// The ceiling that a reduction of ours was meant to leave, by order.
  private var nextOrder: Int64 = 100
  private var nextRow: Int64 = 1

  func held(_ contract: ContractID) -> Int64 { positions[contract]?.signedSize ?? 0 }

  var working: [Order] {
    orders.values.filter(\.status.isWorking).sorted { $0.id < $1.id }
  }

  var open: [Position] {
    positions.values.filter { !$0.isFlat }.sorted { $0.contract < $1.contract }
  }

  var isFlat: Bool { open.isEmpty }

  /// Market orders that have not filled yet.
  var filling: [OrderID] { working.filter { $0.type == .market }.map(\.id) }

  func isClosing(_ contract: ContractID) -> Bool {
    working.contains { $0.contract == contract && $0.type == .market && ours.contains($0.id) }
  }

  /// Stops that would open something.
  var nakedStops: [OrderID] {
    working.filter { $0.type == .stop && held($0.contract) == 0 }.map(\.id)
  }

  mutating func place(
    _ type: OrderType, _ contract: ContractID, _ side: Side, _ size: Int64, isOurs: Bool = false,
    at now: Instant
  ) -> [VenueEvent] {
    nextOrder += 1
    let order = Order(
      id: OrderID(nextOrder), account: account, contract: contract, createdAt: now, updatedAt: now,
      status: .open, type: type, side: side, size: size,
      stopPrice: type == .stop ? Price(points: 19_000) : nil)
    orders[order.id] = order
    if isOurs { ours.insert(order.id) }
    return [.order(order)]
  }

  /// A stop for everything that is held.
  mutating func protect(_ contract: ContractID, at now: Instant) -> [VenueEvent] {
    let size = held(contract)
    return place(.stop, contract, size > 0 ? .sell : .buy, abs(size), at: now)
  }

  mutating func cancel(_ id: OrderID, at now: Instant) -> [VenueEvent]? {
    guard var order = orders[id], order.status.isWorking else { return nil }
    order.status = .cancelled
    order.updatedAt = now
    orders[id] = order
    return [.order(order)]
  }

  mutating func resize(_ id: OrderID, to size: Int64, at now: Instant) -> [VenueEvent]? {
    guard var order = orders[id], order.status.isWorking else { return nil }
    order.size = size
    order.updatedAt = now
    orders[id] = order
    return [.order(order)]
  }

  /// Fills the whole order; the order is spoken of before the position.
  mutating func fill(_ id: OrderID, at now: Instant) -> [VenueEvent] {
    guard var order = orders[id], order.status.isWorking else { return [] }
    order.status = .filled
    order.filledSize = order.size
    order.updatedAt = now
    orders[id] = order
    return [.order(order)] + move(order.contract, by: order.side.sign * order.size, at: now)
  }

  mutating func move(_ contract: ContractID, by size: Int64, at now: Instant) -> [VenueEvent] {
    let before = held(contract)
    let after = before + size
    var position =
      positions[contract]
      ?? Position(
        id: 0, account: account, contract: contract, openedAt: now, signedSize: 0,
        averagePrice: Price(points: 20_000))
    if before * after <= 0, after != 0 {
      position.id = nextRow
      position.openedAt = now
      nextRow += 1
    }
    position.signedSize = after
    positions[contract] = position
    return [.position(position)]
  }
}
