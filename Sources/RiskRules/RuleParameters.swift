package import RiskModel

extension TradeFrequencyLimit {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Every window is watched; of several that are full the longest break counts.
    package var windows: [Window]
    package var countBy: CountBy

    package init(windows: [Window], countBy: CountBy = .execution) {
      self.windows = windows
      self.countBy = countBy
    }
  }

  package struct Window: Equatable, Sendable, Codable {
    /// The most trades; one more is too many.
    package var limit: Int64
    /// `nil` is the trading day.
    package var span: TimeSpan?
    /// How long nothing may be added; `nil` is until the window has room again, at least a minute.
    package var cooldown: TimeSpan?

    package init(limit: Int64, span: TimeSpan?, cooldown: TimeSpan? = nil) {
      self.limit = limit
      self.span = span
      self.cooldown = cooldown
    }
  }

  /// What one trade is.
  package enum CountBy: String, Sendable, Codable, CaseIterable {
    case execution
    /// All executions of an order are one trade, at the time of the first.
    case order
    /// Executions that close something.
    case roundTurn = "round_turn"
  }
}

extension CooldownAfterLoss {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Of the steps that a loss reaches the one with the largest threshold counts.
    package var steps: [Step]
    /// Adds up the executions of one order that come within two seconds.
    package var aggregatesByOrder: Bool

    package init(steps: [Step], aggregatesByOrder: Bool = false) {
      self.steps = steps.sorted { $0.loss < $1.loss }
      self.aggregatesByOrder = aggregatesByOrder
    }
  }

  package struct Step: Equatable, Sendable, Codable {
    /// Positive; the step is reached at this loss.
    package var loss: Money
    package var cooldown: TimeSpan

    package init(loss: Money, cooldown: TimeSpan) {
      self.loss = loss
      self.cooldown = cooldown
    }
  }
}

extension NoStopLossGrace {
  package struct Parameters: Equatable, Sendable, Codable {
    package var grace: TimeSpan
    /// The stops together have to be as large as the position.
    package var requiresFullCoverage: Bool

    package init(grace: TimeSpan, requiresFullCoverage: Bool = false) {
      self.grace = grace
      self.requiresFullCoverage = requiresFullCoverage
    }
  }
}

extension SessionBlockOutside {
  package struct Parameters: Equatable, Sendable, Codable {
    package var plan: SessionPlan
    /// Symbols with a plan of their own, which counts instead of the account's.
    package var plansByRoot: [SymbolRoot: SessionPlan]
    package var action: Action

    package init(
      plan: SessionPlan, plansByRoot: [SymbolRoot: SessionPlan] = [:],
      action: Action = .closeAllAndLockout
    ) {
      self.plan = plan
      self.plansByRoot = plansByRoot
      self.action = action
    }

    func plan(of root: SymbolRoot) -> SessionPlan { plansByRoot[root] ?? plan }
  }

  package enum Action: String, Sendable, Codable, CaseIterable {
    case closeAllAndLockout = "CLOSE_ALL_AND_LOCKOUT"
    /// What is open when the session ends may stay; nothing may be added until the next one.
    case noNewExposure = "NO_NEW_EXPOSURE"
    /// Orders that would open something are cancelled; nothing else happens.
    case cancelOrder = "CANCEL_ORDER"
  }
}

extension AuthLossGuard {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Unlocks when the venue lets the account trade again; otherwise an administrator does.
    package var unlocksOnRestore: Bool

    package init(unlocksOnRestore: Bool = true) {
      self.unlocksOnRestore = unlocksOnRestore
    }
  }
}

extension TradeManagement {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Ticks from the entry at which a position without a stop gets one; `nil` places none.
    package var autoStopTicks: Int64?
    package var breakeven: Breakeven?
    package var trailing: Trailing?

    package init(
      autoStopTicks: Int64? = nil, breakeven: Breakeven? = nil, trailing: Trailing? = nil
    ) {
      self.autoStopTicks = autoStopTicks
      self.breakeven = breakeven
      self.trailing = trailing
    }
  }

  package struct Breakeven: Equatable, Sendable, Codable {
    /// Ticks in profit that move the stop.
    package var triggerTicks: Int64
    /// Ticks beyond the entry, on the winning side, to which it moves.
    package var offsetTicks: Int64

    package init(triggerTicks: Int64, offsetTicks: Int64 = 0) {
      self.triggerTicks = triggerTicks
      self.offsetTicks = offsetTicks
    }
  }

  package struct Trailing: Equatable, Sendable, Codable {
    /// Ticks in profit from which on the stop follows.
    package var activationTicks: Int64
    /// Ticks between the best price and the stop.
    package var distanceTicks: Int64
    /// The shortest time between two changes of a stop; never below a second.
    package var interval: TimeSpan

    package init(
      activationTicks: Int64, distanceTicks: Int64, interval: TimeSpan = .seconds(1)
    ) {
      self.activationTicks = activationTicks
      self.distanceTicks = distanceTicks
      self.interval = interval
    }
  }
}

extension DailyRealizedProfit {
  package struct Parameters: Equatable, Sendable, Codable {
    /// Positive; the rule fires at `realized >= target`.
    package var target: Money
    package var lockoutEnd: LockoutEnd
    /// Adds the open profit and loss to the realized one.
    package var combined: Bool
    /// Subtracts fees and commissions of every execution, half-turns included.
    package var includeFees: Bool

    package init(
      target: Money, lockoutEnd: LockoutEnd = .dailyReset, combined: Bool = false,
      includeFees: Bool = false
    ) {
      self.target = target
      self.lockoutEnd = lockoutEnd
      self.combined = combined
      self.includeFees = includeFees
    }
  }
}
