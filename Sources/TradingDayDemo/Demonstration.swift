import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue
import Supervision

/// The demonstration: a simulated venue in this process, riskd as a child, a trading day between
/// them, and a narrator beside it.
package final class Demonstration {
  enum State {
    /// Can transition to: .settling, .ending
    case starting(since: MonotonicInstant)
    /// Can transition to: .playing, .ending
    case settling
    /// Can transition to: .staying, .ending
    case playing
    /// Can transition to: .ending
    case staying(DemoOutcome)
    case ending(DemoOutcome)
  }

  let options: DemoOptions
  let reactor: Reactor
  let venue: SimulatedVenueServer
  let day: TradingDay
  let riskd: RiskdProcess
  let root: DemoRoot
  let write: (String) -> Bool
  let style: StoryStyle

  var state: State
  var narrator: Narrator
  var timeline = Timeline()
  /// The act that is under way.
  var act = 0
  var stepsLeft = 0
  var actDeadline: MonotonicInstant?
  var traderOrders: Set<OrderID> = []
  /// What went wrong beyond what the verdict sees.
  var troubles: [String] = []
  var lastHappening = 0
  var lastRequest = 0
  var evaluator = EvaluatorWatch()
  private var signals: SignalSource?

  init(
    _ options: DemoOptions, reactor: Reactor, venue: SimulatedVenueServer, day: TradingDay,
    root: DemoRoot, write: @escaping (String) -> Bool
  ) throws(DemoError) {
    self.options = options
    self.reactor = reactor
    self.venue = venue
    self.day = day
    self.root = root
    self.write = write
    let now = reactor.clock.monotonicNow()
    style = StoryStyle(beginning: now, hasColours: options.hasColours)
    state = .starting(since: now)
    narrator = Narrator(mainAccount: venue.configuration.accounts.first?.account.id)
    venue.run(day.preparation)
    riskd = try RiskdProcess(
      executable: options.riskd, root: root,
      variables: [
        "RISKD_VENUE_BASE_URL": venue.baseURL, "RISKD_USER_HUB_URL": venue.userHubURL,
        "RISKD_MARKET_HUB_URL": venue.marketHubURL,
      ], on: reactor)
  }

  func run(_ pending: PendingSignals) -> DemoOutcome {
    pending.handler = { [unowned self] number in self.interrupted(by: number) }
    riskd.onLine = { [unowned self] line in self.heard(line) }
    riskd.onGone = { [unowned self] in self.riskdIsGone() }
    say(DemoText.title)
    tell(.riskd, "starts (pid \(riskd.pid)) against \(venue.baseURL)")
    watch()
    lookForProtection()
    if !options.stays {
      reactor.schedule(after: options.timeLimit) { [weak self] in self?.timeIsUp() }
    }
    reactor.run()
    pending.source?.close()
    if riskd.isRunning { riskd.kill() }
    for line in timeline.takeAll() { say(style.text(line)) }
    root.remove()
    if riskd.isGone { say("\nStopped: riskd and its workers are gone, and so is \(root.path).\n") }
    guard case .ending(let outcome) = state else {
      preconditionFailure("Invariant: the loop ends when the demonstration does")
    }
    return outcome
  }
}
