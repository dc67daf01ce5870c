import RiskModel

/// Sees to it that the stop of one contract is placed once, and changed at most once a second.
///
/// Neither a placement nor a move is repeated before reads show what the one before did.
struct StopGuard: Sendable {
  enum Change: Equatable, Sendable {
    case place(ProtectiveStop)
    case move(OrderID, Price)

    var isPlacement: Bool {
      if case .place = self { true } else { false }
    }
  }

  private enum State: Equatable, Sendable {
    /// Can transition to: inFlight.
    case idle
    /// Can transition to: idle.
    case inFlight(Change)
  }

  private var state = State.idle
  private var target: TargetID?
  /// The number of the next order of `target`. It grows only when the former order is known to be
  /// over or can be no other one: an order whose fate is unknown is asked for by the same tag.
  private var attempt = 1
  /// What was sent last and has shown no effect yet.
  private var last: Change?
  private var wasRefused = false
  private var failures = 0
  private var stamps: [PassStamp] = []
  private(set) var sentAt: MonotonicInstant?
  private var retryAt: MonotonicInstant?
  /// What was read before this place does not show what the last request did.
  private(set) var lookNeededSince: Ordinal = -1
  /// Since when the stops together have covered less than the position.
  private var shortSince: MonotonicInstant?
  /// Since when an order of ours may be there that was not seen yet.
  private(set) var unseenSince: Ordinal?

  var isInFlight: Bool { state != .idle }

  /// Whether an order may come to light that nobody asks for any more.
  var awaitsSight: Bool { isInFlight || unseenSince != nil }

  func tag(for target: TargetID) -> StopTag {
    StopTag(target: target, attempt: target == self.target ? attempt : 1)
  }

  /// The first moment at which the change may be sent; `nil` is at once.
  func mayBeSentAt(_ change: Change, limits: EnforcementLimits) -> MonotonicInstant? {
    let isRepeated = wasRefused || change.isPlacement || change == last
    return [sentAt.map { $0 + limits.stopInterval }, isRepeated ? retryAt : nil]
      .compactMap { $0 }.max()
  }

  /// Whether contracts are without a stop. Those of a bracket come a moment after its position, so
  /// nothing is made larger at once.
  ///
  /// - Returns: The first moment at which the stop may grow.
  mutating func noteCover(
    isShort: Bool, at now: MonotonicInstant, limits: EnforcementLimits
  ) -> MonotonicInstant? {
    shortSince = isShort ? shortSince ?? now : nil
    return shortSince.map { $0 + limits.stopInterval }
  }

  /// Returns the failure of the attempt before, if there was one.
  mutating func sent(
    _ change: Change, for target: TargetID, stamps newStamps: [PassStamp], at now: MonotonicInstant
  ) -> GuardVerdict {
    let isRepeated = last == change && !wasRefused
    let verdict: GuardVerdict =
      isRepeated ? .failed(stamps, problem: "the stop is not where it was sent") : .nothing
    if isRepeated { failures += 1 }
    if target != self.target { begin(target, attempt: 1) }
    state = .inFlight(change)
    last = change
    wasRefused = false
    stamps = newStamps
    sentAt = now
    return verdict
  }

  mutating func answered(
    _ outcome: EnforcedStep.Result, ordinal: Ordinal, at now: MonotonicInstant,
    limits: EnforcementLimits
  ) -> GuardVerdict {
    guard case .inFlight(let change) = state else {
      preconditionFailure("Invariant: an answer belongs to a request in flight")
    }
    state = .idle
    lookNeededSince = ordinal
    switch outcome {
    case .accepted, .unknown, .gone:
      retryAt = now + max(limits.retryPause(afterFailures: failures), limits.confirmation)
      if change.isPlacement {
        unseenSince = ordinal
        if outcome == .accepted { attempt += 1 }
      }
      return .nothing
    case .refused(let refusal):
      failures += 1
      wasRefused = true
      // The venue keeps a refused order, and its tag with it.
      if change.isPlacement, refusal != .notSent { attempt += 1 }
      retryAt =
        now
        + (refusal.waitsForTheMarket
          ? limits.marketClosedPause : limits.retryPause(afterFailures: failures))
      return .failed(stamps, problem: refusal.rawValue)
    }
  }

  /// One of our stops is working.
  mutating func saw(_ tag: StopTag) {
    unseenSince = nil
    if target == nil { begin(tag.target, attempt: 1) }
    if tag.target == target { attempt = max(attempt, tag.attempt + 1) }
  }

  /// Two reads that were sent after the placement agree on the orders of the contract.
  mutating func readsAgree() { unseenSince = nil }

  /// The stop was seen where it has to be.
  mutating func succeeded() {
    guard !isInFlight else { return }
    last = nil
    wasRefused = false
    failures = 0
    retryAt = nil
  }

  private mutating func begin(_ target: TargetID, attempt: Int) {
    self.target = target
    self.attempt = attempt
    failures = 0
    retryAt = nil
  }
}
