import RiskModel
import RiskRules

@testable import Enforcement

/// The engine, the enforcement controller and a venue so small that everything that can happen to them
/// can be tried: two contracts, sizes up to two, one trader, and as many departures from the usual
/// course of things as a setting allows: a fault, or something that comes before its turn.
///
/// A step is one thing that happens; what may happen next is `steps`. Engine and controller are a
/// function of what they were told and in which order, and so is the venue: the two histories are the
/// state's name, whatever else happened in between.
struct SmallWorld {
  /// What may go wrong.
  enum Fault: Hashable {
    /// The venue acts and the answer is lost.
    case lostReply
    /// A market order fills only when time has passed.
    case lateFill
    /// A stop that was left at the venue trades on a flat contract.
    case survivingStop
    /// The enforcer dies after it has sent something.
    case restart
    /// Gateway and evaluator die together: the news on its way is lost, and the evaluator goes on
    /// with what it remembers until the gateway has read the account.
    case doubleDeath
  }

  /// What holds riskd back, and is taken away from this world alone.
  enum Guard: CaseIterable {
    case closingOrders
    case proofOfFlat
    /// The evaluator's, whose part this world plays: nothing is taken out of riskd for it, it shows
    /// only that the world's auditor can object.
    case lockFirst
    case settledReductions
    case episodeEnd
    case episodesHandedOver
    case judgedOrders

    /// What is taken out of the controller.
    var safeguard: Safeguards {
      switch self {
      case .closingOrders: .closingOrders
      case .proofOfFlat: .proofOfFlat
      case .lockFirst: []
      case .settledReductions: .settledReductions
      case .episodeEnd: .episodeEnd
      case .episodesHandedOver: .episodesHandedOver
      case .judgedOrders: .judgedOrders
      }
    }
  }

  enum TraderMove: Equatable {
    case buy(ContractID, Int64)
    /// The position comes with a stop for all of it.
    case enter(ContractID, Int64)

    var contract: ContractID {
      switch self {
      case .buy(let contract, _), .enter(let contract, _): contract
      }
    }
  }

  struct Setting {
    var rules: RiskConfiguration
    var held: [ContractID: Int64]
    /// A stop for everything that is held.
    var hasStops = false
    /// What breaks the rule.
    var breach: Breach
    /// The trader's moves behind it, each at any moment at which it is possible.
    var moves: [TraderMove] = []
    /// The first move waits until the trader sees the account flat, or its contract alone.
    var movesWhenFlat = false
    var movesWhenContractIsFlat = false
    var faults: Set<Fault> = [.lostReply, .lateFill, .survivingStop, .restart]
    /// What the rule leaves of a contract while it stands.
    var leaves: [ContractID: Int64] = [:]
    /// So many faults, or times that something comes before its turn, in one history.
    var departures = 2
    var missing: Guard?

    var waitsToMove: Bool { movesWhenFlat || movesWhenContractIsFlat }
  }

  enum Breach {
    case loss
    /// The trader's own exit is under way.
    case lossWhileLeaving(ContractID, Int64)
    case buys(ContractID, Int64)
  }

  enum Step: Hashable {
    case arrive(Int64)
    case arriveAndLose(Int64)
    case reply(Int64)
    case fill(OrderID)
    case delay(OrderID)
    case hear
    case trade
    case trigger(OrderID)
    case restart
    case doubleDeath
    /// The gateway that has started reads the account.
    case read
    case time
  }

  struct Sent {
    var life: Int
    var id: RequestID
    var request: EnforcementRequest
    var deadline: MonotonicInstant
    var sentAt: Instant
  }

  struct Reply {
    var sent: Sent
    var outcome: RequestOutcome
    /// An answer that is lost is given up at its deadline.
    var isLost = false
  }

  static let start = Instant(secondsSinceEpoch: 1_795_017_600)
  static let horizon = TimeSpan.seconds(90)
  /// A market order fills within this time, or is not late but stuck.
  static let longestFill = TimeSpan.milliseconds(1_500)

  let setting: Setting
  var engine = RiskEngine()
  var controller: EnforcementController
  var venue = SmallVenue()
  var now = MonotonicInstant(nanos: 0)
  var departures = 0
  /// The gateway has started and not read the account.
  var isUnread = false
  var wakeAt: MonotonicInstant?
  var life = 1
  var lastSent: Int64 = 0
  var travelling: [Int64: Sent] = [:]
  var replies: [Int64: Reply] = [:]
  var stream: [VenueEvent] = []
  var late: Set<OrderID> = []
  var moves: [TraderMove]
  /// Targets that outlive whatever dies now.
  var durable: Set<TargetID> = []
  /// Contracts that the controller was told are flat, by one-shot target.
  var flatTold: [TargetID: Set<ContractID>] = [:]
  /// A close of the contract was on its way to the venue when the trader opened a position in it.
  var wasClosingAtOpening = false
  var proofs = 0
  var alarms = 0
  /// The steps and requests that led here.
  var path: [String] = []
  var violations: [String] = []
  var begunAt = MonotonicInstant(nanos: 0)
  /// What engine and controller were told, and what happened at the venue.
  var told = 0
  var happened = 0

  var civil: Instant { SmallWorld.start + (now - MonotonicInstant(nanos: 0)) }

  struct Name: Hashable {
    var told: Int
    var happened: Int
    var departures: Int
  }

  var name: Name { Name(told: told, happened: happened, departures: departures) }

  init(_ setting: Setting) {
    self.setting = setting
    moves = setting.moves
    controller = SmallWorld.controller(without: setting.missing, civilTime: SmallWorld.start, now)
    decide(.configuration([account: setting.rules]))
    decide(.tick(venueTime: civil))
    connect()
    for (contract, size) in setting.held.sorted(by: { $0.key < $1.key }) {
      stream += venue.move(contract, by: size, at: civil)
      if setting.hasStops { stream += venue.protect(contract, at: civil) }
    }
    settle(.seconds(6))
    begunAt = now
    departures = setting.departures
    switch setting.breach {
    case .loss: stream.append(.trade(loss))
    case .lossWhileLeaving(let contract, let size):
      stream += venue.place(.market, contract, size > 0 ? .sell : .buy, abs(size), at: civil)
      stream.append(.trade(loss))
    case .buys(let contract, let size): stream += venue.move(contract, by: size, at: civil)
    }
  }

  private var loss: Trade {
    Trade(
      id: TradeID(1), account: account, contract: mnq, executedAt: civil,
      price: Price(points: 20_000), profit: Money(dollars: -600), fees: .zero, side: .sell, size: 1,
      order: OrderID(1))
  }

  /// Lets everything that can happen without a choice happen, for a while.
  private mutating func settle(_ span: TimeSpan) {
    let end = now + span
    while now < end {
      guard let step = steps.first else { return }
      perform(step)
    }
  }

  static func controller(
    without missing: Guard?, civilTime: Instant, _ now: MonotonicInstant
  ) -> EnforcementController {
    var controller = EnforcementController(civilTime: civilTime, at: now)
    if let missing { controller.safeguards.subtract(missing.safeguard) }
    return controller
  }

  private func may(_ fault: Fault) -> Bool { setting.faults.contains(fault) }

  /// What comes next when nobody interferes: news before answers, answers before requests.
  var orderly: [Step] {
    var steps: [Step] = stream.isEmpty ? [] : [.hear]
    steps += replies.keys.sorted().filter { replies[$0]?.isLost == false }.map { .reply($0) }
    steps += travelling.keys.sorted().map { .arrive($0) }
    steps += venue.filling.filter { !late.contains($0) }.map { .fill($0) }
    if isUnread, stream.isEmpty { steps.append(.read) }
    return steps
  }

  /// What may happen now. The first is free, everything else departs from the usual; time passes
  /// only when nothing else has to happen first.
  var steps: [Step] {
    let orderly = orderly
    var steps: [Step] = departures > 0 ? orderly : Array(orderly.prefix(1))
    if orderly.isEmpty {
      // What is at rest stays so until the trader moves.
      steps = isAtRest && mayTrade ? [] : [.time] + venue.filling.map { .fill($0) }
    }
    if mayTrade { steps.append(.trade) }
    guard departures > 0 else { return steps }
    if may(.lostReply) {
      steps += travelling.keys.sorted().filter {
        travelling[$0]?.request.changesTheVenue == true
      }.map { .arriveAndLose($0) }
    }
    if may(.lateFill) {
      steps += venue.filling.filter { !late.contains($0) }.map { .delay($0) }
    }
    if may(.survivingStop) { steps += venue.nakedStops.map { .trigger($0) } }
    if may(.restart),
      !travelling.isEmpty || replies.values.contains(where: { $0.sent.life == life })
    {
      steps.append(.restart)
    }
    if may(.doubleDeath), !stream.isEmpty, !isUnread, !standing.isEmpty {
      steps.append(.doubleDeath)
    }
    return steps
  }

  private var mayTrade: Bool {
    guard !moves.isEmpty, begunAt.nanos > 0 else { return false }
    let contract = moves[0].contract
    if setting.movesWhenContractIsFlat {
      return venue.held(contract) == 0 && !venue.isClosing(contract)
    }
    return !setting.movesWhenFlat || (venue.isFlat && venue.filling.isEmpty)
  }

  /// Nothing is under way and everything is proven to be as the targets say.
  var isAtRest: Bool {
    orderly.isEmpty && late.isEmpty && replies.isEmpty
      && engine.state.targets.values.allSatisfy { controller.isProven($0.target.id) }
  }

  var isOver: Bool { isAtRest && moves.isEmpty }

  mutating func note(_ what: some Hashable, riskd: Bool, venue isVenue: Bool) {
    var hasher = Hasher()
    hasher.combine(what)
    let mark = hasher.finalize()
    if riskd { told = SmallWorld.chained(told, mark) }
    if isVenue { happened = SmallWorld.chained(happened, mark) }
  }

  private static func chained(_ before: Int, _ mark: Int) -> Int {
    var hasher = Hasher()
    hasher.combine(before)
    hasher.combine(mark)
    return hasher.finalize()
  }
}

extension EnforcementController {
  func isProven(_ id: TargetID) -> Bool { targets[id]?.isProven ?? false }
}
