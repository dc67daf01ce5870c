package import RiskModel

// What tests and benchmarks do with a running venue.

extension SimulatedVenueServer {
  /// Moves the market; the last price alone takes the book with it.
  package func setPrice(
    _ contract: ContractID, last: Price? = nil, bid: Price? = nil, ask: Price? = nil
  ) throws(SimulatedVenueError) {
    try execute { floor throws(SimulatedVenueError) in
      try floor.setPrice(contract, QuoteChange(last: last, bid: bid, ask: ask))
    }
  }

  /// Adds a fault and returns its number. One whose moment is `now` happens before this returns.
  @discardableResult
  package func addFault(_ fault: Fault) -> Int { onFloor { $0.add(fault) } }

  package func clearFaults() {
    onFloor { $0.faults.clear() }
  }

  /// Changes an account, or opens it when there is none of that id.
  package func changeAccount(_ change: AccountChange) throws(SimulatedVenueError) {
    try execute { floor throws(SimulatedVenueError) in try floor.change(change) }
  }

  package func setLatency(_ span: TimeSpan) {
    onFloor { $0.gateway.replyLatency = span }
  }

  /// Changes how the exchange acts from now on.
  package func setBehaviour(_ change: @escaping @Sendable (inout ExchangeBehaviour) -> Void) {
    onFloor { change(&$0.exchange.behaviour) }
  }

  /// Changes how the REST interface acts from now on.
  package func setGateway(_ change: @escaping @Sendable (inout GatewayBehaviour) -> Void) {
    onFloor { change(&$0.gateway) }
  }

  /// Changes how the hubs act from now on, on open connections too.
  package func setHub(_ change: @escaping @Sendable (inout HubBehaviour) -> Void) {
    onFloor { change(&$0.hub) }
  }

  /// Makes every token that was issued no good.
  package func endTokens() {
    onFloor { $0.sessions.endAll() }
  }

  /// Lets nothing trade in a contract for a while.
  package func pause(_ contract: ContractID, for span: TimeSpan) throws(SimulatedVenueError) {
    try perform { exchange throws(SimulatedVenueError) in
      try exchange.pause(contract, for: span)
    }
  }

  /// Moves the venue's time on: its `Date`, its timestamps, the life of its tokens.
  package func shiftClock(by span: TimeSpan) {
    onFloor { $0.shiftClock(by: span) }
  }

  /// The venue's own time.
  package var time: Instant { onFloor { $0.clock.now() } }

  /// Carries out one command, as a step of a scenario does.
  @discardableResult
  package func execute(_ command: VenueCommand) -> CommandOutcome {
    onFloor { CommandDesk(floor: $0).execute(command) }
  }

  /// Starts a scenario and returns at once.
  package func run(_ scenario: Scenario) {
    onFloor { $0.start(ScenarioRun(scenario, floor: $0)) }
  }

  /// Reads a scenario file and starts it.
  package func run(scenarioFile path: String) throws(SimulatedVenueError) {
    run(try Scenario.read(file: path, for: onFloor { $0.exchange }))
  }

  /// Whether scenarios, price moves or traffic are under way.
  package var isBusy: Bool { onFloor { !$0.runs.isEmpty } }

  /// Sends one-lot market orders of the trader that open and close in turn, as fast as it goes, and
  /// returns the number of events of the user hub that came of them: five for each that is
  /// accepted.
  @discardableResult
  package func emitBurst(orders: Int, account: AccountID, contract: ContractID) -> Int {
    onFloor { floor in
      let before = floor.userEvents
      floor.emit(orders: orders, account, contract)
      return floor.userEvents - before
    }
  }

  /// Moves the last price one tick up and down in turn, as fast as it goes.
  package func emitQuotes(_ count: Int, contract: ContractID) {
    onFloor { $0.emit(quotes: count, contract) }
  }

  /// Starts orders and quotes that come by themselves; `stopTraffic()` ends them.
  package func startTraffic(_ plan: TrafficPlan) {
    onFloor { $0.start(TrafficRun(plan, floor: $0)) }
  }

  /// Ends traffic, price moves and scenarios.
  package func stopTraffic() {
    onFloor { floor in
      for run in floor.runs { run.stop() }
      floor.runs = []
    }
  }

  private func execute<Failure: Error>(
    _ body: @escaping @Sendable (VenueFloor) throws(Failure) -> Void
  ) throws(Failure) {
    let result = onFloor { floor -> Result<Void, Failure> in
      Result { () throws(Failure) in try body(floor) }
    }
    try result.get()
  }
}
