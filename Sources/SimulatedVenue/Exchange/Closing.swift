package import RiskModel

extension SimulatedExchange {
  /// Closes the whole position with a market order that carries no tag. Working orders stay working
  /// (observed live): a stop that is left over is an entry order from then on.
  package mutating func close(
    _ account: AccountID, _ contract: ContractID, from source: RequestSource = .gateway
  ) throws(Refusal<CloseCode>) {
    switch closability(account, contract, source) {
    case .refused(let reason):
      throw Refusal(reason.closeCode, message(of: reason, account))
    case .held(let position):
      guard sendClosingOrder(position, size: position.size) else { throw Refusal(.orderRejected) }
    }
    cancelExits(of: PositionKey(account, contract), after: behaviour.exitsCancelledAfterClose)
  }

  /// Closes a part of the position with a market order that carries no tag.
  package mutating func partialClose(
    _ account: AccountID, _ contract: ContractID, size: Int64,
    from source: RequestSource = .gateway
  ) throws(Refusal<PartialCloseCode>) {
    switch closability(account, contract, source) {
    case .refused(let reason):
      throw Refusal(reason.partialCloseCode, message(of: reason, account))
    case .held(let position):
      guard size > 0, size <= position.size else { throw Refusal(.invalidCloseSize) }
      guard sendClosingOrder(position, size: size) else { throw Refusal(.orderRejected) }
    }
    let key = PositionKey(account, contract)
    cancelExits(of: key, after: behaviour.exitsCancelledAfterPartialClose)
    if let delay = behaviour.exitsResizedAfterPartialClose {
      postpone(.resizeExits(key), by: delay)
    }
  }

  /// Makes the working orders that would reduce a position no larger than it is.
  mutating func resizeExits(of key: PositionKey) {
    guard let position = positions[key] else { return }
    for id in working[key.contract] ?? [] {
      guard let order = orders[id]?.order, order.account == key.account,
        order.side == position.exitSide, order.status == .open,
        order.remainingSize > position.size
      else { continue }
      edit(id) { $0.order.size = order.filledSize + position.size }
      report(id)
    }
  }

  private mutating func cancelExits(of key: PositionKey, after delay: TimeSpan?) {
    if let delay { postpone(.cancelExits(key), by: delay) }
  }

  private enum Closability {
    case held(Position)
    case refused(ClosingProblem)
  }

  private func closability(
    _ account: AccountID, _ contract: ContractID, _ source: RequestSource
  ) -> Closability {
    guard let owner = accounts[account] else { return .refused(.accountNotFound) }
    guard let listed = contracts[contract] else { return .refused(.contractNotFound) }
    guard listed.isActive else { return .refused(.contractNotActive) }
    if source == .gateway, owner.kind != .ordinary { return .refused(.accountRejected) }
    if owner.account.canTrade != true, !behaviour.lockedAccountAllowsClose {
      return .refused(.accountRejected)
    }
    guard let position = positions[PositionKey(account, contract)] else {
      return .refused(.positionNotFound)
    }
    let isClosing = working[contract]?.contains {
      orders[$0]?.isClosing == true && orders[$0]?.order.account == account
    }
    return isClosing == true ? .refused(.orderPending) : .held(position)
  }

  private func message(of problem: ClosingProblem, _ account: AccountID) -> String? {
    guard problem == .accountRejected, let owner = accounts[account] else { return nil }
    return owner.kind == .ordinary
      ? "Account is not allowed to trade." : owner.kind.refusal(to: "close positions")
  }

  /// Sends the order that closes. With the market closed or without a price it is rejected at once
  /// and stays on record so (observed live); then the answer is `false`.
  private mutating func sendClosingOrder(_ position: Position, size: Int64) -> Bool {
    let ticket = OrderTicket(
      account: position.account, contract: position.contract, type: .market,
      side: position.exitSide, size: size)
    guard let market = markets[position.contract], market.isOpen, !isPaused(position.contract),
      market.touch(for: position.exitSide) != nil
    else {
      _ = recordRejected(ticket)
      return false
    }
    let id = record(ticket, status: .pending)
    edit(id) { $0.isClosing = true }
    report(id)
    if behaviour.acceptanceDelay > .zero {
      postpone(.accept(id), by: behaviour.acceptanceDelay)
    } else {
      accept(id)
    }
    return true
  }
}

/// Why a position cannot be closed, before it becomes a number of the endpoint that was asked.
private enum ClosingProblem {
  case accountNotFound
  case positionNotFound
  case contractNotFound
  case contractNotActive
  case orderPending
  case accountRejected

  var closeCode: CloseCode {
    switch self {
    case .accountNotFound: .accountNotFound
    case .positionNotFound: .positionNotFound
    case .contractNotFound: .contractNotFound
    case .contractNotActive: .contractNotActive
    case .orderPending: .orderPending
    case .accountRejected: .accountRejected
    }
  }

  var partialCloseCode: PartialCloseCode {
    switch self {
    case .accountNotFound: .accountNotFound
    case .positionNotFound: .positionNotFound
    case .contractNotFound: .contractNotFound
    case .contractNotActive: .contractNotActive
    case .orderPending: .orderPending
    case .accountRejected: .accountRejected
    }
  }
}
