import RiskModel

/// A reply of `Order/v2/query` holds at most this many rows, whatever was asked (observed live).
private let queryPageLimit = 100
private let accountNotFound = 1
private let orderNotFound = 1

extension GatewayDesk {
  /// By time of creation; neither pending nor suspended orders are shown (observed live).
  func searchOrders(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let start = try body.instant("startTimestamp")
    let end = try body.optionalInstant("endTimestamp")
    guard let orders = orders(of: account) else { return missing("orders") }
    let found = orders.filter { venueOrder in
      let order = venueOrder.order
      return order.createdAt >= start && end.map { order.createdAt <= $0 } != false
        && order.status != .pending && order.status != .suspended
    }
    return .success(["orders": rows(found)])
  }

  /// Status 1 only: suspended and pending orders are not shown (documented, observed live).
  func searchOpenOrders(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    guard let orders = orders(of: try body.account()) else { return missing("orders") }
    return .success(["orders": rows(orders.filter { $0.order.status == .open })])
  }

  func orderByID(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    guard let order = floor.exchange.orders[OrderID(try body.integer("orderId"))],
      order.order.account == account
    else { return .refused(orderNotFound, nil, ["order": .null]) }
    return .success(["order": row(order)])
  }

  /// The filter is mandatory, its contract has no effect, the offset counts rows (observed live).
  func queryOrders(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let filter = try body.object("filter", "SearchOrdersQueryFilter")
    let account = try filter.account()
    let statuses = try filter.optionalIntegers("statuses") ?? []
    let after = try filter.optionalInstant("createdAfter")
    let before = try filter.optionalInstant("createdBefore")
    let pageSize = Int(clamping: try body.optionalInteger("pageSize") ?? Int64(queryPageLimit))
    let offset = Int(clamping: try body.optionalInteger("pageOffset") ?? 0)
    let isDescending = try body.optionalInteger("sortDirection") == 1
    let counts = try body.optionalBoolean("includeTotalCount") ?? false
    guard let orders = orders(of: account) else {
      return .refused(accountNotFound, nil, ["orders": .null, "totalCount": .null])
    }
    var found = orders.filter { venueOrder in
      let order = venueOrder.order
      return (statuses.isEmpty || statuses.contains(Int64(order.status.rawValue)))
        && after.map { order.createdAt >= $0 } != false
        && before.map { order.createdAt <= $0 } != false
    }
    if isDescending { found.reverse() }
    let page = found.dropFirst(max(0, offset)).prefix(min(max(0, pageSize), queryPageLimit))
    return .success([
      "orders": rows(Array(page)), "totalCount": counts ? .integer(found.count) : .null,
    ])
  }

  func searchPositions(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    guard floor.exchange.accounts[account] != nil else { return missing("positions") }
    let positions = floor.exchange.openPositions(of: account)
    return .success([
      "positions": .array(
        positions.map {
          floor.restStyle.position(
            $0, displayName: floor.exchange.contracts[$0.contract]?.displayName ?? "")
        })
    ])
  }

  /// Newest first (observed live).
  func searchTrades(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let start = try body.optionalInstant("startTimestamp")
    let end = try body.optionalInstant("endTimestamp")
    guard floor.exchange.accounts[account] != nil else { return missing("trades") }
    let style = floor.restStyle
    let trades = floor.exchange.trades.reversed().filter { trade in
      trade.account == account && start.map { trade.executedAt >= $0 } != false
        && end.map { trade.executedAt <= $0 } != false
    }
    return .success(["trades": .array(trades.map { style.trade($0) })])
  }

  /// Oldest first; `nil` when there is no such account.
  private func orders(of account: AccountID) -> [VenueOrder]? {
    guard floor.exchange.accounts[account] != nil else { return nil }
    return floor.exchange.orderHistory.compactMap { floor.exchange.orders[$0] }
      .filter { $0.order.account == account }
  }

  private func missing(_ payload: String) -> GatewayAnswer {
    .refused(accountNotFound, nil, [payload: .null])
  }

  private func rows(_ orders: [VenueOrder]) -> JSONValue { .array(orders.map(row)) }

  private func row(_ order: VenueOrder) -> JSONValue {
    floor.restStyle.order(
      order, symbolID: floor.exchange.contracts[order.order.contract]?.symbolID ?? "")
  }
}

extension VenueFloor {
  /// How the REST interface writes its records.
  var restStyle: WireStyle {
    var style = WireStyle.rest
    style.idsAsText = gateway.idsAsText
    style.showsCommissions = gateway.showsCommissions
    style.form = gateway.form
    return style
  }
}
