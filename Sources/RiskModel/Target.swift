/// The name of a target: the ordinal of the journalled input that caused it and its place among
/// the effects of that input, `184-0`. The same journal gives the same names.
package struct TargetID: Hashable, Comparable, Sendable, Codable {
  package var inputOrdinal: Int64
  package var index: Int

  package init(inputOrdinal: Int64, index: Int) {
    self.inputOrdinal = inputOrdinal
    self.index = index
  }

  package init?(_ text: String) {
    let parts = text.split(separator: "-")
    guard parts.count == 2, let ordinal = Int64(parts[0]), let index = Int(parts[1]) else {
      return nil
    }
    self.init(inputOrdinal: ordinal, index: index)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = TargetID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "A target id is ORDINAL-INDEX, not \(text).")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package static func < (lhs: TargetID, rhs: TargetID) -> Bool {
    (lhs.inputOrdinal, lhs.index) < (rhs.inputOrdinal, rhs.index)
  }
}

extension TargetID: CustomStringConvertible {
  package var description: String { "\(inputOrdinal)-\(index)" }
}

/// A signed size per contract, in contract order.
package struct Baseline: Equatable, Sendable, Codable {
  package var contract: ContractID
  package var signedSize: Int64

  package init(contract: ContractID, signedSize: Int64) {
    self.contract = contract
    self.signedSize = signedSize
  }
}

/// A state of the account that the enforcer makes true and keeps true.
package enum Goal: Equatable, Sendable, Codable {
  /// No position and no working order in any contract.
  case flatAccount
  /// No position and no working order in one contract.
  case flat(ContractID)
  /// A position of at most `size` contracts in magnitude, and no exits larger than it.
  case atMost(ContractID, size: Int64)
  /// No exposure beyond the baseline; a contract that is not listed has baseline zero.
  case noNewExposure([Baseline])
  /// One order is not working.
  case cancelled(OrderID)
}

/// When a target stops standing. Only the evaluator ends a target.
package enum TargetEnd: Equatable, Sendable, Codable {
  /// With the position episode it belongs to: proven, or overtaken by a new position.
  case episode
  /// At a moment that both the local clock and the venue's own time have reached.
  case at(Instant)
  /// At the daily reset that ends this trading date.
  case dailyReset(CivilDate)
  /// By an administrator only.
  case permanent
  /// When the configuration no longer asks for it.
  case configuration
  /// When the venue lets the account trade again.
  case tradingRestored
  /// When the account trades inside its session again; computed, never stored.
  case sessionStart
  /// When the rules of the account can be evaluated again.
  case evaluationRestored
}

/// Why a target stands: which rule saw which numbers.
package struct Cause: Equatable, Sendable, Codable {
  package var rule: RuleID
  package var reason: BreachReason

  package init(rule: RuleID, reason: BreachReason) {
    self.rule = rule
    self.reason = reason
  }
}

/// A state to reach and keep, adopted by the evaluator and made true by the enforcer.
///
/// A lockout is a target whose end is not its episode.
package struct Target: Equatable, Sendable, Codable {
  package var id: TargetID
  package var account: AccountID
  package var goal: Goal
  package var cause: Cause
  package var end: TargetEnd
  package var adoptedAt: Instant

  package init(
    id: TargetID, account: AccountID, goal: Goal, cause: Cause, end: TargetEnd, adoptedAt: Instant
  ) {
    self.id = id
    self.account = account
    self.goal = goal
    self.cause = cause
    self.end = end
    self.adoptedAt = adoptedAt
  }

  package var isLockout: Bool { end != .episode }
}

/// Why a target ended.
package enum TargetEnding: String, Sendable, Codable {
  /// The enforcer proved the state at the venue.
  case proven
  /// The position episode ended by itself or gave way to a new position.
  case episodeOver
  /// The instant of its end came, by both clocks.
  case expired
  case dailyReset
  /// The configuration changed, which ends only targets that rest on the configuration.
  case configuration
  case tradingRestored
  case evaluationRestored
  case administrator
  /// A stronger target of the same account covers it.
  case superseded
}
