import Dispatch
import Glibc
import RiskModel
import RiskRules
import Synchronization
import Testing

@testable import Enforcement

/// Everything that can happen in a small world, with faults at any moment.
///
/// `SMALL_WORLD_DEPARTURES` is how many more departures from the usual course of things a history may
/// have; `scripts/prove --only states` runs with one more.
@Suite struct SmallWorldTests {
  typealias Setting = SmallWorld.Setting

  private static let extraDepartures =
    getenv("SMALL_WORLD_DEPARTURES").flatMap { Int(String(cString: $0)) } ?? 0

  private static let lock = RiskConfiguration(
    dailyRealizedLoss: .init(lossLimit: Money(dollars: 500)), staleThreshold: .seconds(86_400))
  private static let total = RiskConfiguration(
    maxContracts: .init(limit: 2), staleThreshold: .seconds(86_400))
  private static let reduce = RiskConfiguration(
    maxContractsPerInstrument: .init(
      limits: [SymbolRoot("MNQ"): 1], unknownSymbol: .allowUnlimited),
    staleThreshold: .seconds(86_400))
  private static let pause = RiskConfiguration(
    cooldownAfterLoss: .init(steps: [.init(loss: Money(dollars: 500), cooldown: .seconds(3_600))]),
    staleThreshold: .seconds(86_400))
  private static let block = RiskConfiguration(
    symbolBlocks: .init(blocked: [SymbolRoot("MNQ")]), staleThreshold: .seconds(86_400))
  private static let withoutStops: Set<SmallWorld.Fault> = [.lostReply, .lateFill, .restart]

  static let locked = Setting(rules: lock, held: [mnq: 2], hasStops: true, breach: .loss)
  static let lockedShort = Setting(
    rules: lock, held: [mnq: -2], hasStops: true, breach: .loss, departures: 1)
  static let lockedTwice = Setting(
    rules: lock, held: [mnq: 2, mes: -1], breach: .loss, faults: withoutStops, departures: 1)
  static let reentry = Setting(
    rules: lock, held: [mnq: 1], breach: .loss, moves: [.buy(mnq, 1)], movesWhenFlat: true,
    departures: 1)
  static let leaving = Setting(
    rules: lock, held: [mnq: 2, mes: -1], breach: .lossWhileLeaving(mnq, 2))
  static let leavingShort = Setting(
    rules: lock, held: [mnq: -2], breach: .lossWhileLeaving(mnq, -2))
  static let closedOnce = Setting(
    rules: total, held: [mnq: 2], breach: .buys(mes, 1), moves: [.buy(mnq, 1)],
    movesWhenFlat: true, faults: withoutStops, departures: 1)
  static let closedInPart = Setting(
    rules: total, held: [mnq: -1], breach: .buys(mes, 2), moves: [.buy(mes, 1)],
    movesWhenContractIsFlat: true, faults: withoutStops, departures: 1)
  static let reduced = Setting(
    rules: reduce, held: [mnq: 1], breach: .buys(mnq, 1), leaves: [mnq: 1])
  static let reducedShort = Setting(
    rules: reduce, held: [mnq: -1], breach: .buys(mnq, -1), leaves: [mnq: 1])
  static let paused = Setting(
    rules: pause, held: [mnq: 1], hasStops: true, breach: .loss, moves: [.buy(mnq, 1)],
    leaves: [mnq: 1])
  static let barred = Setting(
    rules: pause, held: [:], breach: .loss, moves: [.enter(mnq, -1)],
    faults: [.lostReply, .restart, .doubleDeath], leaves: [mnq: 0])
  static let blocked = Setting(
    rules: block, held: [mes: 1], breach: .buys(mnq, 2), leaves: [mnq: 0, mes: 1])

  private static let worlds: [(name: String, setting: Setting)] = [
    ("a lock on a position with a stop", locked), ("a lock on a short position", lockedShort),
    ("a lock on two contracts", lockedTwice), ("a lock and a re-entry", reentry),
    ("a lock and the trader's own exit", leaving), ("the same on a short position", leavingShort),
    ("everything closed once, then a permitted position", closedOnce),
    ("everything closed once, one contract later than the other", closedInPart),
    ("a reduction", reduced), ("a reduction of a short position", reducedShort),
    ("a pause in which more is bought", paused),
    ("a pause in which a position comes with a stop", barred), ("a blocked contract", blocked),
  ]

  @Test func `every state of the small world is right`() {
    let found = Mutex<[String: Exploration]>([:])
    // Worlds share nothing.
    DispatchQueue.concurrentPerform(iterations: Self.worlds.count) { index in
      var (name, setting) = Self.worlds[index]
      setting.departures += Self.extraDepartures
      let exploration = Exploration(setting)
      found.withLock { $0[name] = exploration }
    }
    let explorations = found.withLock { $0 }
    for (name, setting) in Self.worlds {
      guard let exploration = explorations[name] else {
        Issue.record("\(name) is not explored")
        continue
      }
      print(
        "states: \(name): \(exploration.states), \(exploration.ends) ends, "
          + "depth \(exploration.depth), \(setting.departures + Self.extraDepartures) departures")
      #expect(
        exploration.violation == nil, "\(name): \(exploration.path.joined(separator: ", "))")
      #expect(exploration.isComplete, "\(name)")
      #expect(exploration.ends > 0, "\(name)")
    }
    print("states: \(explorations.values.reduce(0) { $0 + $1.states }) in all")
  }

  /// Which world misses which guard, and what is then found.
  @Test(arguments: [
    (SmallWorld.Guard.closingOrders, leaving, 2, "takes"),
    (.closingOrders, leavingShort, 1, "takes"),
    (.proofOfFlat, closedOnce, 1, "is said to be proven"),
    (.lockFirst, locked, 0, "before what asks for it is recorded"),
    (.settledReductions, reduced, 3, "below 1"),
    (.episodeEnd, closedOnce, 1, "although it was told to be flat"),
    (.episodesHandedOver, closedInPart, 2, "although it was told to be flat"),
    (.judgedOrders, barred, 2, "is cancelled without a close"),
  ])
  func `a guard that is taken away is missed`(
    missing: SmallWorld.Guard, setting: Setting, departures: Int, found: String
  ) {
    var setting = setting
    setting.missing = missing
    setting.departures = departures
    let exploration = Exploration(setting)
    print("without \(missing): \(exploration.violation ?? "nothing"), \(exploration.states) states")
    #expect(exploration.violation?.contains(found) == true)
  }
}
