package import RiskModel

extension SimulatedExchange {
  /// Changes a working order in place; its id and the other leg of its bracket stay.
  package mutating func modify(
    _ id: OrderID, of account: AccountID, _ change: OrderChange,
    from source: RequestSource = .gateway
  ) throws(Refusal<ModifyCode>) {
    guard let owner = accounts[account] else { throw Refusal(.accountNotFound) }
    if source == .gateway, owner.kind != .ordinary {
      throw Refusal(.accountRejected, owner.kind.refusal(to: "modify orders"))
    }
    guard let venueOrder = orders[id], venueOrder.order.status.isWorking else {
      throw Refusal(.orderNotFound)
    }
    guard venueOrder.order.account == account else { throw Refusal(.accountNotFound) }
    guard let contract = contracts[venueOrder.order.contract] else {
      throw Refusal(.contractNotFound)
    }
    guard venueOrder.order.status != .pendingCancellation else { throw Refusal(.pending) }
    guard markets[contract.id]?.isOpen == true else {
      throw Refusal(.rejected, inactiveInstrument)
    }
    if let problem = problem(changing: venueOrder, change, contract) {
      throw Refusal(.rejected, problem)
    }
    apply(change, to: venueOrder, contract)
    if orders[id]?.order.status == .open { trade(id, isResting: false) }
  }

  private func problem(
    changing venueOrder: VenueOrder, _ change: OrderChange, _ contract: ListedContract
  ) -> String? {
    let order = venueOrder.order
    guard !change.isEmpty else { return "Nothing to modify." }
    guard order.status != .suspended else { return "Suspended orders cannot be modified." }
    if let size = change.size, size <= order.filledSize { return "Invalid order size specified" }
    if let price = change.limitPrice, let problem = limitProblem(price, contract) {
      return problem
    }
    if let price = change.stopPrice, order.type.isStop, !venueOrder.isTriggered,
      let problem = stopProblem(price, order.side, contract)
    {
      return problem
    }
    if let level = change.trailPrice, order.type == .trailingStop {
      guard contract.isOnTick(level) else {
        return "Invalid trail price. Price is not aligned to tick size."
      }
      guard let last = markets[contract.id]?.last else {
        return "Cannot trail without a last price"
      }
      guard contract.wholeTicks(from: last, to: level) != 0 else {
        return "Trail Distance not set."
      }
    }
    return nil
  }

  private mutating func apply(
    _ change: OrderChange, to venueOrder: VenueOrder, _ contract: ListedContract
  ) {
    let id = venueOrder.id
    edit(id) {
      if let size = change.size { $0.order.size = size }
      if let price = change.limitPrice, $0.limit != nil { $0.order.limitPrice = price }
      if let price = change.stopPrice, $0.order.type == .stop { $0.order.stopPrice = price }
    }
    if let level = change.trailPrice, venueOrder.order.type == .trailingStop,
      let last = markets[contract.id]?.last
    {
      trail(id, ticks: abs(contract.wholeTicks(from: last, to: level)), from: last, contract)
    }
    report(id)
  }

  /// Asks for the end of a working order. Success does not mean that it has ended: while it is in
  /// PendingCancellation a fill still wins.
  package mutating func cancel(
    _ id: OrderID, of account: AccountID, from source: RequestSource = .gateway
  ) throws(Refusal<CancelCode>) {
    guard let owner = accounts[account] else { throw Refusal(.accountNotFound) }
    if source == .gateway, owner.kind != .ordinary {
      throw Refusal(.accountRejected, owner.kind.refusal(to: "cancel orders"))
    }
    guard let order = orders[id]?.order, order.status.isWorking else {
      throw Refusal(.orderNotFound)
    }
    guard order.account == account else { throw Refusal(.accountNotFound) }
    guard order.status != .pendingCancellation else { throw Refusal(.pending) }
    guard behaviour.closedMarketAllowsCancel || markets[order.contract]?.isOpen == true else {
      throw Refusal(.rejected, inactiveInstrument)
    }
    guard behaviour.cancellationDelay != .zero, order.status != .suspended else {
      finish(id, as: .cancelled)
      return
    }
    edit(id) { $0.order.status = .pendingCancellation }
    report(id)
    if let delay = behaviour.cancellationDelay { postpone(.finishCancellation(id), by: delay) }
  }
}
