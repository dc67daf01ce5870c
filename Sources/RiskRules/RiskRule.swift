import RiskModel

/// One rule: looks at an account after something happened and says what must become true.
///
/// A rule holds its parameters only. What it has to remember lives in its `Memory`, which is part
/// of the engine's state, so that a restart changes nothing. It reads no clock and has no order of
/// its own: the engine evaluates all rules and keeps the union of what they ask for.
protocol RiskRule: Sendable {
  associatedtype Memory: Equatable, Sendable, StartsEmpty

  static var id: RuleID { get }

  func evaluate(_ view: AccountView, after trigger: Trigger, memory: inout Memory) -> [Verdict]

  /// What the rule must know from the venue before it can go on.
  func questions(_ view: AccountView, _ memory: Memory) -> [Query]

  /// When the rule wants to be evaluated although nothing happens, by the local clock.
  func deadline(_ view: AccountView, _ memory: Memory) -> Instant?

  /// Whether the moment of the view is one at which the rule wants to be evaluated.
  func isDue(_ view: AccountView, _ memory: Memory) -> Bool

  /// Whether a target of this rule whose end is a condition has come to its end.
  func releases(_ target: Target, _ view: AccountView, _ memory: Memory) -> Bool

  /// How far the rule is from firing, one for everything that it watches.
  func distances(_ view: AccountView, _ memory: Memory) -> [Distance]
}

extension RiskRule {
  func questions(_ view: AccountView, _ memory: Memory) -> [Query] { [] }

  func deadline(_ view: AccountView, _ memory: Memory) -> Instant? { nil }

  func isDue(_ view: AccountView, _ memory: Memory) -> Bool {
    deadline(view, memory).map { view.now >= $0 } ?? false
  }

  func releases(_ target: Target, _ view: AccountView, _ memory: Memory) -> Bool { false }

  func distances(_ view: AccountView, _ memory: Memory) -> [Distance] { [] }
}

/// What a rule without a memory remembers.
struct NoMemory: Equatable, Sendable, StartsEmpty {}

/// What happened to the account since the rules last looked.
enum Trigger: Equatable, Sendable {
  case position(ContractID)
  case order(OrderID)
  case trade(TradeID)
  case mark(ContractID)
  case account
  /// The whole account was read again.
  case snapshot
  /// The working orders were asked for, and the venue answered or did not.
  case orderReading
  /// The enforcer reported a request of its own.
  case ownClose
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
