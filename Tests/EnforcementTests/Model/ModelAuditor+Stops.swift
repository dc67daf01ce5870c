import RiskModel

@testable import Enforcement

// What may be objected to in the stops that the enforcer places and moves.
extension ModelAuditor {
  struct Placement {
    var answeredAt: MonotonicInstant?
    /// When the reads of the orders were sent that were answered since.
    private var reads: [MonotonicInstant] = []

    mutating func read(at moment: MonotonicInstant) {
      if let answeredAt, moment >= answeredAt { reads.append(moment) }
    }

    /// Two reads far enough apart were sent after the answer.
    var isLookedUp: Bool {
      guard let first = reads.min(), let last = reads.max() else { return false }
      return last - first >= .seconds(2)
    }
  }

  mutating func stopSent(
    _ subject: Subject, _ side: Side, _ size: Int64, targets: [Target], at now: MonotonicInstant
  ) {
    let held = informedSize[subject] ?? 0
    if side.sign * held >= 0 || size <= 0 || size > abs(held) {
      object("a stop \(side) \(size) is placed for \(subject) of \(held)")
    }
    if let placement = placements[subject], !placement.isLookedUp {
      object("a stop for \(subject) is placed again without two looks")
    }
    if !isSettled(subject) { object("a stop for \(subject) is placed before two reads agree") }
    if closings[subject]?.isAnswered == false {
      object("a stop for \(subject) is placed while it is being closed")
    }
    let isFlattened = targets.contains { target in
      guard target.account == subject.account, target.isLockout else { return false }
      return target.goal == .flatAccount || target.goal == .flat(subject.contract)
    }
    if isFlattened { object("a stop for \(subject) is placed under a flatten") }
    let isAskedFor = targets.contains { target in
      guard target.account == subject.account,
        case .protected(subject.contract, let stop) = target.goal
      else { return false }
      return stop.side == side
    }
    if !isAskedFor { object("no target asks for a stop for \(subject)") }
    placements[subject] = Placement()
  }

  /// A stop of the enforcer's may become as large as the position, as far as that is known.
  func mayGrow(_ order: Order, to size: Int64, venue: ModelVenue) -> Bool {
    let subject = Subject(account: order.account, contract: order.contract)
    let held = informedSize[subject] ?? 0
    return venue.owners[order.id] == .enforcer && size > order.size && size <= abs(held)
      && order.side.sign * held < 0 && closings[subject]?.isAnswered != false
  }

  /// The venue takes the stop on.
  mutating func stopPlaced(_ subject: Subject, venue: ModelVenue) {
    if !venue.stopsByEnforcer(subject).isEmpty {
      object("a second stop for \(subject) works at the venue")
    }
  }

  mutating func stopChanged(_ id: OrderID, venue: ModelVenue, at now: MonotonicInstant) {
    guard venue.owners[id] == .enforcer else { return }
    if let changedAt = stopsChangedAt[id], now - changedAt < .seconds(1) {
      object("stop \(id) is changed twice within a second")
    }
    stopsChangedAt[id] = now
  }
}
