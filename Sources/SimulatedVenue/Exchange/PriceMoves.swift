package import RiskModel

extension SimulatedExchange {
  /// Moves the market of a contract and trades what the new price allows, oldest order first.
  ///
  /// What is left out stays, with two exceptions: the last price alone takes the book with it (bid
  /// at the last price, ask one tick above), and a side of the book that would be crossed by the
  /// other moves one tick away. Clients get the members that changed.
  package mutating func setPrice(
    _ id: ContractID, last: Price? = nil, bid: Price? = nil, ask: Price? = nil
  ) throws(SimulatedVenueError) {
    guard let contract = contracts[id], let before = markets[id] else {
      throw .unknownContract(id)
    }
    for price in [last, bid, ask].compactMap(\.self) where !contract.isOnTick(price) {
      throw .priceOffTick(id, price, tick: contract.specification.tickSize)
    }
    if let bid, let ask, bid >= ask { throw .crossedBook(id, bid: bid, ask: ask) }
    var market = before
    market.last = last ?? before.last
    if let last, bid == nil, ask == nil {
      market.bid = last
      market.ask = contract.price(last, plusTicks: 1)
    }
    market.bid = bid ?? market.bid
    market.ask = ask ?? market.ask
    if let marketBid = market.bid, let marketAsk = market.ask, marketBid >= marketAsk {
      if bid != nil {
        market.ask = contract.price(marketBid, plusTicks: 1)
      } else {
        market.bid = contract.price(marketAsk, plusTicks: -1)
      }
    }
    market.refill()
    markets[id] = market
    reportQuote(id, before, market)
    if market.isOpen { tradeAll(contract) }
  }

  /// Tells clients of a price that the market never had, as a faulty print does: nothing trades.
  package mutating func printQuote(
    _ id: ContractID, _ change: QuoteChange
  ) throws(SimulatedVenueError) {
    guard contracts[id] != nil else { throw .unknownContract(id) }
    events.append(.quote(id, change, at: now))
  }

  /// Takes all prices of a contract away, as before the first print of a session.
  package mutating func clearPrices(_ id: ContractID) throws(SimulatedVenueError) {
    guard let market = markets[id] else { throw .unknownContract(id) }
    var empty = Market(last: nil, bid: nil, ask: nil)
    empty.isOpen = market.isOpen
    markets[id] = empty
  }

  /// Opens or closes the market of a contract. Prices go on moving while it is closed, but nothing
  /// trades; when it opens, everything that waits meets the price of that moment.
  package mutating func setOpen(
    _ id: ContractID, _ isOpen: Bool, expiringOrders: Bool = false
  ) throws(SimulatedVenueError) {
    guard let contract = contracts[id] else { throw .unknownContract(id) }
    markets[id]?.isOpen = isOpen
    if expiringOrders {
      for order in working[id] ?? [] { finish(order, as: .expired) }
    }
    if isOpen {
      markets[id]?.refill()
      tradeAll(contract)
    }
  }

  private mutating func reportQuote(_ id: ContractID, _ before: Market, _ after: Market) {
    var change = QuoteChange()
    if after.last != before.last { change.last = after.last }
    if after.bid != before.bid { change.bid = after.bid }
    if after.ask != before.ask { change.ask = after.ask }
    events.append(.quote(id, change, at: now))
    if let last = change.last {
      let isRising = before.last.map { last > $0 } ?? true
      priceHistories[id]?.add(last, volume: 1, at: now)
      events.append(.print(id, last, side: isRising ? .buy : .sell, volume: 1, at: now))
    }
  }

  mutating func tradeAll(_ contract: ListedContract) {
    for id in working[contract.id] ?? [] {
      guard let venueOrder = orders[id] else { continue }
      switch venueOrder.order.status {
      case .open, .pendingCancellation:
        if venueOrder.order.type == .trailingStop { followMarket(venueOrder, contract) }
        trade(id, isResting: true)
      default:
        continue
      }
    }
  }

  /// Draws a trailing stop after the market; it never moves back.
  private mutating func followMarket(_ venueOrder: VenueOrder, _ contract: ListedContract) {
    guard !venueOrder.isTriggered, let ticks = venueOrder.trailDistance,
      let last = markets[contract.id]?.last, let stop = venueOrder.order.stopPrice
    else { return }
    let side = venueOrder.order.side
    let level = contract.price(last, plusTicks: abs(ticks) * side.sign)
    if side == .sell ? level > stop : level < stop {
      edit(venueOrder.id) { $0.order.stopPrice = level }
    }
  }
}
