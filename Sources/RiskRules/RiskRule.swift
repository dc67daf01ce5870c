package import RiskModel

/// One rule: looks at an account after something happened and says what must become true.
///
/// A rule holds its parameters only. What it has to remember lives in its `Memory`, which is part
/// of the engine's state, so that a restart changes nothing. It reads no clock and has no order of
/// its own: the engine evaluates all rules and keeps the union of what they ask for.
protocol RiskRule: Sendable {
  associatedtype Memory: Equatable, Sendable, Codable

  static var id: RuleID { get }

  func evaluate(_ view: AccountView, after trigger: Trigger, memory: inout Memory) -> [Verdict]

  /// Whether a target of this rule whose end is a condition has come to its end.
  func releases(_ target: Target, _ view: AccountView) -> Bool
}

extension RiskRule {
  func releases(_ target: Target, _ view: AccountView) -> Bool { false }
}

/// What a rule without a memory remembers.
struct NoMemory: Equatable, Sendable, Codable {}

/// What happened to the account since the rules last looked.
enum Trigger: Equatable, Sendable {
  case position(ContractID)
  case order(OrderID)
  case trade(TradeID)
  case mark(ContractID)
  case account
  /// The whole account was read again.
  case snapshot
  case tick
  case configuration
}

/// A rule's finding: what it saw and what must become true.
struct Verdict: Equatable, Sendable {
  var reason: BreachReason
  var goals: [Demand]

  /// A goal and how long it stands.
  struct Demand: Equatable, Sendable {
    var goal: Goal
    var end: TargetEnd
  }

  init(_ reason: BreachReason, _ goal: Goal, until end: TargetEnd) {
    self.reason = reason
    goals = [Demand(goal: goal, end: end)]
  }

  init(_ reason: BreachReason, _ goals: [Demand]) {
    self.reason = reason
    self.goals = goals
  }
}

/// What rules may look at.
package struct AccountView {
  package let state: AccountState
  package let configuration: RiskConfiguration
  let contracts: [ContractID: ContractSpecification]
  let books: [ContractID: Book]
  package let now: Instant

  /// Open profit and loss of one position; `nil` when its contract or its price is not known.
  package func openProfit(of held: PositionState) -> Money? {
    let position = held.position
    guard let contract = contracts[position.contract],
      let mark = books[position.contract]?.mark(
        configuration.markPrice, signedSize: position.signedSize)
    else { return nil }
    return contract.profit(
      from: position.averagePrice, to: mark, signedSize: position.signedSize)
  }

  /// Open profit and loss of the account; `nil` when that of any position is not known.
  package var openProfit: Money? {
    var total = Money.zero
    for held in state.positions.values {
      guard let profit = openProfit(of: held) else { return nil }
      total += profit
    }
    return total
  }

  func contract(_ id: ContractID) -> ContractSpecification? { contracts[id] }
}
