package import RiskModel

/// One account as its trader may see it.
package struct AccountReport: Equatable, Sendable, Codable {
  package var id: AccountID
  /// When the evaluator put it together.
  package var at: Instant
  /// The platform's name; `nil` until the venue told it.
  package var name: String?
  package var isSimulated: Bool?
  package var canTrade: Bool?
  /// Why riskd does not act on the account; `nil` while it does.
  package var unprotectable: String?
  /// Why what is shown may be out of date; `nil` while it is not.
  package var doubt: String?

  /// The venue's balance, without open profit and loss.
  package var balance: Money?
  package var tradingDate: CivilDate
  /// The daily reset before and after `at`.
  package var dayStartedAt: Instant
  package var dayEndsAt: Instant
  /// `nil` until the executions of the day were read.
  package var realized: Money?
  /// Fees and commissions of the day.
  package var costs: Money?
  /// `nil` while the price or the contract of any position is not known.
  package var open: Money?

  package var positions: [PositionReport] = []
  package var orders: [OrderReport] = []
  /// How many working orders there are beyond those listed.
  package var moreOrders = 0
  package var quotes: [QuoteReport] = []
  /// Every rule, enabled or not, by number.
  package var rules: [RuleReport] = []
  package var lockouts: [LockoutReport] = []
  /// Lockouts that ended, newest first.
  package var endedLockouts: [LockoutReport] = []
  /// Newest first.
  package var trades: [TradeReport] = []
  /// Newest first.
  package var events: [EventReport] = []
  package var totals = EnforcementTotals()
  package var session: SessionReport?
  /// The course of the day, oldest first; kept by the monitor.
  package var course: [ResultPoint] = []
  package var worstOpen: ResultPoint?
  package var bestOpen: ResultPoint?

  package init(
    id: AccountID, at: Instant, tradingDate: CivilDate, dayStartedAt: Instant, dayEndsAt: Instant
  ) {
    self.id = id
    self.at = at
    self.tradingDate = tradingDate
    self.dayStartedAt = dayStartedAt
    self.dayEndsAt = dayEndsAt
  }

  /// Realized and open together; unknown when either is.
  package var total: Money? {
    guard let realized, let open else { return nil }
    return realized + open
  }

  /// The lockout that is counted down: the one that ends last, and one without a known end before any.
  package var leadingLockout: LockoutReport? {
    lockouts.max { first, second in
      guard let firstEnd = first.endsAt else { return false }
      guard let secondEnd = second.endsAt else { return true }
      return firstEnd < secondEnd
    }
  }
}

/// A figure of a moment; `nil` is a gap.
package struct ResultPoint: Equatable, Sendable, Codable {
  package var at: Instant
  package var result: Money?

  package init(at: Instant, result: Money?) {
    self.at = at
    self.result = result
  }
}

/// One open position.
package struct PositionReport: Equatable, Sendable, Codable {
  package var contract: ContractID
  /// The exchange's name of the month; `nil` while the contract is not known.
  package var name: String?
  /// Negative is short.
  package var signedSize: Int64
  package var averagePrice: Price
  package var openedAt: Instant
  package var mark: Price?
  package var markedAt: Instant?
  package var open: Money?
  /// The nearest working stop that protects it; `nil` when there is none.
  package var stop: Price?
  /// Contracts covered by working or waiting stops.
  package var stopSize: Int64 = 0

  package init(
    contract: ContractID, signedSize: Int64, averagePrice: Price, openedAt: Instant
  ) {
    self.contract = contract
    self.signedSize = signedSize
    self.averagePrice = averagePrice
    self.openedAt = openedAt
  }
}

/// One working order.
package struct OrderReport: Equatable, Sendable, Codable {
  package var id: OrderID
  package var contract: ContractID
  package var name: String?
  package var type: OrderType
  package var side: Side
  package var size: Int64
  package var status: OrderStatus
  package var limitPrice: Price?
  package var stopPrice: Price?
  package var createdAt: Instant

  package init(
    id: OrderID, contract: ContractID, type: OrderType, side: Side, size: Int64,
    status: OrderStatus, createdAt: Instant
  ) {
    self.id = id
    self.contract = contract
    self.type = type
    self.side = side
    self.size = size
    self.status = status
    self.createdAt = createdAt
  }
}

/// The prices of a contract that is held.
package struct QuoteReport: Equatable, Sendable, Codable {
  package var contract: ContractID
  package var name: String?
  package var bid: Price?
  package var ask: Price?
  package var last: Price?
  package var at: Instant?

  package init(contract: ContractID) {
    self.contract = contract
  }
}

/// One execution.
package struct TradeReport: Equatable, Sendable, Codable {
  package var id: TradeID
  package var at: Instant
  package var contract: ContractID
  package var side: Side
  package var size: Int64
  package var price: Price
  /// `nil` for one that opened or added.
  package var profit: Money?

  package init(
    id: TradeID, at: Instant, contract: ContractID, side: Side, size: Int64, price: Price,
    profit: Money?
  ) {
    self.id = id
    self.at = at
    self.contract = contract
    self.side = side
    self.size = size
    self.price = price
    self.profit = profit
  }
}
