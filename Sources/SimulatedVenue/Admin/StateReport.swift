import RiskModel

/// The state of the venue as JSON, for people and for demos.
struct StateReport {
  /// Finished orders and trades that are shown, newest last.
  private static let shownHistory = 500

  let floor: VenueFloor

  var json: JSONValue {
    let exchange = floor.exchange
    return .object([
      "time": .string(floor.clock.now().venueText(.microseconds)),
      "accounts": .array(
        exchange.accountIDs.compactMap { exchange.accounts[$0] }.map(account)),
      "positions": .array(exchange.accountIDs.flatMap(exchange.openPositions).map(position)),
      "orders": .array(
        exchange.orderHistory.suffix(StateReport.shownHistory).compactMap { exchange.orders[$0] }
          .map(order)),
      "workingOrders": .integer(exchange.working.values.reduce(0) { $0 + $1.count }),
      "trades": .array(
        exchange.trades.suffix(StateReport.shownHistory).map { WireStyle.rest.trade($0) }),
      "markets": .array(exchange.contractIDs.compactMap(market)),
      "connections": .array(floor.hubs.connections.map(connection)),
      "faults": .array(floor.faults.entries.map(fault)),
      "counters": counters,
    ])
  }

  private var counters: JSONValue {
    .object([
      "requests": .integer(floor.requests.total),
      "userEvents": .integer(floor.hubs.sentEvents[.user] ?? 0),
      "marketEvents": .integer(floor.hubs.sentEvents[.market] ?? 0),
      "lostEvents": .integer(floor.hubs.lostEvents),
      "faultsStruck": .integer(floor.faults.struck),
      "happenings": .integer(floor.story.total),
    ])
  }

  private func account(_ account: TradingAccount) -> JSONValue {
    guard case .object(let members) = WireStyle.rest.account(account) else { return .null }
    return .object(
      members + [
        JSONMember("kind", .string(account.kind.rawValue)),
        JSONMember("brackets", .string(account.bracketMode.rawValue)),
      ])
  }

  private func position(_ position: Position) -> JSONValue {
    WireStyle.rest.position(
      position, displayName: floor.exchange.contracts[position.contract]?.displayName ?? "")
  }

  private func order(_ order: VenueOrder) -> JSONValue {
    WireStyle.rest.order(
      order, symbolID: floor.exchange.contracts[order.order.contract]?.symbolID ?? "")
  }

  private func market(_ id: ContractID) -> JSONValue? {
    guard let market = floor.exchange.markets[id] else { return nil }
    return .object([
      "contract": .string(id.text), "last": .optional(market.last) { .price($0) },
      "bid": .optional(market.bid) { .price($0) }, "ask": .optional(market.ask) { .price($0) },
      "open": .bool(market.isOpen),
      "pausedUntil": .optional(market.pausedUntil) { .string($0.venueText(.microseconds)) },
    ])
  }

  private func connection(_ connection: HubConnection) -> JSONValue {
    .object([
      "connection": .integer(connection.number), "hub": .string(connection.hub.rawValue),
      "live": .bool(connection.isLive), "events": .integer(connection.sentEvents),
      "pongs": .integer(connection.pongs),
    ])
  }

  private func fault(_ entry: FaultPlan.Entry) -> JSONValue {
    .object([
      "number": .integer(entry.number), "seen": .integer(entry.seen),
      "struck": .integer(entry.struck), "spent": .bool(entry.isSpent),
      "fault": .string(entry.fault.description),
    ])
  }
}
