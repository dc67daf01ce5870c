package import RiskModel

/// What the tables of the specification say from now on, one transaction.
package struct ProjectionBatch: Equatable, Sendable {
  /// The last input that is part of it, or `nil` while some of an earlier one's rows are not.
  package var through: Int64?
  package var at: Instant
  package var accounts: [AccountProjection] = []
  /// New and changed orders, ended ones included.
  package var orders: [Order] = []
  package var trades: [DatedTrade] = []
  package var contracts: [ContractSpecification] = []
  /// All accounts that riskd knows: rows of positions of others go. `nil` where none may be gone.
  package var knownAccounts: [AccountID]?
  package var meta: [String: String] = [:]

  package init(through: Int64?, at: Instant) {
    self.through = through
    self.at = at
  }
}

/// An execution and the trading day that it belongs to.
package struct DatedTrade: Equatable, Sendable {
  package var trade: Trade
  package var date: CivilDate

  package init(_ trade: Trade, on date: CivilDate) {
    self.trade = trade
    self.date = date
  }
}

/// One account. What is `nil` has not changed.
package struct AccountProjection: Equatable, Sendable {
  package var account: AccountID
  /// All open positions.
  package var positions: [Position]?
  /// All working orders; others of the table that work have ended unseen.
  package var workingOrders: [OrderID]?
  package var day: DayResult?
  package var open: OpenResult?
  package var lockout: LockoutSummary?
  package var schedule: ResetSchedule?

  package init(_ account: AccountID) {
    self.account = account
  }

  package var isEmpty: Bool { self == AccountProjection(account) }
}

/// The executions of a trading day.
package struct DayResult: Equatable, Sendable {
  package var date: CivilDate
  package var realized: Money
  package var costs: Money

  package init(date: CivilDate, realized: Money, costs: Money) {
    self.date = date
    self.realized = realized
    self.costs = costs
  }
}

/// The open positions of an account, valued; `nil` where a price is not known.
package struct OpenResult: Equatable, Sendable {
  package var date: CivilDate
  package var openProfit: Money?
  package var positions: Int
  package var exposure: Money?

  package init(date: CivilDate, openProfit: Money?, positions: Int, exposure: Money?) {
    self.date = date
    self.openProfit = openProfit
    self.positions = positions
    self.exposure = exposure
  }
}

/// The lockout of an account that lasts longest.
package struct LockoutSummary: Equatable, Sendable {
  package var isLocked: Bool
  package var reason: String?
  package var rule: RuleID?
  package var lockedAt: Instant?
  package var lockedUntil: Instant?

  package init(
    isLocked: Bool, reason: String? = nil, rule: RuleID? = nil, lockedAt: Instant? = nil,
    lockedUntil: Instant? = nil
  ) {
    self.isLocked = isLocked
    self.reason = reason
    self.rule = rule
    self.lockedAt = lockedAt
    self.lockedUntil = lockedUntil
  }
}

/// The trading day of an account and the reset that ends it.
package struct ResetSchedule: Equatable, Sendable {
  package var tradingDay: CivilDate
  package var startedAt: Instant
  package var nextReset: Instant
  package var time: TimeOfDay
  package var zone: String

  package init(
    tradingDay: CivilDate, startedAt: Instant, nextReset: Instant, time: TimeOfDay, zone: String
  ) {
    self.tradingDay = tradingDay
    self.startedAt = startedAt
    self.nextReset = nextReset
    self.time = time
    self.zone = zone
  }
}
