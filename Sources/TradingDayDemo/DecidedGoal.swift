package import RiskModel

/// What riskd wants to be true at the venue, read from its log.
package enum DecidedGoal: Equatable, Sendable {
  case flatAccount
  case flat(ContractID)
  case atMost(Int64, ContractID)
  case cancelled(OrderID)
  /// A goal that the venue's present state alone does not tell whether it is reached.
  case other(String)

  package init(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case "flat" where text == "flat account":
      self = .flatAccount
    case "flat" where words.count == 2:
      self = .flat(ContractID(words[1]))
    case "at" where words.count == 4 && words[1] == "most":
      self = Int64(words[2]).map { .atMost($0, ContractID(words[3])) } ?? .other(text)
    case "order" where words.count == 3 && words[2] == "cancelled":
      self = Int64(words[1]).map { .cancelled(OrderID($0)) } ?? .other(text)
    default:
      self = .other(text)
    }
  }

  /// Whether the venue's state is what is wanted; `nil` when it does not tell. A reduction takes the
  /// excess away and no contract more.
  package func isReached(_ state: VenueState) -> Bool? {
    switch self {
    case .flatAccount: state.positions.isEmpty && state.workingOrders.isEmpty
    case .flat(let contract):
      !state.positions.contains { $0.contract == contract }
        && !state.workingOrders.contains { $0.contract == contract }
    case .atMost(let size, let contract):
      state.positions.contains { $0.contract == contract && $0.size == size }
    case .cancelled(let order): !state.workingOrders.contains { $0.id == order }
    case .other: nil
    }
  }
}

extension DecidedGoal: CustomStringConvertible {
  /// For the trader.
  package var description: String {
    switch self {
    case .flatAccount: "no position and no working order at all"
    case .flat(let contract):
      "no position and no working order in \(Wording.symbol(contract))"
    case .atMost(let size, let contract): "at most \(size) \(Wording.symbol(contract))"
    case .cancelled(let order): "order \(order) cancelled"
    case .other(let text): text
    }
  }
}

/// What an account has at the venue at one moment.
package struct VenueState: Equatable, Sendable {
  package var account: AccountID
  package var positions: [Position]
  package var workingOrders: [Order]

  package init(account: AccountID, positions: [Position], workingOrders: [Order]) {
    self.account = account
    self.positions = positions
    self.workingOrders = workingOrders
  }

  package var isFlat: Bool { positions.isEmpty && workingOrders.isEmpty }
}
