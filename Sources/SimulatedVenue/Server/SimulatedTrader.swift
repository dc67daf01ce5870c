package import RiskModel

/// The trader at the platform of a running venue.
package struct SimulatedTrader: Sendable {
  private let venue: SimulatedVenueServer

  init(_ venue: SimulatedVenueServer) {
    self.venue = venue
  }

  /// Places an order. Errors: the venue's refusal.
  @discardableResult
  package func place(_ ticket: OrderTicket) throws(Refusal<PlaceCode>) -> OrderID {
    try act { desk throws(Refusal<PlaceCode>) in try desk.place(ticket) }
  }

  /// Buys or sells at the market.
  @discardableResult
  package func place(
    _ account: AccountID, _ contract: ContractID, _ side: Side, size: Int64,
    type: OrderType = .market, limit: Price? = nil, stop: Price? = nil, tag: String? = nil
  ) throws(Refusal<PlaceCode>) -> OrderID {
    try place(
      OrderTicket(
        account: account, contract: contract, type: type, side: side, size: size,
        limitPrice: limit, stopPrice: stop, customTag: tag))
  }

  package func cancel(_ order: OrderID) throws(Refusal<CancelCode>) {
    try act { desk throws(Refusal<CancelCode>) in try desk.cancel(order) }
  }

  package func modify(_ order: OrderID, _ change: OrderChange) throws(Refusal<ModifyCode>) {
    try act { desk throws(Refusal<ModifyCode>) in try desk.modify(order, change) }
  }

  package func close(_ account: AccountID, _ contract: ContractID) throws(Refusal<CloseCode>) {
    try act { desk throws(Refusal<CloseCode>) in try desk.close(account, contract) }
  }

  package func reduce(
    _ account: AccountID, _ contract: ContractID, by size: Int64
  ) throws(Refusal<PartialCloseCode>) {
    try act { desk throws(Refusal<PartialCloseCode>) in
      try desk.reduce(account, contract, by: size)
    }
  }

  private func act<Value: Sendable, Failure: Error>(
    _ action: @escaping @Sendable (TraderDesk) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let result = venue.onFloor { floor -> Result<Value, Failure> in
      Result { () throws(Failure) in try action(TraderDesk(floor: floor)) }
    }
    return try result.get()
  }
}

extension SimulatedVenueServer {
  package var trader: SimulatedTrader { SimulatedTrader(self) }
}
