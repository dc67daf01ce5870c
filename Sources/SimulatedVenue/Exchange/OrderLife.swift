package import RiskModel

// The life of an order.
//
//   Pending (6) ──▶ Open (1) ──▶ Filled (2) · Cancelled (3) · Expired (4) · Rejected (5)
//        │            │ ▲
//        │            ▼ │ a fill wins
//        └──▶ PendingCancellation (7) ──▶ Cancelled (3) · Filled (2)
//
//   Suspended (8) ──▶ Open (1) · Cancelled (3)        legs of a bracket until the entry fills
//
// An order that fills completely at once goes from Pending to Filled (observed live).

extension SimulatedExchange {
  /// Puts a new order on record with the next id and reports it.
  mutating func record(_ ticket: OrderTicket, status: OrderStatus) -> OrderID {
    let id = OrderID(nextOrder)
    nextOrder += 1
    store(
      VenueOrder(
        Order(
          id: id, account: ticket.account, contract: ticket.contract, createdAt: now,
          updatedAt: now, status: status, type: ticket.type, side: ticket.side, size: ticket.size,
          limitPrice: ticket.limitPrice, stopPrice: ticket.stopPrice,
          customTag: ticket.customTag)))
    return id
  }

  mutating func store(_ venueOrder: VenueOrder) {
    orders[venueOrder.id] = venueOrder
    orderHistory.append(venueOrder.id)
    if let tag = venueOrder.order.customTag {
      usedTags[venueOrder.order.account, default: []].insert(tag)
    }
    if venueOrder.order.status.isWorking {
      working[venueOrder.order.contract, default: []].append(venueOrder.id)
    }
    forgetOldOrders()
  }

  /// Changes an order without reporting it.
  mutating func edit(_ id: OrderID, _ change: (inout VenueOrder) -> Void) {
    guard var venueOrder = orders[id] else {
      preconditionFailure("Invariant: order \(id) is on record")
    }
    change(&venueOrder)
    venueOrder.order.updatedAt = now
    orders[id] = venueOrder
  }

  mutating func report(_ id: OrderID) {
    guard let venueOrder = orders[id] else {
      preconditionFailure("Invariant: order \(id) is on record")
    }
    events.append(.order(venueOrder))
  }

  /// Ends an order without a fill, with what that means for the rest of its bracket.
  mutating func finish(_ id: OrderID, as status: OrderStatus) {
    guard let venueOrder = orders[id], venueOrder.order.status.isWorking else { return }
    remove(id, as: status)
    report(id)
    if venueOrder.order.filledSize > 0 {
      activateLegs(of: id)
    } else {
      for leg in venueOrder.legs { finish(leg, as: .cancelled) }
    }
    if behaviour.cancellingLegCancelsSibling, let sibling = venueOrder.sibling {
      finish(sibling, as: .cancelled)
    }
  }

  /// Takes an order out of the working ones.
  mutating func remove(_ id: OrderID, as status: OrderStatus) {
    edit(id) { $0.order.status = status }
    if let contract = orders[id]?.order.contract {
      working[contract]?.removeAll { $0 == id }
    }
  }

  /// Lets a pending order into the market.
  mutating func accept(_ id: OrderID) {
    guard let venueOrder = orders[id], venueOrder.order.status == .pending else { return }
    let contract = venueOrder.order.contract
    guard markets[contract]?.isOpen == true, !venueOrder.takesMarket || !isPaused(contract) else {
      finish(id, as: .rejected)
      return
    }
    trade(id, isResting: false)
    openIfUntouched(id)
  }

  /// Reports as open what did not trade at once.
  mutating func openIfUntouched(_ id: OrderID) {
    guard let status = orders[id]?.order.status, status == .pending || status == .suspended
    else { return }
    edit(id) { $0.order.status = .open }
    report(id)
  }

  private mutating func forgetOldOrders() {
    guard orderHistory.count > behaviour.historyLimit + behaviour.historyLimit / 4 else { return }
    var excess = orderHistory.count - behaviour.historyLimit
    orderHistory.removeAll { id in
      guard excess > 0, orders[id]?.order.status.isTerminal == true else { return false }
      excess -= 1
      orders[id] = nil
      return true
    }
  }
}

extension SimulatedExchange {
  /// Ends a working order as the end of its session does.
  package mutating func expire(_ id: OrderID) {
    finish(id, as: .expired)
  }
}
