import RiskModel

/// A request that would bring the venue nearer to the targets.
struct WantedChange: Sendable {
  /// What goes first when not everything can go at once.
  enum Urgency: Int, Sendable {
    case close
    case cancelOpening
    case cancelExit
    case shrink
    case protect
  }

  var request: EnforcementRequest
  var account: AccountID
  var contract: ContractID
  var order: OrderID?
  var heldSize: Int64
  var target: TargetID
  var urgency: Urgency
  /// Part of a flatten, which goes before everything else.
  var isFlatten: Bool
  /// Contracts that the account holds, all together.
  var openSize: Int64

  /// Whether its outcome counts for this target. A stop that cannot be placed is no failure of what
  /// the other targets ask for, nor are their failures one of the stop's.
  func isSentFor(_ open: OpenTarget) -> Bool {
    if open.target.id == target { return true }
    if case .protected = open.target.goal { return false }
    return urgency != .protect && open.concerns(contract, order: order)
  }

  static func isMoreUrgent(_ a: WantedChange, _ b: WantedChange) -> Bool {
    if a.isFlatten != b.isFlatten { return a.isFlatten }
    if a.openSize != b.openSize { return a.openSize > b.openSize }
    if a.account != b.account { return a.account < b.account }
    if a.urgency != b.urgency { return a.urgency.rawValue < b.urgency.rawValue }
    if a.contract != b.contract { return a.contract < b.contract }
    return (a.order?.number ?? 0) < (b.order?.number ?? 0)
  }
}

extension EnforcementController {
  /// Everything that the targets of an account ask for now and that may be said now.
  mutating func wantedChanges(on id: AccountID) -> [WantedChange] {
    _ = accounts.update(id) { account in
      account.needsPlan = false
      account.wakeAt = nil
    }
    noteStops(of: id)
    let standing = targets(of: id)
    guard !standing.isEmpty, mayAct(on: id), var account = accounts[id] else { return [] }
    var wanted: [WantedChange] = []
    for contract in account.activeContracts {
      guard let held = account.positions.signedSize(of: contract) else { continue }
      let seenAt = account.positions.sights[contract]?.evidence.ordinal ?? 0
      let demand = ContractDemand(
        standing, contract: contract, holding: held, seenAt: seenAt)
      let planner = ContractPlanner(
        id: id, contract: contract, held: held, demand: demand, standing: standing,
        limits: limits, safeguards: safeguards, now: now)
      wanted += planner.changes(&account)
    }
    if account.wantsPass(standing) { account.reading.passSoon(at: now, limits: limits) }
    account.hasHeard = false
    accounts[id] = account
    return wanted
  }
}

extension AccountControl {
  /// Tells the guard of the request's subject that it was sent.
  mutating func guardSent(
    _ change: WantedChange, request: RequestID, stamps: [PassStamp], ordinal: Ordinal,
    at now: MonotonicInstant
  ) -> GuardVerdict {
    switch change.request {
    case .close, .partialClose:
      let kind: ExitGuard.Change =
        if case .partialClose(_, _, let size) = change.request { .reduce(by: size) } else { .close }
      return control(change.contract) {
        $0.exit.sent(
          ExitGuard.Exit(
            request: request, change: kind, sizeBefore: change.heldSize, sentAs: ordinal,
            sentAt: now, stamps: stamps))
        return .nothing
      }
    case .cancel(_, let order):
      return cancels[order, default: CancelGuard()].sent(stamps)
    case .modifySize(_, let order, let size):
      return control(change.contract) {
        $0.shrink.sent(ExitSurplus.Shrink(order: order, size: size), stamps: stamps, at: now)
      }
    case .placeStop(_, _, let side, _, let price, _):
      return control(change.contract) {
        $0.stop.sent(
          .place(ProtectiveStop(side: side, price: price)), for: change.target, stamps: stamps,
          at: now)
      }
    case .modifyStop(_, let order, let price):
      return control(change.contract) {
        $0.stop.sent(.move(order, price), for: change.target, stamps: stamps, at: now)
      }
    case .readWorkingOrders, .readPositions, .readAccounts:
      preconditionFailure("Invariant: \(change.request) changes the venue")
    }
  }

  /// Whether something was heard after which a pass would prove what is not proven.
  func wantsPass(_ standing: [OpenTarget]) -> Bool {
    guard hasHeard else { return false }
    let view = view
    return standing.contains { !$0.isProven && view.meets($0) }
  }

  /// When the next pass is due: as planned, or when a read settles what is waited for.
  func passDueAt(_ limits: EnforcementLimits) -> MonotonicInstant {
    settlesAt(limits).map { min($0, reading.nextPassAt) } ?? reading.nextPassAt
  }

  /// When a pass settles what is waited for, unless one that began since then did not.
  func settlesAt(_ limits: EnforcementLimits) -> MonotonicInstant? {
    contracts.values.compactMap { $0.settlesAt(limits) }.filter { moment in
      reading.startedAt.map { $0 < moment } ?? true
    }.min()
  }
}
