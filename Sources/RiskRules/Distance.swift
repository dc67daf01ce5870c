package import RiskModel

/// How far a rule is from firing.
package struct Distance: Equatable, Sendable, Codable {
  package var rule: RuleID
  package var subject: Subject
  package var amount: Amount

  /// What the figure is about.
  package enum Subject: Equatable, Sendable, Codable {
    case account
    case contract(ContractID)
    case root(SymbolRoot)
  }

  /// The present value and the limit; both in the direction in which the rule fires, a loss of 350
  /// is +350.
  package enum Amount: Equatable, Sendable, Codable {
    /// Fires at the limit.
    case money(value: Money, limit: Money)
    /// Fires above the limit.
    case contracts(value: Int64, limit: Int64)
    /// Fires above the limit.
    case trades(value: Int64, limit: Int64)
    /// Fires at the limit.
    case time(value: TimeSpan, limit: TimeSpan)
  }

  package enum Grade: Int, Comparable, Sendable, Codable {
    case far = 0
    /// 70 % of the limit.
    case near = 70
    /// 90 % of the limit.
    case close = 90

    package static func < (lhs: Grade, rhs: Grade) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  init(_ rule: RuleID, _ subject: Subject, _ amount: Amount) {
    self.rule = rule
    self.subject = subject
    self.amount = amount
  }

  /// The present share of the limit in percent, rounded down; 0 where the value is none of a limit.
  package var percent: Int64 {
    let (value, limit) = figures
    guard limit > 0, value > 0 else { return 0 }
    return Int64(Int128(value) * 100 / Int128(limit))
  }

  /// What is left before the rule fires, in micro-dollars, contracts, trades or nanoseconds; 0 once it
  /// does.
  package var left: Int64 {
    let (value, limit) = figures
    return max(0, limit - value)
  }

  package var grade: Grade {
    switch percent {
    case 90...: .close
    case 70..<90: .near
    default: .far
    }
  }

  private var figures: (value: Int64, limit: Int64) {
    switch amount {
    case .money(let value, let limit): (value.micros, limit.micros)
    case .contracts(let value, let limit), .trades(let value, let limit): (value, limit)
    case .time(let value, let limit): (value.nanos, limit.nanos)
    }
  }
}

extension Distance: CustomStringConvertible {
  /// For people: `120.00 of 500.00, 380.00 left`.
  package var description: String {
    switch amount {
    case .money(let value, let limit):
      "\(value) of \(limit), \(Money(micros: left)) left"
    case .contracts(let value, let limit):
      "\(value) of \(limit) contracts, \(left) left"
    case .trades(let value, let limit):
      "\(value) of \(limit) trades, \(left) left"
    case .time(let value, let limit):
      "\(value.nanos / 1_000_000_000) of \(limit.nanos / 1_000_000_000) s, "
        + "\(left / 1_000_000_000) s left"
    }
  }
}
