package import RiskModel

/// A part of the trading day, by the number that its heading in the scenario file begins with, and
/// what riskd has to do in it.
package enum Chapter: Int, Sendable, CaseIterable {
  case oneTooMany = 1
  case blockedOrder
  case blockedPosition
  case openLoss
  case profitTarget
  case sixContracts
  case dailyLoss
  case reentry
  case reentryInGap

  /// What a chapter must lead to.
  package enum Expectation: Equatable, Sendable {
    /// This rule fires, once.
    case breach(RuleID)
    /// Exposure comes back where none may be, once.
    case comeback
  }

  package var expectation: Expectation {
    switch self {
    case .oneTooMany: .breach(.maxContractsPerInstrument)
    case .blockedOrder: .breach(.symbolBlocks)
    case .openLoss: .breach(.dailyUnrealizedLoss)
    case .profitTarget: .breach(.maxUnrealizedProfit)
    case .sixContracts: .breach(.maxContracts)
    case .dailyLoss: .breach(.dailyRealizedLoss)
    case .blockedPosition, .reentry, .reentryInGap: .comeback
    }
  }

  /// Whether the evaluator is killed when the first close of the chapter reaches the venue.
  package var killsEvaluator: Bool { self == .sixContracts }
}

extension Chapter.Expectation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .breach(let rule): "\(rule.rawValue) \(rule.key)"
    case .comeback: "exposure that came back while locked out"
    }
  }
}
