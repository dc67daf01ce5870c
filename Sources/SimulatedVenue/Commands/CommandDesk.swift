import RiskModel

/// Carries out commands, for a scenario or for the admin interface.
final class CommandDesk {
  private let floor: VenueFloor
  private let clock: ScenarioClock
  private var namedOrders: [String: OrderID] = [:]

  init(floor: VenueFloor, clock: ScenarioClock = .realTime) {
    self.floor = floor
    self.clock = clock
  }

  func execute(_ command: VenueCommand) -> CommandOutcome {
    do {
      return try perform(command)
    } catch {
      return .refused("\(error)")
    }
  }

  private func perform(_ command: VenueCommand) throws -> CommandOutcome {
    let trader = TraderDesk(floor: floor)
    switch command {
    case .place(let ticket, let name):
      let id = try trader.place(ticket)
      if let name { namedOrders[name] = id }
      return .placed(id)
    case .cancel(let reference):
      try trader.cancel(try resolve(reference))
    case .cancelAll(let account, let contract):
      for order in floor.exchange.workingOrders(of: account)
      where contract == nil || order.contract == contract {
        try trader.cancel(order.id)
      }
    case .modify(let reference, let change):
      try trader.modify(try resolve(reference), change)
    case .close(let account, let contract?):
      try trader.close(account, contract)
    case .close(let account, nil):
      for position in floor.exchange.openPositions(of: account) {
        try trader.close(account, position.contract)
      }
    case .reduce(let account, let contract, let size):
      try trader.reduce(account, contract, by: size)
    default:
      try performAtVenue(command)
    }
    return .done
  }

  private func performAtVenue(_ command: VenueCommand) throws {
    switch command {
    case .price(let contract, let change):
      try floor.setPrice(contract, change)
    case .print(let contract, let change):
      try floor.perform { exchange throws(SimulatedVenueError) in
        try exchange.printQuote(contract, change)
      }
    case .move(let move):
      floor.start(PriceRun(move, floor: floor, clock: clock))
    case .pause(let contract, let span):
      try floor.perform { exchange throws(SimulatedVenueError) in
        try exchange.pause(contract, for: span)
      }
      floor.tell(.scenario("the market of \(contract.root) pauses"))
    case .clearPrices(let contract):
      try floor.perform { exchange throws(SimulatedVenueError) in
        try exchange.clearPrices(contract)
      }
    case .void(let trade):
      try floor.perform { exchange throws(SimulatedVenueError) in try exchange.void(trade) }
    case .market(let contracts, let isOpen, let expiresOrders):
      for contract in contracts {
        try floor.perform { exchange throws(SimulatedVenueError) in
          try exchange.setOpen(contract, isOpen, expiringOrders: expiresOrders)
        }
      }
      let names = contracts.map(\.root.text).joined(separator: ", ")
      floor.tell(.scenario("the market of \(names) is \(isOpen ? "open" : "closed")"))
    case .account(let change):
      try floor.change(change)
    case .fault(let fault):
      floor.add(fault)
    case .clearFaults:
      floor.faults.clear()
    case .latency(let span):
      floor.gateway.replyLatency = span
    case .settings(let settings):
      settings.apply(to: &floor.behaviour)
    case .endTokens:
      floor.sessions.endAll()
    case .clock(let span):
      floor.shiftClock(by: span)
    case .traffic(let plan):
      floor.start(TrafficRun(plan, floor: floor))
    case .note(let text):
      floor.tell(.scenario(text))
    case .place, .cancel, .cancelAll, .modify, .close, .reduce:
      preconditionFailure("Invariant: \(command) is the trader's")
    }
  }

  private func resolve(_ reference: OrderReference) throws -> OrderID {
    switch reference {
    case .id(let id): return id
    case .name(let name):
      guard let id = namedOrders[name] else { throw Refusal<CancelCode>(.orderNotFound) }
      return id
    }
  }
}

extension VenueFloor {
  func setPrice(_ contract: ContractID, _ change: QuoteChange) throws(SimulatedVenueError) {
    try perform { exchange throws(SimulatedVenueError) in
      try exchange.setPrice(contract, last: change.last, bid: change.bid, ask: change.ask)
      tell(.price(contract, change))
    }
  }

  /// Changes an account, or opens it when there is none of that id.
  func change(_ change: AccountChange) throws(SimulatedVenueError) {
    try perform { exchange throws(SimulatedVenueError) in
      if exchange.accounts[change.id] == nil {
        exchange.open(
          TradingAccount(
            id: change.id, name: change.name ?? "SIM-\(change.id)", kind: change.kind ?? .ordinary))
      }
      try exchange.change(
        change.id, canTrade: change.canTrade, balance: change.balance, name: change.name,
        kind: change.kind, bracketMode: change.bracketMode)
    }
  }

  /// Adds a fault; one that is due now happens now. Returns its number.
  @discardableResult
  func add(_ fault: Fault) -> Int {
    let number = faults.add(fault)
    tell(.fault(number, what: "is set (\(fault))"))
    if case .hub(let hub, .now, let effect) = fault.target {
      _ = faults.strike(hub: hub, .now)
      hubs.strikeAll(hub, effect)
    }
    return number
  }

  func start(_ run: any StartableRun) {
    runs.append(run)
    run.start()
  }

  func ended(_ run: any VenueRun) {
    runs.removeAll { $0 === run }
  }
}

/// A run that has not begun.
protocol StartableRun: VenueRun {
  func start()
}
