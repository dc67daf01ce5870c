import RiskModel

/// What one contract needs.
struct ContractPlanner {
  let id: AccountID
  let contract: ContractID
  /// Negative is short.
  let held: Int64
  let demand: ContractDemand
  let standing: [OpenTarget]
  let limits: EnforcementLimits
  let safeguards: Safeguards
  let now: MonotonicInstant

  func changes(_ account: inout AccountControl) -> [WantedChange] {
    let control = account.contracts[contract] ?? account.freshControl
    let sights = account.orders.sights(in: contract)
    var changes: [WantedChange] = []
    if let exit = exitChange(&account, control: control, sights: sights) { changes.append(exit) }
    for sight in sights {
      if let cancel = cancelChange(&account, control: control, sight: sight) {
        changes.append(cancel)
      }
    }
    if changes.isEmpty, let shrink = shrinkChange(&account, control: control, sights: sights) {
      changes.append(shrink)
    }
    if changes.isEmpty, let stop = stopChange(&account, control: control, sights: sights) {
      changes.append(stop)
    }
    return changes
  }

  func change(
    _ request: EnforcementRequest, order: OrderID? = nil, target: TargetID,
    urgency: WantedChange.Urgency, account: AccountControl
  ) -> WantedChange {
    let goal = standing.first { $0.target.id == target }?.target.goal
    let isFlatten =
      switch goal {
      case .flatAccount, .flat: true
      default: false
      }
    return WantedChange(
      request: request, account: id, contract: contract, order: order, heldSize: held,
      target: target, urgency: urgency, isFlatten: isFlatten,
      openSize: account.positions.openSize)
  }

  private func exitChange(
    _ account: inout AccountControl, control: ContractControl, sights: [OrderSight]
  ) -> WantedChange? {
    // A close needs one read only: it closes what is there when the venue reads it, nothing once that
    // is flat, and while another close is under way the venue answers "pending" and does nothing
    // (documented). So after a start it waits for the question for the orders, not for its answer.
    guard held != 0, let ceiling = demand.ceiling, abs(held) > ceiling.size,
      let sight = account.positions.sights[contract],
      account.hasAskedOrders || account.orders.isComplete
    else { return nil }
    guard control.exit.mayAct(on: sight, at: now) else {
      if control.exit.isIdle, let retryAt = control.exit.retryAt { account.wake(at: retryAt) }
      return nil
    }
    // An exit order at the market is a close under way already, whoever sent it: another one beside
    // it could sell more than is held.
    let exits = sights.filter {
      safeguards.contains(.closingOrders)
        && ($0.order.isMarketExit(ofPosition: held) || control.exit.mayBeOurs($0.order))
    }
    if let latest = exits.map(\.evidence.moment).max(), now - latest < limits.confirmation {
      account.wake(at: latest + limits.confirmation)
      return nil
    }
    if needsPresentSize(ceiling.size, ceiling.target),
      let until = control.exit.isOutdated(sight, limits), now < until
    {
      account.wake(at: until)
      account.reading.passSoon(at: now, limits: limits)
      return nil
    }
    guard ceiling.size > 0 else {
      return change(
        .close(id, contract), target: ceiling.target, urgency: .close, account: account)
    }
    guard mayReduce(&account, control: control, sight: sight) else { return nil }
    return change(
      .partialClose(id, contract, size: abs(held) - ceiling.size), target: ceiling.target,
      urgency: .close, account: account)
  }

  /// A lockout closes whatever is there. What has just been left is no business of a one-shot target
  /// any more: its close could meet the next position. A reduction could take off too much.
  private func needsPresentSize(_ ceiling: Int64, _ target: TargetID) -> Bool {
    ceiling > 0 || standing.contains { $0.target.id == target && !$0.target.isLockout }
  }

  /// A reduction doubles when it is said twice, so it needs to know more than a close.
  private func mayReduce(
    _ account: inout AccountControl, control: ContractControl, sight: PositionSight
  ) -> Bool {
    guard safeguards.contains(.settledReductions) else { return true }
    guard control.sizeUnsettledSince == nil else { return false }
    guard control.exit.hasReduced else { return true }
    if let look = account.lastLook, look.positionsOrdinal >= sight.changedAt,
      look.ordersOrdinal >= control.exit.evidenceNeededSince
    {
      return true
    }
    account.reading.passSoon(at: now, limits: limits)
    return false
  }

  private func cancelChange(
    _ account: inout AccountControl, control: ContractControl, sight: OrderSight
  ) -> WantedChange? {
    let order = sight.order
    guard let (target, urgency) = cancelCause(account, control: control, sight: sight),
      order.status != .pendingCancellation || sight.wasRead
    else { return nil }
    guard urgency != .cancelOpening || isJudged(sight, for: target, account) else {
      account.reading.passSoon(at: now, limits: limits)
      return nil
    }
    let cancel = account.cancels[order.id] ?? CancelGuard()
    guard cancel.mayCancel(sight, at: now) else {
      if !cancel.isInFlight, let retryAt = cancel.retryAt, retryAt > now {
        account.wake(at: retryAt)
      }
      return nil
    }
    return change(
      .cancel(id, order.id), order: order.id, target: target, urgency: urgency, account: account)
  }

  /// Why an order has to go, if it has to go now.
  private func cancelCause(
    _ account: AccountControl, control: ContractControl, sight: OrderSight
  ) -> (TargetID, WantedChange.Urgency)? {
    let order = sight.order
    switch OrderEffect(of: order, onPosition: held) {
    case .opening:
      guard !mayBeOurExit(account, control: control, sight: sight) else { return nil }
      if let target = demand.cancelsOpenings { return (target, .cancelOpening) }
      return named(order).map { ($0, .cancelOpening) }
    case .reducing:
      guard order.type != .market, let target = demand.clearsExits, isCloseSigned(control, account)
      else { return nil }
      return (target, .cancelExit)
    }
  }

  /// Whether the position is known as of no earlier than the order: what opens something on a flat
  /// contract takes it off one that was opened meanwhile. News comes in the order of the venue, but
  /// any time late: it is a measure for an order that a read showed when the order was told before it,
  /// or something that is younger than the order. A position that was read is one when it was asked
  /// for later, or at the same time where everything has to go anyway. What is in doubt is no measure,
  /// nor is a reply that there is nothing to close.
  private func isJudged(
    _ sight: OrderSight, for target: TargetID, _ account: AccountControl
  ) -> Bool {
    guard safeguards.contains(.judgedOrders) else { return true }
    guard let position = account.positions.evidence(of: contract), !position.isDoubtful,
      position.isSight
    else {
      return false
    }
    guard sight.evidence.wasAsked else { return true }
    guard position.wasAsked else {
      let isToldBefore = sight.toldAs.map { $0 < position.ordinal && position.isEvent } ?? false
      return position.ordinal > sight.evidence.ordinal
        && (isToldBefore || position.venueTime > sight.order.createdAt)
    }
    if position.ordinal > sight.evidence.ordinal { return true }
    switch standing.first(where: { $0.target.id == target })?.target.goal {
    case .flatAccount, .flat: return position.ordinal == sight.evidence.ordinal
    default: return false
    }
  }

  /// Targets that ask for this very order: because they name it, because it is left over from
  /// their episode, or because it is the stop that was placed for them.
  private func named(_ order: Order) -> TargetID? {
    standing.first { open in
      open.target.goal == .cancelled(order.id)
        || open.episode?.leftovers.contains(order.id) == true || open.owns(order)
    }?.target.id
  }

  /// The market order that made the contract flat is still shown as working when the position is
  /// gone already. It is cancelled only when a later read shows it.
  private func mayBeOurExit(
    _ account: AccountControl, control: ContractControl, sight: OrderSight
  ) -> Bool {
    guard held == 0, sight.order.type == .market, sight.order.customTag == nil else { return false }
    let flatSince = account.positions.sights[contract]?.changedAt ?? 0
    return !(sight.wasRead && sight.evidence.ordinal >= flatSince)
  }

  /// The first sign of the close: the venue's answer, or the market order that it made.
  private func isCloseSigned(_ control: ContractControl, _ account: AccountControl) -> Bool {
    if control.exit.isCloseSigned { return true }
    guard control.exit.isInFlight, let exit = control.exit.exit, exit.change == .close else {
      return false
    }
    return account.orders.sights(in: contract).contains { sight in
      sight.firstSeen > exit.sentAs && sight.order.customTag == nil
        && sight.order.isMarketExit(ofPosition: held) && sight.order.remainingSize >= abs(held)
    }
  }

  private func shrinkChange(
    _ account: inout AccountControl, control: ContractControl, sights: [OrderSight]
  ) -> WantedChange? {
    guard control.exit.isIdle, control.isSettled, !control.stop.isInFlight,
      let look = account.lastLook, let changedAt = account.positions.sights[contract]?.changedAt,
      look.ordersOrdinal >= changedAt,
      let (target, shrink) = wantedShrink(sights),
      let sight = account.orders.working[shrink.order], sight.wasRead,
      sight.evidence.ordinal >= changedAt
    else { return nil }
    if sight.order.stopTag != nil,
      let sentAt = [control.stop.sentAt, control.shrink.sentAt].compactMap({ $0 }).max(),
      now - sentAt < limits.stopInterval
    {
      account.wake(at: sentAt + limits.stopInterval)
      return nil
    }
    guard control.shrink.mayShrink(shrink, at: now, after: look) else {
      if !control.shrink.isInFlight, let retryAt = control.shrink.retryAt, retryAt > now {
        account.wake(at: retryAt)
      }
      return nil
    }
    return change(
      .modifySize(id, shrink.order, size: shrink.size), order: shrink.order, target: target,
      urgency: .shrink, account: account)
  }

  /// Exits that a target wants no larger than the position, or a stop of ours that is.
  private func wantedShrink(_ sights: [OrderSight]) -> (TargetID, ExitSurplus.Shrink)? {
    if let target = demand.shrinksExits,
      let shrink = ExitSurplus.nextShrink(position: held, orders: sights.map(\.order))
    {
      return (target, shrink)
    }
    for order in sights.map(\.order) where order.isOversizedStop(onPosition: held) {
      guard order.status == .open, let tender = standing.first(where: { $0.tends(order) }) else {
        continue
      }
      return (
        tender.target.id,
        ExitSurplus.Shrink(order: order.id, size: order.filledSize + abs(held))
      )
    }
    return nil
  }
}
