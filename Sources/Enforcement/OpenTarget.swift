import RiskModel

/// A target that stands, and how far it has come.
struct OpenTarget: Sendable {
  private(set) var target: Target
  let adoptedAs: Ordinal
  private let adoptedMoment: MonotonicInstant
  /// Contracts of which an event has spoken since the adoption.
  private var heard: Set<ContractID> = []
  /// When the gateway read the event that caused the target; until the first requests are sent.
  var causeReadAt: MonotonicInstant?
  /// When the present attempt to reach it began.
  private(set) var firstSight: MonotonicInstant
  private(set) var requests = 0
  /// A pass ends with its first failure, so several refusals of one moment count once.
  private(set) var pass = 1
  private(set) var failedPasses = 0
  var isProven = false
  /// What became of its requests.
  var verification = Verification()
  /// What `noNewExposure` still allows; only ever moves towards zero.
  private(set) var baselines = SortedMap<ContractID, Int64>()
  /// What a one-shot target belongs to; `nil` for a lockout.
  var episode: Episode?
  /// The stops that were seen to meet the goal, and the price that it had then.
  private var stopsAtGoal: (price: Price, orders: Set<OrderID>)?
  /// The enforcer set it for itself, to see a stop off whose target has ended.
  var isTending = false

  init(
    _ target: Target, adoptedAs: Ordinal, causeReadAt: MonotonicInstant?, at now: MonotonicInstant
  ) {
    self.target = target
    self.adoptedAs = adoptedAs
    self.causeReadAt = causeReadAt
    firstSight = now
    adoptedMoment = now
    if case .noNewExposure(let listed) = target.goal {
      for baseline in listed { baselines[baseline.contract] = baseline.signedSize }
    }
    episode = Episode(of: target)
  }

  var stamp: PassStamp { PassStamp(target: target.id, pass: pass) }

  /// Lower is stronger; decides which target a request is attributed to.
  var weakness: Int {
    let goal =
      switch target.goal {
      case .flatAccount: 0
      case .flat: 1
      case .noNewExposure: 2
      case .atMost: 3
      case .cancelled: 4
      case .protected: 5
      }
    return goal * 2 + (target.isLockout ? 0 : 1)
  }

  /// Whether a change may be the very event that caused the target: a target overtakes the event on
  /// its way here, which then must not pass for a new position.
  mutating func isCause(
    _ change: PositionChange, at now: MonotonicInstant, window: TimeSpan
  ) -> Bool {
    guard change.evidence.origin == .event, heard.insert(change.contract).inserted else {
      return false
    }
    return change.after != 0 && now - adoptedMoment <= window
  }

  mutating func requestSent(at now: MonotonicInstant) {
    requests += 1
    verification.requestSent(at: now)
  }

  /// Returns the number of failed passes in a row when this failure ends a pass.
  mutating func failed(_ stamp: PassStamp) -> Int? {
    guard stamp.pass == pass else { return nil }
    pass += 1
    failedPasses += 1
    return failedPasses
  }

  /// The state that was proven does not hold any more.
  mutating func reopen(at now: MonotonicInstant) {
    isProven = false
    firstSight = now
    requests = 0
    pass = 1
    failedPasses = 0
    verification = Verification()
  }

  mutating func proven(at now: MonotonicInstant) -> EnforcementReport {
    isProven = true
    failedPasses = 0
    verification = Verification()
    causeReadAt = nil
    return .proven(target, requests: requests, passes: pass, duration: now - firstSight)
  }

  /// Takes over what the evaluator made of the target, which keeps how far it has come. Of two
  /// baselines the smaller magnitude holds.
  mutating func amend(to amended: Target, at now: MonotonicInstant) {
    let before = target
    target = amended
    guard case .noNewExposure(let listed) = amended.goal else {
      if case .protected = amended.goal, amended.end == before.end, !isProven { return }
      if amended.goal != before.goal || amended.end != before.end {
        episode = amended.end == before.end ? episode : Episode(of: amended)
        reopen(at: now)
      }
      return
    }
    var sent = SortedMap<ContractID, Int64>()
    for baseline in listed { sent[baseline.contract] = baseline.signedSize }
    baselines.updateAll { contract, size in
      size = OpenTarget.narrower(size, sent[contract] ?? 0)
    }
  }

  mutating func moveBaseline(of contract: ContractID, to signedSize: Int64) {
    _ = baselines.update(contract) { $0 = OpenTarget.narrower($0, signedSize) }
  }

  private static func narrower(_ baseline: Int64, _ signedSize: Int64) -> Int64 {
    guard baseline * signedSize > 0 else { return 0 }
    return abs(signedSize) < abs(baseline) ? signedSize : baseline
  }

  /// Whether what happens in the contract, or to the order, bears on the target.
  func concerns(_ contract: ContractID, order: OrderID? = nil) -> Bool {
    switch target.goal {
    case .flatAccount, .noNewExposure: true
    case .flat(let named), .atMost(let named, _), .protected(let named, _): named == contract
    case .cancelled(let named): named == order
    }
  }

  /// The largest size that the target allows in a contract that now holds `signedSize`; `nil` is
  /// any.
  func ceiling(of contract: ContractID, holding signedSize: Int64) -> Int64? {
    switch target.goal {
    case .flatAccount, .flat, .atMost:
      guard episode?.isOver != true, episode?.isFlat(contract) != true else { return nil }
    case .noNewExposure, .cancelled, .protected:
      break
    }
    switch target.goal {
    case .flatAccount: return 0
    case .flat(let named): return named == contract ? 0 : nil
    case .atMost(let named, let size): return named == contract ? size : nil
    case .noNewExposure:
      let baseline = baselines[contract] ?? 0
      return baseline * signedSize > 0 ? abs(baseline) : 0
    case .cancelled, .protected: return nil
    }
  }
}

extension OpenTarget {
  /// Whether a size beyond a baseline may be from before the target. The baseline is what was held at
  /// the adoption; what is known here may be older, because a target overtakes the events that the
  /// evaluator had seen when it made it.
  func mayBeOutdated(
    _ contract: ContractID, holding signedSize: Int64, seenAt: Ordinal
  ) -> Bool {
    guard case .noNewExposure = target.goal, seenAt < adoptedAs,
      let ceiling = ceiling(of: contract, holding: signedSize)
    else { return false }
    return abs(signedSize) > ceiling
  }
}

// Protective stops.
extension OpenTarget {
  /// Whether the order is a stop that riskd placed in the contract that the target protects.
  func owns(_ order: Order) -> Bool {
    guard case .protected(let contract, let stop) = target.goal else { return false }
    return order.contract == contract && order.side == stop.side && order.stopTag != nil
  }

  /// Whether the target looks after a stop that riskd placed.
  func tends(_ order: Order) -> Bool {
    owns(order) || (isTending && target.goal == .cancelled(order.id))
  }

  /// Whether one of these stops was seen at the goal's price or a tighter one. When the trader
  /// loosens it after that, it is left alone until the goal is tightened.
  func hasBeenMet(byOneOf stops: [Order]) -> Bool {
    guard case .protected(_, let stop) = target.goal, let met = stopsAtGoal,
      met.price == stop.price
    else { return false }
    return stops.contains { met.orders.contains($0.id) }
  }

  /// `orders` are all that work.
  mutating func noteStops(among orders: [Order]) {
    guard case .protected(let contract, let stop) = target.goal else { return }
    let stops = orders.filter { $0.protects(contract, side: stop.side) }
    var met = Set(stops.filter(stop.isMet).map(\.id))
    if let before = stopsAtGoal, before.price == stop.price {
      met.formUnion(before.orders.intersection(stops.map(\.id)))
    }
    stopsAtGoal = (stop.price, met)
  }
}
