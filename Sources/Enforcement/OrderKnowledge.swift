import RiskModel

/// What is known of one working order.
struct OrderSight: Equatable, Sendable {
  var order: Order
  var evidence: Evidence
  /// Where the order was first seen.
  var firstSeen: Ordinal
  /// Events or snapshots spoke of it; our own reads alone did not.
  var isTold: Bool
  var firstReadAt: MonotonicInstant?
  /// Where an event spoke of it last.
  var toldAs: Ordinal?

  var wasRead: Bool {
    if case .read = evidence.origin { true } else { false }
  }
}

/// The working orders of one account, as far as they are known.
struct OrderKnowledge: Sendable {
  private(set) var working = SortedMap<OrderID, OrderSight>()
  /// Orders that were seen to end, and where. An order that ended never comes back by an event.
  private var finished: RecentMap<OrderID, Ordinal>
  private(set) var isComplete = false
  /// More orders than are kept.
  private(set) var isOverfull = false
  private let limit: Int
  private let patience: TimeSpan

  init(limit: Int, finishedLimit: Int, patience: TimeSpan) {
    self.limit = limit
    self.patience = patience
    finished = RecentMap(limit: finishedLimit)
  }

  func sights(in contract: ContractID) -> [OrderSight] {
    working.values.filter { $0.order.contract == contract }
  }

  /// Whether the order was seen to end.
  func hasEnded(_ order: OrderID) -> Bool { finished[order] != nil }

  mutating func learn(_ order: Order, evidence: Evidence) {
    guard order.status.isWorking else {
      working[order.id] = nil
      finished.insert(order.id, evidence.ordinal)
      return
    }
    guard finished[order.id] == nil else { return }
    if let known = working[order.id], known.evidence.origin == .event,
      let knownAt = known.order.updatedAt, let updatedAt = order.updatedAt, updatedAt < knownAt
    {
      return
    }
    if let known = working[order.id], known.wasRead, evidence.origin == .event,
      !known.order.isOlder(than: order)
    {
      // The news is no younger than what a read has shown of the order: that stays, with its moment.
      _ = working.update(order.id) { sight in
        sight.isTold = true
        sight.toldAs = evidence.ordinal
      }
      return
    }
    store(order, evidence: evidence)
  }

  /// The venue answered that the order is not working any more.
  mutating func learnGone(_ order: OrderID, evidence: Evidence) {
    if let known = working[order], known.evidence.outlives(evidence) { return }
    working[order] = nil
    finished.insert(order, evidence.learned)
  }

  /// Takes a complete list of working orders. Returns whether it shows, lastingly, an order of
  /// which nobody told us.
  mutating func replace(with orders: [Order], evidence: Evidence) -> Bool {
    isComplete = true
    isOverfull = orders.count > limit
    let listed = orders.prefix(limit).filter(\.status.isWorking)
    let ids = Set(listed.map(\.id))
    working.removeAll { id, sight in !ids.contains(id) && !sight.evidence.outlives(evidence) }
    var isSurprising = false
    for order in listed {
      if let ended = finished[order.id] {
        guard ended <= evidence.ordinal, evidence.wasAsked else { continue }
        finished.remove(order.id)
      }
      if let known = working[order.id], known.evidence.outlives(evidence) { continue }
      store(order, evidence: evidence)
      isSurprising = compare(order.id) || isSurprising
    }
    return isSurprising
  }

  private mutating func store(_ order: Order, evidence: Evidence) {
    let known = working[order.id]
    guard known != nil || working.count < limit else {
      isOverfull = true
      isComplete = false
      return
    }
    working[order.id] = OrderSight(
      order: order, evidence: evidence, firstSeen: known?.firstSeen ?? evidence.ordinal,
      isTold: known?.isTold == true || !evidence.wasAsked,
      firstReadAt: known?.firstReadAt ?? (evidence.wasAsked ? evidence.moment : nil),
      toldAs: evidence.origin == .event ? evidence.ordinal : known?.toldAs)
  }

  private mutating func compare(_ id: OrderID) -> Bool {
    working.update(id) { sight in
      guard !sight.isTold, let since = sight.firstReadAt,
        sight.evidence.moment - since >= patience
      else { return false }
      sight.isTold = true
      return true
    } ?? false
  }
}

extension Order {
  /// Whether `other` tells something of this order that may have come after it.
  fileprivate func isOlder(than other: Order) -> Bool {
    guard self != other else { return false }
    guard let updatedAt, let otherAt = other.updatedAt else { return true }
    return updatedAt <= otherAt
  }
}
