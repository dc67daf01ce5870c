import RiskModel

extension SimulatedExchange {
  /// Trades an order against the market as far as it goes now.
  ///
  /// `isResting` tells an order that waited in the book, which trades at its own limit and with one
  /// price step's liquidity for each change of the price, from one that comes to the market, which
  /// trades at the market's prices up to its limit.
  mutating func trade(_ id: OrderID, isResting: Bool) {
    guard let venueOrder = orders[id], let market = markets[venueOrder.order.contract],
      !isPaused(venueOrder.order.contract)
    else { return }
    if venueOrder.order.type.isStop, !venueOrder.isTriggered {
      guard let stop = venueOrder.order.stopPrice,
        market.triggers(stop: stop, side: venueOrder.order.side)
      else { return }
      edit(id) { $0.isTriggered = true }
    }
    while let fill = nextFill(of: id, isResting: isResting) {
      execute(id, fill)
    }
  }

  struct Fill {
    var price: Price
    var quantity: Int64
  }

  private func nextFill(of id: OrderID, isResting: Bool) -> Fill? {
    guard let venueOrder = orders[id], venueOrder.order.status.isWorking,
      let market = markets[venueOrder.order.contract],
      let contract = contracts[venueOrder.order.contract],
      let touch = market.touch(for: venueOrder.order.side)
    else { return nil }
    let side = venueOrder.order.side
    let taken = market.taken(by: side)
    let step = behaviour.liquidityPerStep.map { taken / $0 } ?? 0
    let available = behaviour.liquidityPerStep.map { $0 - taken % $0 }
    let quantity = min(venueOrder.order.remainingSize, available ?? .max)
    let price = contract.price(touch, plusTicks: step * side.sign)
    if venueOrder.takesMarket {
      guard step == 0 || behaviour.marketRemainder == .sweeps else { return nil }
      let slippage = venueOrder.isTriggered ? behaviour.stopSlippageTicks : 0
      return Fill(
        price: contract.price(price, plusTicks: slippage * side.sign), quantity: quantity)
    }
    guard let limit = venueOrder.limit, side == .buy ? price <= limit : price >= limit,
      !isResting || step == 0
    else { return nil }
    return Fill(price: isResting ? limit : price, quantity: quantity)
  }

  private mutating func execute(_ id: OrderID, _ fill: Fill) {
    guard let before = orders[id]?.order else {
      preconditionFailure("Invariant: order \(id) is on record")
    }
    markets[before.contract]?.take(fill.quantity, by: before.side)
    edit(id) {
      $0.order.filledPrice = averagePrice(
        before.filledPrice, before.filledSize, fill.price, fill.quantity)
      $0.order.filledSize += fill.quantity
      if $0.order.status == .pending || $0.order.status == .suspended { $0.order.status = .open }
    }
    let isFilled = before.remainingSize == fill.quantity
    if isFilled { remove(id, as: .filled) }
    report(id)
    settle(before, fill)
    if isFilled { completeBracket(around: id) }
  }

  /// What the fill of an order means for its bracket: an entry lets its legs work, a leg cancels the
  /// other one.
  private mutating func completeBracket(around id: OrderID) {
    guard let venueOrder = orders[id] else { return }
    activateLegs(of: id)
    if let sibling = venueOrder.sibling { finish(sibling, as: .cancelled) }
  }

  /// Sets the legs that wait for an entry to work, as large as what the entry filled.
  mutating func activateLegs(of entry: OrderID) {
    guard let parent = orders[entry], let entryPrice = parent.order.filledPrice,
      let contract = contracts[parent.order.contract]
    else { return }
    for leg in parent.legs where orders[leg]?.order.status == .suspended {
      guard let ticks = orders[leg]?.trailDistance else {
        preconditionFailure("Invariant: the suspended leg \(leg) has a distance")
      }
      let raw = contract.price(entryPrice, plusTicks: ticks)
      let level = Price(nanos: raw.nanos - raw.nanos % contract.specification.tickSize.nanos)
      edit(leg) {
        $0.order.size = parent.order.filledSize
        switch $0.order.type {
        case .limit: $0.order.limitPrice = level
        default: $0.order.stopPrice = level
        }
        if $0.order.type == .trailingStop { $0.trailDistance = abs(ticks) }
      }
      trade(leg, isResting: false)
      openIfUntouched(leg)
    }
  }
}

/// The average of what was filled so far and one more fill, to the nearest nano-unit.
func averagePrice(_ average: Price?, _ size: Int64, _ price: Price, _ added: Int64) -> Price {
  guard let average, size > 0 else { return price }
  let total = Int128(average.nanos) * Int128(size) + Int128(price.nanos) * Int128(added)
  return Price(nanos: quotientToNearest(total, divisor: Int128(size + added)))
}
