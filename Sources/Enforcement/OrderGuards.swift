import RiskModel

/// Sees to it that the cancel of one order is not repeated before a read shows that the order still
/// works.
struct CancelGuard: Sendable {
  private enum State: Sendable {
    /// Can transition to: inFlight.
    case idle
    /// Can transition to: refused, answered.
    case inFlight
    /// Can transition to: inFlight.
    case refused
    /// Taken on, gone or unknown. Can transition to: inFlight.
    case answered(Ordinal)
  }

  private var state = State.idle
  private var attempts = 0
  private(set) var retryAt: MonotonicInstant?
  private var stamps: [PassStamp] = []

  var isInFlight: Bool {
    if case .inFlight = state { true } else { false }
  }

  func mayCancel(_ sight: OrderSight, at now: MonotonicInstant) -> Bool {
    if let retryAt, now < retryAt { return false }
    switch state {
    case .idle, .refused: return true
    case .inFlight: return false
    case .answered(let ordinal): return sight.wasRead && sight.evidence.ordinal >= ordinal
    }
  }

  /// Returns the failure of the attempt before, if there was one.
  mutating func sent(_ newStamps: [PassStamp]) -> GuardVerdict {
    defer {
      state = .inFlight
      attempts += 1
      stamps = newStamps
    }
    guard case .answered = state else { return .nothing }
    return .failed(stamps, problem: "an order still works after its cancel")
  }

  mutating func answered(
    _ outcome: EnforcedStep.Result, ordinal: Ordinal, at now: MonotonicInstant,
    limits: EnforcementLimits
  ) -> GuardVerdict {
    let pause = limits.retryPause(afterFailures: attempts - 1)
    switch outcome {
    case .refused(let refusal):
      state = .refused
      retryAt =
        now
        + (refusal.waitsForTheMarket
          ? limits.marketClosedPause : limits.retryPause(afterFailures: attempts))
      return .failed(stamps, problem: refusal.rawValue)
    case .accepted:
      state = .answered(ordinal)
      retryAt = now + max(pause, limits.confirmation)
    case .gone, .unknown:
      state = .answered(ordinal)
      retryAt = now + pause
    }
    return .nothing
  }
}

/// Sees to it that the orders of one contract are made smaller, or a stop of riskd's larger, one at a
/// time, each after a look at what the one before did.
struct ShrinkGuard: Sendable {
  private enum State: Sendable {
    /// Can transition to: inFlight.
    case idle
    /// Can transition to: idle.
    case inFlight
  }

  private var state = State.idle
  private var stamps: [PassStamp] = []
  private var last: ExitSurplus.Shrink?
  /// Attempts in a row at making the same order the same size.
  private var attempts = 0
  private var wasRefused = false
  private(set) var sentAt: MonotonicInstant?
  private(set) var retryAt: MonotonicInstant?
  /// What was read before this place does not show what the last request did.
  private var lookNeededSince: Ordinal = -1

  var isInFlight: Bool {
    if case .inFlight = state { true } else { false }
  }

  func mayShrink(_ shrink: ExitSurplus.Shrink, at now: MonotonicInstant, after look: Look) -> Bool {
    guard case .idle = state, look.ordersOrdinal >= lookNeededSince else { return false }
    guard shrink == last, let retryAt else { return true }
    return now >= retryAt
  }

  /// Returns the failure of the attempt before, if there was one.
  mutating func sent(
    _ shrink: ExitSurplus.Shrink, stamps newStamps: [PassStamp], at now: MonotonicInstant
  ) -> GuardVerdict {
    let repeats = last == shrink
    let verdict: GuardVerdict =
      repeats && !wasRefused
      ? .failed(stamps, problem: "an exit order is not of the size that it was given") : .nothing
    attempts = repeats ? attempts + 1 : 1
    state = .inFlight
    last = shrink
    stamps = newStamps
    sentAt = now
    return verdict
  }

  mutating func answered(
    _ outcome: EnforcedStep.Result, ordinal: Ordinal, at now: MonotonicInstant,
    limits: EnforcementLimits
  ) -> GuardVerdict {
    state = .idle
    lookNeededSince = ordinal
    wasRefused = false
    let pause = limits.retryPause(afterFailures: attempts)
    guard case .refused(let refusal) = outcome else {
      retryAt = now + max(pause, limits.confirmation)
      return .nothing
    }
    wasRefused = true
    retryAt = now + (refusal.waitsForTheMarket ? limits.marketClosedPause : pause)
    return .failed(stamps, problem: refusal.rawValue)
  }
}
