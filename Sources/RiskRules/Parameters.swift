package import RiskModel

extension MaxContracts {
  package struct Parameters: Equatable, Sendable, Codable {
    /// The most contracts the account may hold; holding exactly this many is allowed.
    package var limit: Int64
    package var counting: Counting
    package var action: Action

    package init(limit: Int64, counting: Counting = .net, action: Action = .closeAll) {
      self.limit = limit
      self.counting = counting
      self.action = action
    }
  }

  package enum Counting: String, Sendable, Codable, CaseIterable {
    /// Expiries of one root net against each other; the magnitudes of the roots are summed.
    case net
    /// The plain sum of all sizes.
    case gross
  }

  package enum Action: String, Sendable, Codable, CaseIterable {
    case closeAll = "close_all"
    /// Closes exactly the excess, newest position first.
    case reduceToLimit = "reduce_to_limit"
  }
}

extension MaxContractsPerInstrument {
  package struct Parameters: Equatable, Sendable, Codable {
    package var limits: [SymbolRoot: Int64]
    package var action: Action
    package var unknownSymbol: UnknownSymbol

    package init(
      limits: [SymbolRoot: Int64], action: Action = .reduceToLimit,
      unknownSymbol: UnknownSymbol = .block
    ) {
      self.limits = limits
      self.action = action
      self.unknownSymbol = unknownSymbol
    }
  }

  package enum Action: String, Sendable, Codable, CaseIterable {
    case reduceToLimit = "reduce_to_limit"
    case closeAll = "close_all"
  }

  /// What happens in a symbol for which no limit is set.
  package enum UnknownSymbol: Equatable, Sendable, Codable {
    case block
    case allowWithLimit(Int64)
    case allowUnlimited
  }
}

extension DailyRealizedLoss {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Positive; the rule fires at `realized <= -lossLimit`.
    package var lossLimit: Money
    package var action: Action
    package var lockoutEnd: LockoutEnd
    /// Adds the open profit and loss to the realized one.
    package var combined: Bool
    /// Subtracts fees and commissions of every execution, half-turns included.
    package var includeFees: Bool

    package init(
      lossLimit: Money, action: Action = .closeAllAndLockout,
      lockoutEnd: LockoutEnd = .dailyReset, combined: Bool = false, includeFees: Bool = false
    ) {
      self.lossLimit = lossLimit
      self.action = action
      self.lockoutEnd = lockoutEnd
      self.combined = combined
      self.includeFees = includeFees
    }
  }

  package enum Action: String, Sendable, Codable, CaseIterable {
    case closeAllAndLockout = "CLOSE_ALL_AND_LOCKOUT"
    case closeAllPositions = "CLOSE_ALL_POSITIONS"
  }
}

/// The configured end of a lockout by a money rule.
package enum LockoutEnd: String, Sendable, Codable, CaseIterable {
  case dailyReset = "daily_reset"
  case permanent
}

extension DailyUnrealizedLoss {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Positive; the rule fires at `open <= -lossLimit`.
    package var lossLimit: Money
    package var scope: Scope
    package var action: Action
    package var lockoutEnd: LockoutEnd

    package init(
      lossLimit: Money, scope: Scope = .perPosition, action: Action = .closePosition,
      lockoutEnd: LockoutEnd = .dailyReset
    ) {
      self.lossLimit = lossLimit
      self.scope = scope
      self.action = action
      self.lockoutEnd = lockoutEnd
    }
  }

  package enum Scope: String, Sendable, Codable, CaseIterable {
    case perPosition = "per_position"
    case total
  }

  package enum Action: String, Sendable, Codable, CaseIterable {
    case closePosition = "CLOSE_POSITION"
    /// Only with scope `total`.
    case closeAllAndLockout = "CLOSE_ALL_AND_LOCKOUT"
  }
}

extension MaxUnrealizedProfit {
  package struct Parameters: Equatable, Sendable, Codable {
    package var mode: Mode
    package var scope: Scope

    package init(mode: Mode, scope: Scope = .perPosition) {
      self.mode = mode
      self.scope = scope
    }
  }

  package enum Mode: Equatable, Sendable, Codable {
    /// Closes at `open >= target`; the target is positive.
    case profitTarget(Money)
    /// Once the position was `armAfterTicks` ticks in profit, closes when it is back at zero.
    case breakeven(armAfterTicks: Int64)
  }

  package enum Scope: String, Sendable, Codable, CaseIterable {
    case perPosition = "per_position"
    case total
  }
}

extension SymbolBlocks {
  package struct Parameters: Equatable, Sendable, Codable {
    package var blocked: [SymbolRoot]
    /// Also closes what was open before the block was configured.
    package var closeExisting: Bool

    package init(blocked: [SymbolRoot], closeExisting: Bool = true) {
      self.blocked = blocked
      self.closeExisting = closeExisting
    }
  }
}
