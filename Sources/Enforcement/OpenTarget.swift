import RiskModel

/// A target that stands, and how far it has come.
struct OpenTarget: Sendable {
  let target: Target
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
  /// What `noNewExposure` still allows; only ever moves towards zero.
  private(set) var baselines = SortedMap<ContractID, Int64>()
  /// What a one-shot target belongs to; `nil` for a lockout.
  var episode: Episode?

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
    if target.end == .episode {
      switch target.goal {
      case .flatAccount: episode = Episode(contract: nil)
      case .flat(let contract), .atMost(let contract, _): episode = Episode(contract: contract)
      case .noNewExposure, .cancelled: break
      }
    }
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

  mutating func requestSent() { requests += 1 }

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
  }

  mutating func proven(at now: MonotonicInstant) -> EnforcementReport {
    isProven = true
    failedPasses = 0
    causeReadAt = nil
    return .proven(target, requests: requests, passes: pass, duration: now - firstSight)
  }

  /// Takes over baselines that the evaluator sent again: the smaller magnitude holds.
  mutating func narrow(to goal: Goal) {
    guard case .noNewExposure(let listed) = goal else { return }
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
    case .flat(let named), .atMost(let named, _): named == contract
    case .cancelled(let named): named == order
    }
  }

  /// The largest size that the target allows in a contract that now holds `signedSize`; `nil` is
  /// any.
  func ceiling(of contract: ContractID, holding signedSize: Int64) -> Int64? {
    switch target.goal {
    case .flatAccount, .flat, .atMost:
      guard episode?.isOver != true, episode?.isFlat(contract) != true else { return nil }
    case .noNewExposure, .cancelled:
      break
    }
    switch target.goal {
    case .flatAccount: return 0
    case .flat(let named): return named == contract ? 0 : nil
    case .atMost(let named, let size): return named == contract ? size : nil
    case .noNewExposure:
      let baseline = baselines[contract] ?? 0
      return baseline * signedSize > 0 ? abs(baseline) : 0
    case .cancelled: return nil
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

/// The life of the positions that a one-shot target is about.
///
/// Once a position was seen flat, the target never closes that contract again: what is there then is
/// a new position, which nothing forbids.
struct Episode: Sendable {
  /// The one contract, or `nil` for all that were held.
  private let contract: ContractID?
  private var anchors = SortedMap<ContractID, PositionRow>()
  /// Where something was seen to be over, and the latest time of the venue that was known then.
  struct Ending: Sendable {
    var ordinal: Ordinal
    var venueTime: Instant
  }

  /// The contracts that were seen flat.
  private(set) var flatAt = SortedMap<ContractID, Ending>()
  /// Orders that worked when their contract was seen flat; they have to go.
  private(set) var leftovers = SortedMap<OrderID, ContractID>()
  private(set) var overAt: Ending?

  /// Precision of the venue's timestamps differs between its surfaces by up to a second.
  private static let timestampPrecision = TimeSpan.seconds(1)

  init(contract: ContractID?) {
    self.contract = contract
  }

  var isOver: Bool { overAt != nil }

  func isFlat(_ contract: ContractID) -> Bool { flatAt.contains(contract) }

  func covers(_ contract: ContractID) -> Bool {
    !isOver && !isFlat(contract) && (self.contract == nil || self.contract == contract)
  }

  /// Whether a position is another one than the target is about.
  func isAnother(_ row: PositionRow, in contract: ContractID) -> Bool {
    guard let anchor = anchors[contract] else { return false }
    if anchor.signedSize * row.signedSize < 0 { return true }
    let hasOtherNumber = anchor.number != 0 && row.number != 0 && anchor.number != row.number
    return hasOtherNumber || row.openedAt - anchor.openedAt >= Episode.timestampPrecision
  }

  /// Whether the target is about a position in this contract that it has seen open.
  func hasAnchor(_ contract: ContractID) -> Bool { anchors.contains(contract) }

  /// The position that the target is about, as it was seen first, or `again`.
  mutating func anchor(_ row: PositionRow, in contract: ContractID, again: Bool = false) {
    guard covers(contract), again || !anchors.contains(contract), row.signedSize != 0 else {
      return
    }
    anchors[contract] = row
  }

  /// The contract was seen flat. `working` are the orders known then, of the whole account.
  mutating func sawFlat(
    _ flat: ContractID, at ordinal: Ordinal, venueTime: Instant, working: [Order]
  ) {
    guard covers(flat), contract == flat || anchors.contains(flat) else { return }
    let ending = Ending(ordinal: ordinal, venueTime: venueTime)
    flatAt[flat] = ending
    keepLeftovers(working.filter { $0.contract == flat })
    if contract == flat || anchors.keys.allSatisfy({ flatAt.contains($0) }) {
      end(at: ending, working: working)
    }
  }

  /// The account was seen without any position although none had been seen before.
  mutating func sawNothing(at ordinal: Ordinal, venueTime: Instant, working: [Order]) {
    guard !isOver, contract == nil, anchors.isEmpty else { return }
    end(at: Ending(ordinal: ordinal, venueTime: venueTime), working: working)
  }

  private mutating func end(at ending: Ending, working: [Order]) {
    overAt = ending
    if contract == nil { keepLeftovers(working) }
  }

  /// Orders that are shown by a read which was sent before the contract was seen flat, and that are
  /// older than what was known by then: the answer may also show what was placed since.
  mutating func readOrders(_ orders: [Order], sentAs ordinal: Ordinal) {
    keepLeftovers(
      orders.filter { order in
        guard let ending = flatAt[order.contract] ?? (contract == nil ? overAt : nil) else {
          return false
        }
        return ordinal < ending.ordinal && order.createdAt <= ending.venueTime
      })
  }

  private mutating func keepLeftovers(_ orders: [Order]) {
    for order in orders { leftovers[order.id] = order.contract }
  }
}
