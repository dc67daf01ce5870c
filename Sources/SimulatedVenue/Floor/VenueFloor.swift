import NIOCore
import RiskModel

/// Everything that the simulated venue is, confined to one event loop.
///
/// Whoever changes the exchange calls `settle()` after it: it sends out what happened and sets the
/// timer for what the exchange does next.
final class VenueFloor {
  let configuration: SimulatedVenueConfiguration
  let loop: any EventLoop
  var exchange: SimulatedExchange
  var gateway: GatewayBehaviour
  var hub: HubBehaviour
  var clock: VenueClock
  var faults: FaultPlan
  var sessions: Sessions
  var meter = RequestMeter()
  var barMeter = RequestMeter()
  var requests: RequestLog
  var story: Story
  /// Whether orders and what follows from them are told; traffic would drown the story.
  var tellsExecutions = true
  /// Traffic and scenarios that run now.
  var runs: [any VenueRun] = []
  var isStopped = false
  /// Events of orders, trades, positions and accounts so far, whoever heard them.
  private(set) var userEvents = 0
  lazy var hubs = HubRegistry(floor: self)

  private var timer: Scheduled<Void>?
  private var timerDue: Instant?
  private var connections = 0

  init(_ configuration: SimulatedVenueConfiguration, loop: any EventLoop) {
    self.configuration = configuration
    self.loop = loop
    clock = VenueClock(offset: configuration.clockOffset, pace: configuration.clockPace)
    gateway = configuration.gateway
    hub = configuration.hub
    exchange = SimulatedExchange(
      accounts: configuration.accounts, contracts: configuration.contracts,
      behaviour: configuration.exchange, startingAt: clock.now())
    faults = FaultPlan(seed: configuration.seed)
    sessions = Sessions(seed: configuration.seed &+ 1)
    requests = RequestLog(limit: configuration.requestLogLimit)
    story = Story(limit: configuration.storyLimit)
    for fault in configuration.faults { faults.add(fault) }
  }

  func nextConnection() -> Int {
    connections += 1
    return connections
  }

  func tell(_ matter: Happening.Matter) {
    story.add(matter, at: clock.now())
  }

  /// How exchange, REST interface and hubs act.
  var behaviour: VenueBehaviour {
    get { VenueBehaviour(exchange: exchange.behaviour, gateway: gateway, hub: hub) }
    set {
      exchange.behaviour = newValue.exchange
      gateway = newValue.gateway
      hub = newValue.hub
    }
  }

  /// Moves the venue's time on.
  func shiftClock(by span: TimeSpan) {
    clock.shift(by: span)
    settle()
    hubs.expireTokens()
  }

  /// Brings the exchange to the present, runs `body`, sends out what came of it.
  @discardableResult
  func perform<Value, Failure: Error>(
    _ body: (inout SimulatedExchange) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    exchange.advance(to: clock.now())
    defer { settle() }
    return try body(&exchange)
  }

  func settle() {
    exchange.advance(to: clock.now())
    let events = exchange.takeEvents()
    if !events.isEmpty {
      for event in events { tellEvent(event) }
      hubs.publish(events)
    }
    setTimer()
  }

  /// Quotes are many and say nothing to a listener that the price commands do not say.
  private func tellEvent(_ event: ExchangeEvent) {
    switch event {
    case .quote, .print: break
    case .order, .trade, .position, .account:
      userEvents += 1
      if tellsExecutions { tell(.exchange(event)) }
    }
  }

  private func setTimer() {
    let due = isStopped ? nil : exchange.nextDue
    guard due != timerDue else { return }
    timer?.cancel()
    timerDue = due
    timer = due.map { due in
      schedule(after: clock.realSpan(until: due)) { floor in
        floor.timerDue = nil
        floor.settle()
      }
    }
  }

  /// Runs `body` on the loop after a span of real time, unless the venue is stopped by then.
  @discardableResult
  func schedule(after span: TimeSpan, _ body: @escaping (VenueFloor) -> Void) -> Scheduled<Void> {
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(span.nanos)) { [weak self] in
      guard let self, !self.isStopped else { return }
      body(self)
    }
  }

  func stop() {
    isStopped = true
    timer?.cancel()
    for run in runs { run.stop() }
    runs = []
    hubs.stop()
  }
}

/// Something that goes on by itself until it is done or stopped.
protocol VenueRun: AnyObject {
  func stop()
}
