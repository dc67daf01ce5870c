package import RiskModel

/// Everything that can change a decision. What is not an input is not seen by the engine.
package enum EngineInput: Equatable, Sendable, Codable {
  /// An account, position, order, trade or contract as the venue reported it.
  case event(VenueEvent)
  /// One price of one contract that is held.
  case mark(Mark)
  /// The whole state of an account; replaces what was known.
  case snapshot(AccountSnapshot)
  /// What no event had told of an account, and why it was found; its snapshot follows. Decides
  /// nothing: it is recorded, so that the record says why an account changed.
  case differences(AccountDifferences)
  /// The state of the account is not known until its next snapshot, and why.
  case unknown(AccountID, reason: String)
  /// The account may not be acted on, and why.
  case unprotectable(AccountID, reason: String)
  case answer(QueryID, QueryAnswer)
  /// Time passed. `venueTime` is the venue's own clock where it is known.
  case tick(venueTime: Instant?)
  /// The accounts that are protected, each with its rules. Replaces the configuration before it.
  case configuration([AccountID: RiskConfiguration])
  /// The enforcer proved a target at the venue.
  case proven(TargetID)
  /// The enforcer asked the venue to close something.
  case ownClose(OwnClose)
  /// Whether decisions can be recorded.
  case journal(isWritable: Bool)
  /// An administrator has asked for it, in his own name.
  case administrator(AdministratorCommand)
}

/// What an administrator may ask of the rules.
package enum AdministratorCommand: Equatable, Sendable, Codable {
  /// Ends a lockout that nothing else ends. `by` says who asked, for the record. A rule that is still
  /// broken locks again at once.
  case endLockout(TargetID, by: String)
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
