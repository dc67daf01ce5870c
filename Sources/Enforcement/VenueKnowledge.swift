import RiskModel

// Taking in what is said about the venue: by events and snapshots that the evaluator passes on, and
// by the enforcer's own reads.
extension EnforcementController {
  mutating func apply(_ event: VenueEvent) {
    var evidence = Evidence(origin: .event, ordinal: ordinal, moment: now, learned: ordinal)
    switch event {
    case .position(let position):
      guard isKept(position.account) else { return }
      let change = accounts.update(position.account) { account in
        account.needsPlan = true
        account.hasHeard = true
        account.venueTime = max(account.venueTime, position.openedAt)
        account.toldTime = max(account.toldTime, position.openedAt)
        evidence.venueTime = account.toldTime
        let change = account.positions.learn(position, evidence: evidence)
        if change?.evidence.isDoubtful == true {
          account.reading.passSoon(at: now, limits: limits)
        }
        return change
      }
      if let change = change ?? nil { positionChanged(change, of: position.account) }
    case .order(let order):
      guard isKept(order.account) else { return }
      _ = accounts.update(order.account) { account in
        account.needsPlan = true
        account.hasHeard = true
        account.sawVenueTime([order])
        account.toldTime = max(account.toldTime, order.latestTime)
        evidence.venueTime = account.toldTime
        account.noteFilledExit(order, at: ordinal, now)
        account.orders.learn(order, evidence: evidence)
      }
      if order.status.isTerminal { orderEnded(order) }
    case .account, .trade, .quote, .contract:
      return
    }
  }

  private mutating func isKept(_ account: AccountID) -> Bool {
    guard accounts.contains(account) else {
      figures.ignoredEvents += 1
      return false
    }
    return true
  }

  mutating func apply(_ snapshot: AccountSnapshot) {
    let id = snapshot.account.id
    guard isKept(id) else { return }
    let evidence = Evidence(
      origin: .snapshot(startedAt: snapshot.startedAt), ordinal: ordinal, moment: now,
      learned: ordinal, isDoubtful: isReminded)
    takeOrders(snapshot.workingOrders, of: id, evidence: evidence)
    // Its two lists were read apart: the orders do not tell of when the positions are.
    var ofPositions = evidence
    ofPositions.venueTime = snapshot.positions.map(\.openedAt).max() ?? evidence.venueTime
    takePositions(snapshot.positions, of: id, evidence: ofPositions)
  }

  mutating func takeOrders(_ orders: [Order], of id: AccountID, evidence: Evidence) {
    let isSurprising = accounts.update(id) { account in
      account.needsPlan = true
      if !evidence.wasAsked { account.hasHeard = true }
      let isSurprising = account.orders.replace(with: orders, evidence: evidence)
      if evidence.wasAsked {
        let contracts = Set(orders.map(\.contract)).union(account.contracts.keys)
        let fresh = account.freshControl
        for contract in contracts {
          account.contracts[contract, default: fresh].read(
            orders: orders.filter { $0.contract == contract }, evidence: evidence, limits: limits)
        }
      }
      return isSurprising
    }
    if isSurprising == true, evaluator.isUp { surprised(id) }
    let isOverfull = accounts.update(id) { account in
      defer { account.toldOverfull = account.orders.isOverfull }
      return account.orders.isOverfull && !account.toldOverfull
    }
    if isOverfull == true {
      actions.append(.alert(.limitReached("working orders", limit: limits.workingOrders)))
    }
    targets.updateAll(of: id) { open in
      if evidence.wasAsked { open.episode?.readOrders(orders, sentAs: evidence.ordinal) }
    }
    _ = accounts.update(id) { $0.sawVenueTime(orders) }
  }

  mutating func takePositions(_ positions: [Position], of id: AccountID, evidence: Evidence) {
    let rows = PositionKnowledge.rows(positions)
    let changes: [PositionChange] =
      accounts.update(id) { account in
        account.needsPlan = true
        if evidence.wasAsked {
          account.emptiness.read(rows.values.allSatisfy { $0.size == 0 }, evidence: evidence)
          let fresh = account.freshControl
          for contract in Set(rows.keys).union(account.contracts.keys) {
            account.contracts[contract, default: fresh].read(
              signedSize: rows[contract]?.signedSize ?? 0, evidence: evidence, limits: limits)
          }
        }
        account.forgetIdleContracts(limit: limits.contracts)
        return account.positions.replace(
          with: positions, watching: account.contracts.keys, evidence: evidence)
      } ?? []
    if changes.contains(where: \.isSurprising), evaluator.isUp { surprised(id) }
    for change in changes { positionChanged(change, of: id) }
  }

  private mutating func surprised(_ account: AccountID) {
    figures.surprises += 1
    actions.append(.report(.surprised(account)))
  }

  private mutating func orderEnded(_ order: Order) {
    let verdict = accounts.update(order.account) { account in
      let working = account.orders.sights(in: order.contract).map(\.order)
      return account.control(order.contract) {
        $0.exit.orderEnded(order, working: working, ordinal: ordinal, at: now, limits: limits)
      }
    }
    if let verdict { judge(verdict, of: order.account) }
  }

  /// A position was spoken of: moves baselines and ends episodes.
  mutating func positionChanged(_ change: PositionChange, of id: AccountID) {
    if !change.evidence.wasAsked {
      _ = accounts.update(id) { account in
        let fresh = account.freshControl
        account.contracts[change.contract, default: fresh].hear(
          signedSize: change.after)
        if change.after != 0 { account.emptiness.hear(false) }
      }
    }
    if change.after == 0, change.evidence.isSight {
      _ = accounts.update(id) { $0.contracts.update(change.contract) { $0.exit.sawFlat() } }
    }
    guard let account = accounts[id] else { return }
    let control = account.contracts[change.contract]
    let working = account.orders.working.values.map(\.order)
    targets.updateAll(of: id) { open in
      guard change.evidence.ordinal >= open.adoptedAs else { return }
      if change.isPartlyClosed, open.concerns(change.contract) {
        open.verification.filledInPart(at: now)
      }
      if let size = EnforcementController.baselineSize(
        change, control: control, open: open, agreement: limits.agreement)
      {
        open.moveBaseline(of: change.contract, to: size)
      }
      let isNamed = open.episode?.isNamed(change.contract) ?? false
      if !isNamed, open.isCause(change, at: now, window: limits.causeWindow) {
        open.episode?.anchor(change.row, in: change.contract, again: true)
      } else if EnforcementController.isFlatForEpisode(
        change, control: control, open: open, agreement: limits.agreement)
      {
        open.episode?.sawFlat(
          change.contract, leaving: change.row, at: ordinal, venueTime: account.venueTime,
          working: working)
      } else {
        open.episode?.anchor(change.row, in: change.contract)
      }
    }
    countReentry(change, of: id)
  }

  /// What a baseline may move to. That there was nothing to close is not enough, since the position
  /// may be too new for who says so; nor is a single read: nothing orders it against events,
  /// and a baseline never moves back.
  private static func baselineSize(
    _ change: PositionChange, control: ContractControl?, open: OpenTarget, agreement: TimeSpan
  ) -> Int64? {
    switch change.evidence.origin {
    case .event: change.after
    case .snapshot(let startedAt): startedAt > open.target.adoptedAt ? change.after : nil
    case .reply: nil
    case .read: control?.sizes.value(since: open.adoptedAs, apart: agreement)
    }
  }

  /// Whether a one-shot target has seen the position of its episode end.
  private static func isFlatForEpisode(
    _ change: PositionChange, control: ContractControl?, open: OpenTarget, agreement: TimeSpan
  ) -> Bool {
    guard let episode = open.episode, episode.covers(change.contract) else { return false }
    let isOther = episode.isAnother(change.row, in: change.contract)
    switch change.evidence.origin {
    case .event:
      return change.after == 0 || isOther
    case .reply:
      // The part of the venue that answers may lag behind the one that told of the position.
      return false
    case .snapshot(let startedAt):
      return isOther && change.after != 0 && startedAt > open.target.adoptedAt
    case .read:
      if change.after != 0 { return isOther }
      let acted = control?.exit.actedAs ?? -1
      return (acted >= open.adoptedAs && change.evidence.ordinal >= acted)
        || control?.sizes.value(since: open.adoptedAs, apart: agreement) == 0
    }
  }

  /// A position that appears where a lockout allows none.
  private mutating func countReentry(_ change: PositionChange, of id: AccountID) {
    guard change.before == 0, change.after != 0,
      targets.values(of: id).contains(where: { open in
        open.target.isLockout && !open.target.id.isSafetyTarget
          && change.evidence.ordinal >= open.adoptedAs
          && open.ceiling(of: change.contract, holding: change.after) == 0
      })
    else { return }
    figures.reentries += 1
    let count = accounts.update(id) { account in
      let oldest = now - limits.reentryWindow
      account.reentries.removeAll { $0 < oldest }
      account.reentries.append(now)
      if account.reentries.count > limits.reentriesBeforeAlert * 2 {
        account.reentries.removeFirst()
      }
      return account.reentries.count
    }
    if let count, count == limits.reentriesBeforeAlert {
      actions.append(.alert(.reentries(id, count: count)))
    }
  }
}

extension MonotonicInstant {
  static func - (lhs: MonotonicInstant, rhs: TimeSpan) -> MonotonicInstant {
    MonotonicInstant(nanos: lhs.nanos - rhs.nanos)
  }
}
