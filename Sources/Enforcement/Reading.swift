import RiskModel

// The enforcer's own senses: passes over the accounts, and the proofs that they give.
extension EnforcementController {
  /// Unproven targets of the account; a read that fails is held against all of them.
  private func unprovenStamps(of id: AccountID) -> [PassStamp] {
    targets.values(of: id).filter { !$0.isProven }.map(\.stamp)
  }

  private var sweep: TimeSpan {
    let base = evaluator.isUp ? limits.sweep : limits.sweepWithoutEvaluator
    return max(base, limits.sweepPerAccount * Int64(targets.accounts))
  }

  mutating func answerRead(
    _ request: RequestInFlight, _ outcome: RequestOutcome, sentAt: Instant
  ) {
    guard let id = request.request.account else {
      accountList.isInFlight = false
      guard case .accounts(let list) = outcome else {
        figures.failedReads += 1
        accountList.failed(at: now, limits: limits)
        return
      }
      accountList.read(list)
      accounts.updateAll { $1.needsPlan = true }
      return
    }
    let evidence = Evidence(
      origin: .read(askedAt: sentAt), ordinal: request.sentAs, moment: request.sentAt,
      learned: ordinal)
    if case .readWorkingOrders = request.request {
      _ = accounts.update(id) { $0.hasAskedOrders = true }
    }
    switch (request.request, outcome) {
    case (.readWorkingOrders, .workingOrders(let orders)):
      takeOrders(orders, of: id, evidence: evidence)
      forgetCancels(of: id, absentFrom: orders)
      ordersRead(orders, by: request, evidence: evidence)
    case (.readPositions, .positions(let positions)):
      if case .positions(request.id, let orders) = accounts[id]?.reading.phase {
        passRead(positions, of: id, orders: orders, evidence: evidence)
      } else {
        takePositions(positions, of: id, evidence: evidence)
        readEnded(request)
      }
    default:
      figures.failedReads += 1
      judge(.failed(request.stamps, problem: "the account cannot be read"), of: id)
      readFailed(request)
    }
  }

  /// The second half of a pass is there.
  private mutating func passRead(
    _ positions: [Position], of id: AccountID, orders: AccountReading.OrdersRead?,
    evidence: Evidence
  ) {
    guard let orders else {
      releaseWithoutOrders(id, positions: positions, evidence: evidence)
      takePositions(positions, of: id, evidence: evidence)
      endPass(of: id, complete: nil)
      return
    }
    let look = Look(
      ordersOrdinal: orders.evidence.ordinal, ordersMoment: orders.evidence.moment,
      positionsOrdinal: evidence.ordinal, positionsMoment: evidence.moment)
    release(id, look, orders: orders, positions: positions)
    takePositions(positions, of: id, evidence: evidence)
    lookForNothing(id)
    prove(id, orders: orders, positions: positions)
    endPass(of: id, complete: look)
  }

  private mutating func ordersRead(
    _ orders: [Order]?, by request: RequestInFlight, evidence: Evidence?
  ) {
    guard let id = request.request.account else { return }
    guard case .orders(request.id) = accounts[id]?.reading.phase else {
      readEnded(request)
      return
    }
    guard !isDraining else {
      endPass(of: id, complete: nil)
      return
    }
    let positions = send(.readPositions(id), stamps: unprovenStamps(of: id))
    _ = accounts.update(id) {
      let read = orders.flatMap { orders in
        evidence.map { AccountReading.OrdersRead(evidence: $0, orders: orders) }
      }
      $0.reading.phase = .positions(positions, read)
    }
  }

  /// One of the two reads of a look came back.
  private mutating func readEnded(_ request: RequestInFlight) {
    guard let id = request.request.account else { return }
    _ = accounts.update(id) { account in
      account.needsPlan = true
      guard case .looking(let first, let second) = account.reading.phase else { return }
      let isOver = inFlight[first] == nil && inFlight[second] == nil
      if isOver { account.reading.phase = .resting }
    }
  }

  private mutating func readFailed(_ request: RequestInFlight) {
    guard let id = request.request.account else { return }
    switch accounts[id]?.reading.phase {
    case .looking: readEnded(request)
    case .orders: ordersRead(nil, by: request, evidence: nil)
    default: endPass(of: id, complete: nil)
    }
  }

  private mutating func endPass(of id: AccountID, complete look: Look?) {
    let isProven = targets.values(of: id).allSatisfy(\.isProven)
    let sweep = sweep
    _ = accounts.update(id) { account in
      account.needsPlan = true
      account.reading.passEnded(
        complete: look, isProven: look != nil && isProven,
        areContractsSettled: account.areContractsSettled, sweep: sweep, at: now, limits: limits)
    }
  }

  /// The answers of a pass show whether the closing requests that are awaited are over.
  private mutating func release(
    _ id: AccountID, _ look: Look, orders: AccountReading.OrdersRead, positions: [Position]
  ) {
    let rows = PositionKnowledge.rows(positions)
    let verdicts = accounts.update(id) { account -> [GuardVerdict] in
      account.lastLook = look
      return account.contracts.keys.map { contract in
        let working = orders.orders.filter { $0.contract == contract }
        return account.control(contract) {
          $0.exit.look(
            look, signedSize: rows[contract]?.signedSize ?? 0, working: working, at: now,
            limits: limits)
        }
      }
    }
    for verdict in verdicts ?? [] { judge(verdict, of: id) }
  }

  /// The orders cannot be read: after a while the position alone says whether a close is over.
  private mutating func releaseWithoutOrders(
    _ id: AccountID, positions: [Position], evidence: Evidence
  ) {
    let rows = PositionKnowledge.rows(positions)
    let verdicts = accounts.update(id) { account in
      account.contracts.keys.map { contract in
        account.control(contract) {
          $0.exit.lookAtPosition(
            rows[contract]?.signedSize ?? 0, evidence: evidence, at: now, limits: limits)
        }
      }
    }
    for verdict in verdicts ?? [] { judge(verdict, of: id) }
  }

  /// A one-shot target for a whole account that holds nothing is over when two reads agree on that.
  private mutating func lookForNothing(_ id: AccountID) {
    guard let account = accounts[id] else { return }
    let working = account.orders.working.values.map(\.order)
    targets.updateAll(of: id) { open in
      guard account.emptiness.value(since: open.adoptedAs, apart: limits.agreement) == true else {
        return
      }
      open.episode?.sawNothing(
        at: ordinal, venueTime: account.venueTime, working: working)
    }
  }

  private mutating func forgetCancels(of id: AccountID, absentFrom orders: [Order]) {
    let listed = Set(orders.map(\.id))
    _ = accounts.update(id) { account in
      account.cancels.removeAll { order, control in
        !control.isInFlight && !listed.contains(order) && !account.orders.working.contains(order)
      }
    }
  }

  /// A target is proven when the venue's own answers meet it, nothing that is known contradicts
  /// them, and no request was under way while they were given.
  private mutating func prove(
    _ id: AccountID, orders: AccountReading.OrdersRead, positions: [Position]
  ) {
    guard let account = accounts[id], account.changesInFlight == 0,
      account.changedAt <= orders.evidence.ordinal
    else { return }
    let read = AccountView(
      rows: PositionKnowledge.rows(positions), orders: orders.orders.filter(\.status.isWorking))
    let known = account.view
    for open in targets.values(of: id) where !open.isProven {
      let target = open.target.id
      let isShown =
        orders.evidence.ordinal >= open.adoptedAs && read.meets(open) && known.meets(open)
        && account.contracts.allSatisfy { $1.exit.isIdle || !open.concerns($0) }
      guard isShown || !safeguards.contains(.proofOfFlat) else { continue }
      figures.proofs += 1
      let report = targets.update(target) { $0.proven(at: now) }
      if let report, !open.isTending { actions.append(.report(report)) }
      _ = accounts.update(id) { account in
        account.toldMarketClosed = []
        account.toldRefused = false
      }
    }
  }
}
