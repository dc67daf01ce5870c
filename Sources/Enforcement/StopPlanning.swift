import RiskModel

// The stop that protects a position: placed when there is none, tightened where there is one.
extension ContractPlanner {
  func stopChange(
    _ account: inout AccountControl, control: ContractControl, sights: [OrderSight]
  ) -> WantedChange? {
    let ours = sights.compactMap(\.order.stopTag)
    _ = account.contracts.update(contract) { control in ours.forEach { control.stop.saw($0) } }
    guard let (open, stop) = protection else { return nil }
    let stops = sights.map(\.order).filter { $0.protects(contract, side: stop.side) }
    // Nobody asked for another in the place of the one that is gone.
    let isNoneWanted = stops.isEmpty && stop.movesOnly == true
    let growth = ExitSurplus.growth(ofOurStopAmong: stops, position: held)
    let growsAt = account.contracts.update(contract) {
      $0.stop.noteCover(isShort: growth != nil, at: now, limits: limits)
    }
    guard !isNoneWanted, !stops.contains(where: stop.isMet) || growth != nil else {
      _ = account.contracts.update(contract) { $0.stop.succeeded() }
      return nil
    }
    guard growth != nil || !open.hasBeenMet(byOneOf: stops),
      mayProtect(&account, control: control, sights: sights, since: open.adoptedAs)
    else { return nil }
    if let growth, let moment = growsAt ?? nil {
      return enlargement(
        growth, notBefore: moment, &account, control: control, target: open.target.id)
    }
    let wanted: (StopGuard.Change, EnforcementRequest, OrderID?)
    if stops.isEmpty {
      guard ours.isEmpty, mayPlace(control) else { return nil }
      wanted = (
        .place(stop),
        .placeStop(
          id, contract, stop.side, size: abs(held), price: stop.price,
          tag: control.stop.tag(for: open.target.id).text), nil
      )
    } else {
      guard let order = movable(stops, to: stop) else { return nil }
      wanted = (
        .move(order.id, stop.price), .modifyStop(id, order.id, price: stop.price), order.id
      )
    }
    let (request, order) = (wanted.1, wanted.2)
    let moments = [
      control.stop.mayBeSentAt(wanted.0, limits: limits),
      control.shrink.sentAt.map { $0 + limits.stopInterval },
    ]
    if let moment = moments.compactMap({ $0 }).max(), now < moment {
      account.wake(at: moment)
      return nil
    }
    return change(
      request, order: order, target: open.target.id, urgency: .protect, account: account)
  }

  /// Makes our stop as large as the position that has grown. Its price comes after that.
  private func enlargement(
    _ growth: ExitSurplus.Shrink, notBefore: MonotonicInstant, _ account: inout AccountControl,
    control: ContractControl, target: TargetID
  ) -> WantedChange? {
    guard let look = account.lastLook else { return nil }
    let sent = [control.stop.sentAt, control.shrink.sentAt].compactMap { $0 }
    let moment = sent.map { $0 + limits.stopInterval }.reduce(notBefore, max)
    guard now >= moment else {
      account.wake(at: moment)
      return nil
    }
    guard control.shrink.mayShrink(growth, at: now, after: look) else {
      if let retryAt = control.shrink.retryAt, retryAt > now { account.wake(at: retryAt) }
      return nil
    }
    return change(
      .modifySize(id, growth.order, size: growth.size), order: growth.order, target: target,
      urgency: .protect, account: account)
  }

  /// The target that protects what is held now.
  private var protection: (OpenTarget, ProtectiveStop)? {
    for open in standing {
      if case .protected(contract, let stop) = open.target.goal, stop.side.sign * held < 0 {
        return (open, stop)
      }
    }
    return nil
  }

  /// Nothing is taken off the position at the moment, nobody wants that, and it was looked at since
  /// the last thing that was done.
  private func mayProtect(
    _ account: inout AccountControl, control: ContractControl, sights: [OrderSight],
    since adoptedAs: Ordinal
  ) -> Bool {
    guard abs(held) <= demand.ceiling?.size ?? .max, control.exit.isIdle, control.isSettled,
      !control.stop.isInFlight, !control.shrink.isInFlight, let look = account.lastLook,
      let sight = account.positions.sights[contract],
      !sights.contains(where: { $0.order.isMarketExit(ofPosition: held) })
    else { return false }
    if look.ordersOrdinal >= max(sight.changedAt, adoptedAs, control.stop.lookNeededSince) {
      return true
    }
    account.reading.passSoon(at: now, limits: limits)
    return false
  }

  /// A placement doubles when it is said twice: after the first one, two reads have to agree that
  /// there is no stop.
  private func mayPlace(_ control: ContractControl) -> Bool {
    let since = control.stop.lookNeededSince
    return since < 0 || control.ordersAgree(since: since, limits)
  }

  /// The stop to be tightened: our own, otherwise the one that covers most. The level of a trailing
  /// stop is the venue's business, and the limit of a stop limit would stay behind.
  private func movable(_ stops: [Order], to stop: ProtectiveStop) -> Order? {
    stops.filter { order in
      order.type == .stop && order.status == .open
        && order.stopPrice.map { stop.isTighter(than: $0) } ?? false
    }.min { a, b in
      if (a.stopTag == nil) != (b.stopTag == nil) { return a.stopTag != nil }
      return (b.remainingSize, a.id) < (a.remainingSize, b.id)
    }
  }
}

// The stops that riskd placed outlive neither their position nor, once they protect nothing, their
// target.
extension EnforcementController {
  /// Remembers which stops were seen to meet their goals.
  mutating func noteStops(of id: AccountID) {
    guard let orders = accounts[id]?.orders.working.values.map(\.order) else { return }
    targets.updateAll(of: id) { $0.noteStops(among: orders) }
  }

  /// Sets a target of its own for every stop of ours that no target looks after: the stop goes as
  /// soon as it would open something, and until then it is never larger than the position.
  mutating func tendStops() {
    guard revision != nil else { return }
    for (id, open) in targets where open.isTending {
      let order = accounts[open.target.account]?.orders.working.values.map(\.order).first {
        open.tends($0)
      }
      if open.isProven || order.map(isOwned) == true { targets[id] = nil }
    }
    for id in accounts.needingPlan() {
      for order in accounts[id]?.orders.working.values.map(\.order) ?? [] {
        guard let name = order.stopTag?.target, targets[name] == nil, !isOwned(order) else {
          continue
        }
        open(
          Target(
            id: name, account: id, goal: .cancelled(order.id),
            cause: Cause(
              rule: .tradeManagement, reason: .stopWanted(contract: order.contract, by: .noStop)),
            end: .episode, adoptedAt: order.createdAt),
          causeReadAt: nil)
        _ = targets.update(name) { $0.isTending = true }
      }
    }
  }

  /// Whether a target asks for a stop where this one is.
  private func isOwned(_ order: Order) -> Bool {
    targets.values(of: order.account).contains { $0.owns(order) }
  }
}
