import RiskModel

@testable import Enforcement

/// Watches the venue's truth and what the enforcer had been told, and objects.
struct ModelAuditor {
  typealias Subject = ModelVenue.Subject

  private(set) var objections: [String] = []
  private(set) var requestsPerMinute: [Int64: Int] = [:]

  /// What the enforcer was last told of a position, by event or answer.
  var informedSize: [Subject: Int64] = [:]
  var informedMoves: [Subject: Int] = [:]
  var informedAt: [Subject: Int] = [:]
  /// Counts what the enforcer is told and answered.
  var sequence = 0
  /// Market orders that the enforcer was told are working, and when.
  var informedMarketOrders: [OrderID: (order: Order, at: MonotonicInstant)] = [:]

  struct Closing {
    var sentAt: MonotonicInstant
    var isAnswered = false
    var isAccepted = false
    var answeredAt: MonotonicInstant?
  }
  var closings: [Subject: Closing] = [:]
  /// Contracts and orders with an unknown outcome that nobody has looked at since.
  var unknownContracts: [Subject: MonotonicInstant] = [:]
  var unknownOrders: [OrderID: MonotonicInstant] = [:]
  var answeredOrdersReads: [AccountID: MonotonicInstant] = [:]
  var answeredPositionsReads: [AccountID: MonotonicInstant] = [:]
  /// Sizes that position reads showed since the last unknown outcome or start, with their moments.
  var sizesRead: [Subject: [(size: Int64, at: MonotonicInstant)]] = [:]
  var unsettled: Set<Subject> = []
  var hasRestarted = true
  /// Accounts whose orders were read since the start.
  var ordersRead: Set<AccountID> = []
  var placements: [Subject: Placement] = [:]
  var stopsChangedAt: [OrderID: MonotonicInstant] = [:]
  /// One-shot targets whose position the enforcer was told is flat.
  var flatTold: [TargetID: Set<ContractID>] = [:]

  mutating func object(_ text: String) { objections.append(text) }

  // What the enforcer is told.

  mutating func told(
    _ subject: Subject, size: Int64, moves: Int, openTargets: [Target]
  ) {
    sequence += 1
    informedAt[subject] = sequence
    informedSize[subject] = size
    informedMoves[subject] = moves
    if size == 0 {
      for target in openTargets where target.account == subject.account {
        flatTold[target.id, default: []].insert(subject.contract)
      }
    }
  }

  mutating func toldOrders(_ orders: [Order], of account: AccountID, at now: MonotonicInstant) {
    informedMarketOrders = informedMarketOrders.filter { $0.value.order.account != account }
    for order in orders { told(order, at: now) }
  }

  mutating func told(_ order: Order, at now: MonotonicInstant) {
    if order.type == .market, order.status.isWorking {
      informedMarketOrders[order.id] = (order, now)
    } else {
      informedMarketOrders[order.id] = nil
    }
  }

  mutating func restarted() {
    informedSize = [:]
    informedAt = [:]
    informedMarketOrders = [:]
    closings = [:]
    unknownContracts = [:]
    unknownOrders = [:]
    sizesRead = [:]
    unsettled = []
    hasRestarted = true
    ordersRead = []
    flatTold = [:]
    placements = [:]
    stopsChangedAt = [:]
  }

  // What the enforcer does.

  mutating func sent(
    _ request: EnforcementRequest, venue: ModelVenue, targets: [Target], inFlight: Int,
    at now: MonotonicInstant
  ) {
    requestsPerMinute[now.nanos / 60_000_000_000, default: 0] += 1
    let limits = EnforcementLimits.standard
    if inFlight > limits.changesInFlight + limits.readsInFlight {
      object("\(inFlight) requests in flight")
    }
    switch request {
    case .close(let account, let contract):
      exitSent(Subject(account: account, contract: contract), venue: venue, at: now)
      closeSent(Subject(account: account, contract: contract), targets: targets)
    case .partialClose(let account, let contract, let size):
      let subject = Subject(account: account, contract: contract)
      exitSent(subject, venue: venue, at: now)
      reductionSent(subject, size: size, targets: targets)
    case .cancel(let account, let order):
      cancelSent(account, order, venue: venue, at: now)
    case .modifySize(_, let id, let size):
      if let order = venue.orders[id], size >= order.size, order.status.isWorking,
        order.filledSize == 0, !mayGrow(order, to: size, venue: venue)
      {
        object("order \(id) of \(order.size) is made \(size) large")
      }
      stopChanged(id, venue: venue, at: now)
    case .placeStop(let account, let contract, let side, let size, _, _):
      stopSent(
        Subject(account: account, contract: contract), side, size, targets: targets, at: now)
    case .modifyStop(_, let id, let price):
      if let order = venue.orders[id], let known = order.stopPrice,
        !ProtectiveStop(side: order.side, price: price).isTighter(than: known)
      {
        object("stop \(id) at \(known) is moved to \(price)")
      }
      stopChanged(id, venue: venue, at: now)
    case .readWorkingOrders, .readPositions, .readAccounts:
      break
    }
  }

  private mutating func exitSent(_ subject: Subject, venue: ModelVenue, at now: MonotonicInstant) {
    if let closing = closings[subject] {
      if !closing.isAnswered { object("a second close of \(subject) while one is in flight") }
      if closing.isAccepted, venue.closingByEnforcer(subject) > 0 {
        object("a second close of \(subject) while the first is still being filled")
      }
    }
    if let unknownAt = unknownContracts[subject] {
      let hasPositions = answeredPositionsReads[subject.account].map { $0 >= unknownAt } ?? false
      let hasOrders = answeredOrdersReads[subject.account].map { $0 >= unknownAt } ?? false
      let waited = closings[subject].map { now - $0.sentAt >= .seconds(10) } ?? false
      if !hasPositions || !(hasOrders || waited) {
        object("\(subject) is closed again without a look")
      }
    }
    for (order, toldAt) in informedMarketOrders.values
    where order.account == subject.account && order.contract == subject.contract
      && order.isMarketExit(ofPosition: informedSize[subject] ?? 0)
      && now - toldAt < .seconds(2) && venue.orders[order.id]?.status.isWorking == true
    {
      object("\(subject) is closed beside the market exit \(order.id) that was told of")
    }
    closings[subject] = Closing(sentAt: now)
  }

  private mutating func closeSent(_ subject: Subject, targets: [Target]) {
    let standing = targets.filter { $0.account == subject.account }
    let asks = standing.contains { target in
      let isFlat = flatTold[target.id]?.contains(subject.contract) ?? false
      switch target.goal {
      case .flatAccount: return target.isLockout || !isFlat
      case .flat(let contract):
        return contract == subject.contract && (target.isLockout || !isFlat)
      case .noNewExposure: return true
      case .atMost, .cancelled, .protected: return false
      }
    }
    if !asks { object("no target asks for the close of \(subject)") }
  }

  private mutating func reductionSent(_ subject: Subject, size: Int64, targets: [Target]) {
    if size <= 0 || size >= abs(informedSize[subject] ?? 0) {
      object("\(subject) of \(informedSize[subject] ?? 0) is reduced by \(size)")
    }
    if !isSettled(subject) { object("\(subject) is reduced before two reads agree") }
  }

  /// Whether two reads agree on the size, where they have to.
  func isSettled(_ subject: Subject) -> Bool {
    guard hasRestarted || unsettled.contains(subject) else { return true }
    let reads = sizesRead[subject] ?? []
    return reads.contains { first in
      reads.contains { second in
        second.at - first.at >= .seconds(2) && second.size == first.size
          && reads.allSatisfy { read in
            read.at < first.at || read.at > second.at || read.size == first.size
          }
      }
    }
  }

  private mutating func cancelSent(
    _ account: AccountID, _ id: OrderID, venue: ModelVenue, at now: MonotonicInstant
  ) {
    if let unknownAt = unknownOrders[id],
      answeredOrdersReads[account].map({ $0 < unknownAt }) ?? true
    {
      object("order \(id) is cancelled again without a look")
    }
    guard let order = venue.orders[id], order.status.isWorking else { return }
    let subject = Subject(account: account, contract: order.contract)
    let held = venue.held(subject)
    let informed = informedSize[subject] ?? 0
    guard order.side.sign * held < 0, order.side.sign * informed < 0 else { return }
    if order.type == .market { object("the market exit \(id) is cancelled") }
    guard let closing = closings[subject] else {
      object("the exit \(id) of \(held) is cancelled without a close")
      return
    }
    let isOnItsWay =
      !closing.isAnswered
      || (closing.isAccepted && closing.answeredAt.map { now - $0 < .seconds(10) } ?? false)
    if !isOnItsWay { object("the exit \(id) of \(held) is cancelled; its close is not on its way") }
  }
}
