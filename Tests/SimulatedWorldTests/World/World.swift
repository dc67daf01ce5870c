import RiskModel
import RiskRules
import RiskTestKit

/// A machine with the three workers, a venue, a trader and everything that can go wrong between
/// them, in one thread and in simulated time. The same seed gives the same world, event by event.
final class World {
  let options: WorldOptions
  let broken: BrokenGuard?
  let clock = WorldClock()
  let agenda: Agenda
  var random: SeededGenerator
  private(set) var hasFaults = true
  private(set) var log: [String] = []
  private let isLogged: Bool
  private(set) var venue: WorldFloor
  private(set) lazy var auditor = Auditor(self)
  private(set) lazy var network = Network(self)
  private(set) lazy var hubs = HubNetwork(self)
  private(set) lazy var machine = Machine(self)
  private lazy var trader = Trader(self)
  private lazy var troubles = Troubles(self)

  init(_ options: WorldOptions, broken: BrokenGuard? = nil, isLogged: Bool = false) {
    self.options = options
    self.broken = broken
    self.isLogged = isLogged
    random = SeededGenerator(seed: options.seed ^ 0x5EED)
    agenda = Agenda(clock)
    venue = WorldFloor(options, clock: clock, agenda: agenda)
    venue.happened = { [unowned self] events in
      for event in events {
        if !event.isQuote { note("venue: \(event.short)") }
        auditor.happened(event)
      }
      hubs.publish(events)
    }
  }

  /// The worlds' verdict: what the auditor objects to, at most a few of it.
  func run() -> [String] {
    note("\(options)")
    machine.start()
    trader.start()
    troubles.start()
    pass(options.troubleLasts)
    note("the trader stops")
    trader.stop()
    pass(options.quietLasts)
    hasFaults = false
    note("the faults stop")
    troubles.stop()
    let bound = clock.elapsed + Auditor.bound
    comeToRest(by: bound)
    // It stays so, whatever still moves with the market.
    pass(.seconds(3))
    comeToRest(by: bound)
    auditor.concludes()
    machine.end()
    return auditor.objections
  }

  private func comeToRest(by bound: TimeSpan) {
    while clock.elapsed < bound, auditor.objections.isEmpty {
      if machine.isWhole, auditor.unmet().isEmpty { return }
      pass(.milliseconds(500))
    }
  }

  private func pass(_ span: TimeSpan) {
    let end = clock.elapsed + span
    while auditor.objections.isEmpty, agenda.step(by: end) {}
    clock.move(to: max(clock.elapsed, end))
  }

  /// Whether a fault occurs that so many of a thousand occasions have.
  func faultOccurs(_ perMille: Int) -> Bool {
    perMille > 0 && hasFaults && random.below(1_000) < perMille
  }

  func span(upTo limit: TimeSpan) -> TimeSpan {
    let microseconds = Int(limit.nanos / 1_000)
    return .microseconds(microseconds > 0 ? Int64(random.below(microseconds + 1)) : 0)
  }

  func span(_ range: ClosedRange<Int>) -> TimeSpan {
    .milliseconds(Int64(range.lowerBound + random.below(range.count)))
  }

  func note(_ text: @autoclosure () -> String) {
    guard isLogged else { return }
    log.append("\(clock.elapsed.nanos / 1_000) \(text())")
  }
}

/// A guard that a world takes out of riskd, or a rule of which the evaluator is not told, to show that
/// the auditor sees it.
enum BrokenGuard: String, CaseIterable {
  /// An exit order at the market is not taken for a close under way.
  case closingOrders
  /// Decisions leave before they are recorded.
  case lockFirst
  /// An account is called flat whatever the venue says.
  case proofOfFlat
  /// A reduction does not wait until two reads agree.
  case agreement
  /// Nobody asks for a recorded lockout to be put on the disk.
  case durability
  /// A one-shot target outlives the positions that it is about.
  case episodeEnd
  /// Which positions a one-shot target is about is not told to an enforcer that starts.
  case episodesHandedOver
  /// An order is cancelled by what was known of the position before there was the order.
  case judgedOrders
  case cooldownRule
  case frequencyRule
  case openLossRule

  /// What the evaluator is told.
  func rules(_ all: [AccountID: RiskConfiguration]) -> [AccountID: RiskConfiguration] {
    all.mapValues { rules in
      var rules = rules
      switch self {
      case .cooldownRule: rules.cooldownAfterLoss = nil
      case .frequencyRule: rules.tradeFrequencyLimit = nil
      case .openLossRule: rules.dailyUnrealizedLoss = nil
      default: break
      }
      return rules
    }
  }
}
