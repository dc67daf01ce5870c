/// The name of a question that the engine asked, derived like a target's.
package typealias QueryID = TargetID

/// A question of the engine to the venue.
package enum Query: Equatable, Sendable, Codable {
  case workingOrders(AccountID)
  case contract(ContractID)
}

/// The answer to a `Query`. A failure is an answer; it never is an empty list.
package enum QueryAnswer: Equatable, Sendable, Codable {
  case workingOrders([Order])
  case contract(ContractSpecification)
  case failed(String)
}
