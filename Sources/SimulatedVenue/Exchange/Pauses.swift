package import RiskModel

/// What the venue says about a contract that does not trade at the moment (observed live).
let inactiveInstrument = "The instrument is not in an active trading status."

extension SimulatedExchange {
  /// Stops the trading of a contract for a while, as the exchange does for 2 to 10 seconds when
  /// prices run away (documented as Velocity Logic).
  ///
  /// Until it is over nothing trades and no stop is triggered; what would trade at once is refused
  /// or, when it was accepted before, rejected; other orders are accepted, changed and cancelled.
  /// Then everything that waits meets the price of that moment. A second pause replaces the first.
  package mutating func pause(_ id: ContractID, for span: TimeSpan) throws(SimulatedVenueError) {
    guard contracts[id] != nil else { throw .unknownContract(id) }
    markets[id]?.pausedUntil = now + span
    postpone(.resume(id), by: span)
  }

  func isPaused(_ id: ContractID) -> Bool {
    markets[id]?.pausedUntil.map { $0 > now } == true
  }

  mutating func resume(_ id: ContractID) {
    guard let market = markets[id], let end = market.pausedUntil, end <= now,
      let contract = contracts[id]
    else { return }
    markets[id]?.pausedUntil = nil
    markets[id]?.refill()
    if market.isOpen { tradeAll(contract) }
  }

  /// Whether a sound ticket would trade the moment it is in the market.
  func isAggressive(_ ticket: OrderTicket) -> Bool {
    guard let touch = markets[ticket.contract]?.touch(for: ticket.side) else { return false }
    switch ticket.type {
    case .market: return true
    case .limit:
      return ticket.limitPrice.map { ticket.side == .buy ? $0 >= touch : $0 <= touch } == true
    default: return false
    }
  }
}
