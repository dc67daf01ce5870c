import RiskModel

// From what the targets ask and what is known to the requests that are sent now.
extension EnforcementController {
  mutating func plan() {
    tendStops()
    reopenProvenTargets()
    if !isDraining {
      planAccountList()
      let due = accounts.due(at: now)
      var wanted: [WantedChange] = []
      for id in due { wanted += wantedChanges(on: id) }
      sendChanges(wanted)
      for id in riskiestFirst(due) { planReads(of: id) }
    }
    scheduleWake()
  }

  /// What was proven is open again as soon as anything speaks against it.
  private mutating func reopenProvenTargets() {
    for id in accounts.needingPlan() {
      for open in targets.values(of: id) where open.isProven && open.episode?.isOver != true {
        guard let account = accounts[id], !account.view.meets(open) else { continue }
        _ = targets.update(open.target.id) { $0.reopen(at: now) }
        _ = accounts.update(id) { $0.reading.passSoon(at: now, limits: limits) }
      }
    }
  }

  /// Whether the account is in the list that was read here and among those to be protected.
  mutating func mayAct(on id: AccountID) -> Bool {
    guard accountList.accounts != nil else { return false }
    if accountList.contains(id), protectedAccounts.contains(id) { return true }
    guard targets.isAny(of: id) else { return false }
    if accountList.readAt == nil { accountList.readAt = now + limits.accountListPause }
    let isNews = accounts.update(id) { account in
      defer { account.toldNotOurs = true }
      return !account.toldNotOurs
    }
    if isNews == true { actions.append(.alert(.accountNotOurs(id))) }
    return false
  }

  private mutating func planAccountList() {
    guard !accountList.isInFlight, let readAt = accountList.readAt, now >= readAt else { return }
    accountList.isInFlight = true
    send(.readAccounts, stamps: [])
  }

  private func riskiestFirst(_ ids: [AccountID]) -> [AccountID] {
    let sizes = ids.map { (id: $0, size: accounts[$0]?.positions.openSize ?? 0) }
    return sizes.sorted { ($1.size, $0.id) < ($0.size, $1.id) }.map(\.id)
  }

  private mutating func sendChanges(_ wanted: [WantedChange]) {
    var caused: Set<TargetID> = []
    var room = limits.changesInFlight - inFlight.values.count { $0.request.changesTheVenue }
    for change in wanted.sorted(by: WantedChange.isMoreUrgent) {
      guard room > 0 else {
        _ = accounts.update(change.account) { $0.needsPlan = true }
        continue
      }
      room -= 1
      send(change)
      caused.insert(change.target)
    }
    for target in caused { _ = targets.update(target) { $0.causeReadAt = nil } }
  }

  private mutating func send(_ change: WantedChange) {
    guard let open = targets[change.target] else {
      preconditionFailure("Invariant: target \(change.target) of \(change.request) stands")
    }
    var stamps: [PassStamp] = []
    targets.updateAll(of: change.account) { target in
      guard !target.isProven, change.isSentFor(target) else { return }
      target.requestSent(at: now)
      stamps.append(target.stamp)
    }
    let id = send(
      change.request, stamps: stamps, contract: change.contract, heldSize: change.heldSize,
      target: open.target, causeReadAt: open.causeReadAt)
    let verdict = accounts.update(change.account) { account in
      account.changesInFlight += 1
      return account.guardSent(
        change, request: id, stamps: stamps, ordinal: ordinal, at: now)
    }
    if let verdict { judge(verdict, of: change.account) }
  }

  @discardableResult
  mutating func send(
    _ request: EnforcementRequest, stamps: [PassStamp], contract: ContractID? = nil,
    heldSize: Int64 = 0, target: Target? = nil, causeReadAt: MonotonicInstant? = nil
  ) -> RequestID {
    lastRequest = RequestID(lastRequest.number + 1)
    let deadline = now + limits.deadline(of: request)
    inFlight[lastRequest] = RequestInFlight(
      id: lastRequest, request: request, contract: contract, heldSize: heldSize, target: target,
      stamps: stamps, causeReadAt: causeReadAt, sentAs: ordinal, sentAt: now, deadline: deadline)
    actions.append(.send(request, id: lastRequest, deadline: deadline))
    switch request {
    case .close: figures.closes += 1
    case .partialClose: figures.reductions += 1
    case .cancel: figures.cancels += 1
    case .modifySize: figures.shrinks += 1
    case .placeStop: figures.stopsPlaced += 1
    case .modifyStop: figures.stopsMoved += 1
    case .readWorkingOrders, .readPositions, .readAccounts: figures.reads += 1
    }
    return lastRequest
  }

  private mutating func planReads(of id: AccountID) {
    let hasTargets = targets.isAny(of: id)
    guard mayAct(on: id), let account = accounts[id],
      hasTargets || account.awaitsSight
        || (!account.isSettled && account.reading.settlingPasses > 0)
    else { return }
    guard account.reading.isResting else { return }
    let room = limits.readsInFlight - inFlight.values.count { !$0.request.changesTheVenue }
    let stamps = targets.values(of: id).filter { !$0.isProven }.map(\.stamp)
    let isKnown = account.positions.isComplete && account.orders.isComplete
    let due = account.passDueAt(limits)
    let isOverdue = account.reading.startedAt.map { now - $0 >= limits.sweep } ?? false
    let settling = account.settlesAt(limits)
    let isUrgent = settling.map { now >= $0 } ?? false
    if account.reading.wantsLook, account.changesInFlight > 0 || !isKnown {
      guard room >= 2 else { return wake(id, at: now + limits.passPause) }
      let orders = send(.readWorkingOrders(id), stamps: stamps)
      let positions = send(.readPositions(id), stamps: stamps)
      _ = accounts.update(id) { account in
        account.reading.wantsLook = false
        account.reading.phase = .looking(orders, positions)
      }
    } else if now >= due, account.changesInFlight == 0 || isOverdue || isUrgent {
      guard room >= 1 else { return wake(id, at: now + limits.passPause) }
      let orders = send(.readWorkingOrders(id), stamps: stamps)
      _ = accounts.update(id) { account in
        account.reading.wantsLook = false
        account.reading.started(at: now)
        account.reading.phase = .orders(orders)
      }
    } else if now < due {
      wake(id, at: due)
    } else {
      if let settling { wake(id, at: settling) }
      if let startedAt = account.reading.startedAt { wake(id, at: startedAt + limits.sweep) }
    }
  }

  mutating func wake(_ id: AccountID, at moment: MonotonicInstant) {
    _ = accounts.update(id) { $0.wake(at: moment) }
  }

  private mutating func scheduleWake() {
    var moments = [accounts.nextWake(after: now)].compactMap { $0 }
    moments += inFlight.values.map { $0.deadline + limits.deadlineGrace }
    if !accountList.isInFlight, let readAt = accountList.readAt { moments.append(readAt) }
    if !evaluator.isUp, !evaluator.isAlerted {
      moments.append(evaluator.goneSince + limits.evaluatorGone)
    }
    moments += targets.values.compactMap { $0.verification.dueAt(limits) }
    guard let next = moments.filter({ $0 > now }).min(), next != scheduledAt else { return }
    scheduledAt = next
    actions.append(.schedule(at: next))
  }
}
