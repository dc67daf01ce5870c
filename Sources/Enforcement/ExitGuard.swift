import RiskModel

/// Sees to it that the closing requests of one contract never overlap: two of them would together
/// sell more than is held.
struct ExitGuard: Sendable {
  enum Change: Equatable, Sendable {
    case close
    case reduce(by: Int64)
  }

  struct Exit: Equatable, Sendable {
    var request: RequestID
    var change: Change
    var sizeBefore: Int64
    var sentAs: Ordinal
    var sentAt: MonotonicInstant
    var stamps: [PassStamp]
  }

  struct Answer: Equatable, Sendable {
    /// The venue took it on; otherwise nobody knows.
    var isCertain: Bool
    var ordinal: Ordinal
    var moment: MonotonicInstant
    var askedAt: Instant
  }

  private enum State: Equatable, Sendable {
    /// Can transition to: inFlight.
    case idle
    /// Can transition to: idle (refused, gone), awaiting (accepted, pending, unknown).
    case inFlight(Exit)
    /// Can transition to: idle (its order ended, or a look showed that it is over).
    case awaiting(Exit, Answer)
  }

  private var state = State.idle
  /// Untagged market orders on the closing side that ended while our request was unanswered.
  private var endedEarly: [Order] = []
  /// What is known by older evidence may be from before the last request took effect.
  private(set) var evidenceNeededSince: Ordinal = -1
  private(set) var retryAt: MonotonicInstant?
  private(set) var failures = 0
  private var goneInARow = 0
  /// When the last request that may have had an effect was handed to the venue.
  private var lastAskedAt: Instant?
  /// The last place where a request of ours was certainly carried out.
  private(set) var actedAs: Ordinal = -1
  private(set) var hasReduced = false

  /// Where an order was last seen to fill that took something off the position, whoever sent it.
  private(set) var exitFilled: (ordinal: Ordinal, moment: MonotonicInstant)?

  private static let endedEarlyLimit = 8

  var isIdle: Bool { state == .idle }

  var isInFlight: Bool {
    if case .inFlight = state { true } else { false }
  }

  /// The exit that is under way or whose outcome is not known.
  var exit: Exit? {
    switch state {
    case .idle: nil
    case .inFlight(let exit), .awaiting(let exit, _): exit
    }
  }

  /// Whether a market order may be the one that our last request made. Its side does not tell: the
  /// venue closes what it holds when it reads the request, and that may have turned by then.
  func mayBeOurs(_ order: Order) -> Bool {
    guard let lastAskedAt else { return false }
    return order.type == .market && order.customTag == nil && order.createdAt >= lastAskedAt
  }

  /// The venue has said that it closes the contract.
  var isCloseSigned: Bool {
    if case .awaiting(let exit, let answer) = state {
      exit.change == .close && answer.isCertain
    } else {
      false
    }
  }

  func mayAct(on sight: PositionSight, at now: MonotonicInstant) -> Bool {
    isIdle && sight.evidence.ordinal >= evidenceNeededSince && (retryAt.map { now >= $0 } ?? true)
  }

  /// Until when the size that is known may be from before an exit that has filled since. The venue
  /// speaks of the order before it speaks of the position.
  func isOutdated(_ sight: PositionSight, _ limits: EnforcementLimits) -> MonotonicInstant? {
    guard let exitFilled, sight.evidence.ordinal < exitFilled.ordinal else { return nil }
    return exitFilled.moment + limits.confirmation
  }

  mutating func exitFilled(at ordinal: Ordinal, _ now: MonotonicInstant) {
    exitFilled = (ordinal, now)
  }

  /// When a look would settle what is awaited.
  func settlesAt(_ limits: EnforcementLimits) -> MonotonicInstant? {
    guard case .awaiting(let exit, let answer) = state else { return nil }
    return (answer.isCertain ? answer.moment : exit.sentAt) + limits.confirmation
  }

  mutating func sent(_ exit: Exit) {
    guard isIdle else {
      preconditionFailure("Invariant: one closing request at a time, \(state) when sending \(exit)")
    }
    state = .inFlight(exit)
    endedEarly = []
    if case .reduce = exit.change { hasReduced = true }
  }

  mutating func answered(
    _ outcome: EnforcedStep.Result, askedAt: Instant, working: [Order], ordinal: Ordinal,
    at now: MonotonicInstant, limits: EnforcementLimits
  ) -> GuardVerdict {
    guard case .inFlight(let exit) = state else {
      preconditionFailure("Invariant: an answer belongs to a closing request in flight")
    }
    switch outcome {
    case .accepted, .unknown:
      let isCertain = outcome == .accepted
      lastAskedAt = askedAt
      state = .awaiting(
        exit, Answer(isCertain: isCertain, ordinal: ordinal, moment: now, askedAt: askedAt))
      if isCertain {
        actedAs = ordinal
        goneInARow = 0
      }
      let ended = endedEarly
      endedEarly = []
      for order in ended {
        let verdict = orderEnded(
          order, working: working, ordinal: ordinal, at: now, limits: limits)
        if verdict != .nothing { return verdict }
      }
      return .nothing
    case .gone:
      state = .idle
      evidenceNeededSince = ordinal
      goneInARow += 1
      retryAt = now + limits.retryPause(afterFailures: goneInARow - 1)
      return goneInARow > 1
        ? .failed(exit.stamps, problem: "a position is shown that the venue does not close") : .done
    case .refused(let refusal):
      state = .idle
      failures += 1
      if refusal == .invalidSize { evidenceNeededSince = ordinal }
      retryAt =
        now
        + (refusal.waitsForTheMarket
          ? limits.marketClosedPause : limits.retryPause(afterFailures: failures))
      return .failed(exit.stamps, problem: refusal.rawValue)
    }
  }

  /// An order of the contract ended. The order that a close makes carries no tag and its id is not
  /// in the answer (observed live), so it is known by its kind, side and moment. After an unknown
  /// outcome such an order proves nothing: it may be the trader's own, and ours may come yet. Nor
  /// does it while another one of the kind is among the `working` orders of the contract.
  mutating func orderEnded(
    _ order: Order, working: [Order], ordinal: Ordinal, at now: MonotonicInstant,
    limits: EnforcementLimits
  ) -> GuardVerdict {
    guard let exit, order.isMarketExit(ofPosition: exit.sizeBefore) else { return .nothing }
    guard case .awaiting(_, let answer) = state else {
      if endedEarly.count < ExitGuard.endedEarlyLimit { endedEarly.append(order) }
      return .nothing
    }
    guard answer.isCertain else { return .nothing }
    if case .reduce(let size) = exit.change, order.size != size { return .nothing }
    guard mayBeOurs(order), !working.contains(where: mayBeOurs) else { return .nothing }
    release(at: ordinal)
    guard order.status == .filled || order.filledSize > 0 else {
      failures += 1
      retryAt = now + limits.retryPause(afterFailures: failures)
      return .failed(exit.stamps, problem: "the closing order ended unfilled")
    }
    actedAs = ordinal
    succeed()
    return .done
  }

  /// Our own reads, the orders before the positions, show the contract.
  mutating func look(
    _ look: Look, signedSize: Int64, working: [Order], at now: MonotonicInstant,
    limits: EnforcementLimits
  ) -> GuardVerdict {
    guard case .awaiting(let exit, let answer) = state, look.ordersOrdinal >= answer.ordinal,
      !working.contains(where: { $0.isMarketExit(ofPosition: exit.sizeBefore) || mayBeOurs($0) }),
      let settlesAt = settlesAt(limits)
    else { return .nothing }
    let hadEffect =
      switch exit.change {
      case .close: signedSize * exit.sizeBefore <= 0
      case .reduce(let size):
        signedSize * exit.sizeBefore <= 0 || abs(signedSize) <= abs(exit.sizeBefore) - size
      }
    let isSettled = look.ordersMoment >= settlesAt
    guard isSettled || (answer.isCertain && hadEffect) else { return .nothing }
    release(at: look.ordersOrdinal)
    guard hadEffect else {
      failures += 1
      retryAt = now + limits.retryPause(afterFailures: failures - 1)
      return .failed(exit.stamps, problem: "the position is still there after the close")
    }
    actedAs = look.ordersOrdinal
    succeed()
    return .done
  }

  /// Our own read shows the position, but the orders cannot be read. A close may go out after one
  /// read, so after a while it is over; a reduction keeps waiting for the orders.
  mutating func lookAtPosition(
    _ signedSize: Int64, evidence: Evidence, at now: MonotonicInstant, limits: EnforcementLimits
  ) -> GuardVerdict {
    guard case .awaiting(let exit, let answer) = state, exit.change == .close,
      evidence.ordinal >= answer.ordinal,
      evidence.moment - exit.sentAt >= limits.ordersPatience
    else { return .nothing }
    release(at: evidence.ordinal)
    guard signedSize * exit.sizeBefore > 0 else {
      succeed()
      return .done
    }
    failures += 1
    retryAt = now + limits.retryPause(afterFailures: failures - 1)
    return .failed(exit.stamps, problem: "the position is still there after the close")
  }

  /// The contract was seen flat: whatever failed before is of no interest to a new position.
  mutating func sawFlat() {
    succeed()
  }

  private mutating func release(at ordinal: Ordinal) {
    state = .idle
    evidenceNeededSince = ordinal
  }

  private mutating func succeed() {
    failures = 0
    goneInARow = 0
    retryAt = nil
  }
}
