import RiskModel

/// What is under way for one contract.
struct ContractControl: Sendable {
  var exit = ExitGuard()
  var shrink = ShrinkGuard()
  var stop = StopGuard()
  /// The signed size, by our own reads.
  private(set) var sizes = Agreement<Int64>()
  /// The working orders, by our own reads.
  private(set) var orderSizes = Agreement<[WorkingSize]>()
  /// Until two reads agree that were sent after this place, no reduction and no shrinking.
  private(set) var sizeUnsettledSince: Ordinal?
  private(set) var ordersUnsettledSince: Ordinal?

  struct WorkingSize: Equatable, Sendable {
    var order: OrderID
    var size: Int64
  }

  /// `since` is `nil` where reads have agreed already.
  init(unsettledSince since: Ordinal?) {
    sizeUnsettledSince = since
    ordersUnsettledSince = since
  }

  var isSettled: Bool { sizeUnsettledSince == nil && ordersUnsettledSince == nil }
  var isIdle: Bool {
    isSettled && exit.isIdle && !shrink.isInFlight && !stop.awaitsSight
  }

  mutating func unsettle(at ordinal: Ordinal) {
    sizeUnsettledSince = ordinal
    ordersUnsettledSince = ordinal
    sizes.forget()
    orderSizes.forget()
  }

  mutating func hear(signedSize: Int64) { sizes.hear(signedSize) }

  mutating func read(signedSize: Int64, evidence: Evidence, limits: EnforcementLimits) {
    sizes.read(signedSize, evidence: evidence)
    if let since = sizeUnsettledSince, sizes.value(since: since, apart: limits.agreement) != nil {
      sizeUnsettledSince = nil
    }
  }

  mutating func read(orders: [Order], evidence: Evidence, limits: EnforcementLimits) {
    let read = orders.filter { $0.type != .market }.map {
      WorkingSize(order: $0.id, size: $0.remainingSize)
    }
    orderSizes.read(read.sorted { $0.order < $1.order }, evidence: evidence)
    if let since = ordersUnsettledSince,
      orderSizes.value(since: since, apart: limits.agreement) != nil
    {
      ordersUnsettledSince = nil
    }
    if let since = stop.unseenSince, ordersAgree(since: since, limits) { stop.readsAgree() }
  }

  /// Whether two reads that were sent at this place or later agree on the working orders.
  func ordersAgree(since ordinal: Ordinal, _ limits: EnforcementLimits) -> Bool {
    orderSizes.value(since: ordinal, apart: limits.agreement) != nil
  }

  /// When one more read may settle what is waited for.
  func settlesAt(_ limits: EnforcementLimits) -> MonotonicInstant? {
    let size = sizeUnsettledSince.flatMap {
      sizes.secondReadAt(since: $0, apart: limits.agreement)
    }
    let order = ordersUnsettledSince.flatMap {
      orderSizes.secondReadAt(since: $0, apart: limits.agreement)
    }
    let second = [size, order].compactMap { $0 }.max()
    return [exit.settlesAt(limits), second].compactMap { $0 }.min()
  }
}

/// The reads of one account: which are under way and when the next pass is due.
struct AccountReading: Sendable {
  struct OrdersRead: Sendable {
    var evidence: Evidence
    var orders: [Order]
  }

  enum Phase: Sendable {
    /// Can transition to: looking, orders.
    case resting
    /// Both at once, because something is being changed. Can transition to: resting.
    case looking(RequestID, RequestID)
    /// First half of a pass. Can transition to: positions, resting (failed).
    case orders(RequestID)
    /// Second half, also when the orders could not be read. Can transition to: resting.
    case positions(RequestID, OrdersRead?)
  }

  var phase = Phase.resting
  var wantsLook = false
  private(set) var nextPassAt: MonotonicInstant
  private(set) var startedAt: MonotonicInstant?
  private(set) var endedAt: MonotonicInstant?
  /// Passes in a row that proved nothing although no request had been answered in between.
  private var idlePasses = 0
  /// A request that changes the venue was answered after the last pass had begun.
  private var changedSinceStart = false
  /// Passes of a fresh start that are left.
  private(set) var settlingPasses: Int
  private var firstLook: Look?
  /// Two complete passes lie far enough apart since the start.
  private(set) var hasSettled = false

  init(settlingPasses: Int, at now: MonotonicInstant) {
    self.settlingPasses = settlingPasses
    nextPassAt = now
  }

  var isResting: Bool {
    if case .resting = phase { true } else { false }
  }

  mutating func passDue(by moment: MonotonicInstant) { nextPassAt = min(nextPassAt, moment) }

  /// Something is to be seen that the passes so far do not show.
  mutating func passSoon(at now: MonotonicInstant, limits: EnforcementLimits) {
    passDue(by: endedAt.map { max(now, $0 + limits.passPause) } ?? now)
  }

  mutating func started(at now: MonotonicInstant) {
    startedAt = now
    changedSinceStart = false
  }

  /// A request that changes the venue was answered: what it did is looked at next.
  mutating func venueMayHaveChanged(at now: MonotonicInstant) {
    idlePasses = 0
    changedSinceStart = true
    passDue(by: now)
  }

  /// `look` holds the moments of a complete pass.
  mutating func passEnded(
    complete look: Look?, isProven: Bool, areContractsSettled: Bool, sweep: TimeSpan,
    at now: MonotonicInstant, limits: EnforcementLimits
  ) {
    phase = .resting
    endedAt = now
    settlingPasses = max(0, settlingPasses - 1)
    if let look {
      let first = firstLook ?? look
      firstLook = first
      if look.ordersMoment - first.ordersMoment >= limits.agreement,
        look.positionsMoment - first.positionsMoment >= limits.agreement
      {
        hasSettled = true
      }
    }
    guard !isProven else {
      idlePasses = 0
      let isSettling = settlingPasses > 0 && !(hasSettled && areContractsSettled)
      nextPassAt = now + (isSettling ? min(sweep, limits.agreement) : sweep)
      return
    }
    guard !changedSinceStart else {
      nextPassAt = now
      return
    }
    let pause = TimeSpan(nanos: limits.passPause.nanos << Int64(min(idlePasses, 10)))
    nextPassAt = now + min(pause, sweep)
    idlePasses += 1
  }
}

/// Everything about one account.
struct AccountControl: Sendable {
  var positions: PositionKnowledge
  var orders: OrderKnowledge
  var contracts = SortedMap<ContractID, ContractControl>()
  var cancels = SortedMap<OrderID, CancelGuard>()
  var reading: AccountReading
  /// Whether the account holds nothing at all, by our own reads.
  var emptiness = Agreement<Bool>()
  /// The last complete pass.
  var lastLook: Look?
  /// Where the last answer came to a request that changes the venue.
  var changedAt: Ordinal = -1
  var changesInFlight = 0
  var reentries: [MonotonicInstant] = []
  /// The orders were asked for at least once, with or without an answer.
  var hasAskedOrders = false
  var toldNotOurs = false
  var toldRefused = false
  var toldOverfull = false
  /// Contracts whose closed market was told about.
  var toldMarketClosed: Set<ContractID> = []
  /// When something may have to be done without any new input.
  var wakeAt: MonotonicInstant?
  var needsPlan = true
  /// An event or a snapshot came since the last plan.
  var hasHeard = false
  /// The latest of the venue's own timestamps that were seen.
  var venueTime = Instant(nanosSinceEpoch: 0)
  /// The same of those that events told, which come in the order of the venue.
  var toldTime = Instant(nanosSinceEpoch: 0)

  init(limits: EnforcementLimits, at now: MonotonicInstant) {
    positions = PositionKnowledge(limit: limits.contracts, patience: limits.agreement)
    orders = OrderKnowledge(
      limit: limits.workingOrders, finishedLimit: limits.finishedOrders,
      patience: limits.agreement)
    reading = AccountReading(settlingPasses: limits.settlingPasses, at: now)
  }

  var areContractsSettled: Bool { contracts.values.allSatisfy(\.isSettled) }
  var isSettled: Bool { reading.hasSettled && areContractsSettled }

  /// A closing request or the placement of a stop is under way, or its outcome is not known.
  var awaitsSight: Bool {
    contracts.values.contains { !$0.exit.isIdle || $0.stop.awaitsSight }
  }

  /// What is known, by whatever evidence.
  var view: AccountView {
    var rows = SortedMap<ContractID, PositionRow>()
    for contract in positions.openContracts { rows[contract] = positions.sights[contract]?.row }
    return AccountView(rows: rows, orders: orders.working.values.map(\.order))
  }

  /// Contracts in which something is held or works.
  var activeContracts: [ContractID] {
    Set(positions.openContracts + orders.working.values.map(\.order.contract)).sorted()
  }

  mutating func sawVenueTime(_ orders: [Order]) {
    for order in orders { venueTime = max(venueTime, order.latestTime) }
  }

  /// The venue speaks of an order's fill before it speaks of the position that this leaves. To be
  /// called before the order is learned.
  mutating func noteFilledExit(_ order: Order, at ordinal: Ordinal, _ now: MonotonicInstant) {
    let held = positions.signedSize(of: order.contract) ?? 0
    let before = orders.working[order.id]?.order.filledSize ?? 0
    let filled = order.status == .filled ? order.size : order.filledSize
    guard OrderEffect(of: order, onPosition: held) == .reducing, filled > before,
      !orders.hasEnded(order.id)
    else { return }
    let fresh = freshControl
    contracts[order.contract, default: fresh].exit.exitFilled(at: ordinal, now)
  }

  mutating func wake(at moment: MonotonicInstant) {
    wakeAt = wakeAt.map { min($0, moment) } ?? moment
  }

  mutating func control(
    _ contract: ContractID, _ change: (inout ContractControl) -> GuardVerdict
  ) -> GuardVerdict {
    let fresh = freshControl
    return change(&contracts[contract, default: fresh])
  }

  mutating func forgetIdleContracts(limit: Int) {
    guard contracts.count > limit else { return }
    let active = Set(activeContracts)
    contracts.removeAll { contract, control in control.isIdle && !active.contains(contract) }
  }

  /// A contract that turns up after the start is settled when the account is: it was flat in both
  /// reads.
  var freshControl: ContractControl {
    ContractControl(unsettledSince: reading.hasSettled ? nil : 0)
  }
}

extension Order {
  /// The latest of the venue's times that it carries.
  var latestTime: Instant { max(createdAt, updatedAt ?? createdAt) }
}
