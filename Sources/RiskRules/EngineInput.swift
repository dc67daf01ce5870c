package import RiskModel

/// Everything that can change a decision. What is not an input is not seen by the engine.
package enum EngineInput: Equatable, Sendable, Codable {
  /// An account, position, order, trade or contract as the venue reported it.
  case event(VenueEvent)
  /// One price of one contract that is held.
  case mark(Mark)
  /// The whole state of an account; replaces what was known.
  case snapshot(AccountSnapshot)
  /// The account may not be acted on, and why.
  case unprotectable(AccountID, reason: String)
  case answer(QueryID, QueryAnswer)
  /// Time passed. `venueTime` is the venue's own clock where it is known.
  case tick(venueTime: Instant?)
  /// The accounts that are protected, each with its rules. Replaces the configuration before it.
  case configuration([AccountID: RiskConfiguration])
  /// The enforcer proved a target at the venue.
  case proven(TargetID)
  /// Whether decisions can be recorded.
  case journal(isWritable: Bool)
}

/// One price of a quote.
package struct Mark: Equatable, Sendable, Codable {
  package var contract: ContractID
  package var field: Field
  package var price: Price

  package init(contract: ContractID, field: Field, price: Price) {
    self.contract = contract
    self.field = field
    self.price = price
  }

  package enum Field: UInt8, Sendable, Codable, CaseIterable {
    case last
    case bid
    case ask
  }
}
