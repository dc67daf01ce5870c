/// A trading account as the venue describes it.
package struct Account: Equatable, Sendable, Codable {
  package var id: AccountID
  /// The name shown on the platform, `50KTC-V2-…`.
  package var name: String
  /// Realised balance; open profit and loss is not part of it.
  package var balance: Money
  /// `nil` when the venue left the field out; that is a question, not a yes.
  package var canTrade: Bool?
  package var isSimulated: Bool

  package init(
    id: AccountID, name: String, balance: Money, canTrade: Bool?, isSimulated: Bool = true
  ) {
    self.id = id
    self.name = name
    self.balance = balance
    self.canTrade = canTrade
    self.isSimulated = isSimulated
  }
}

/// What the venue knows about a contract.
package struct ContractSpecification: Equatable, Sendable, Codable {
  package var id: ContractID
  /// Exchange name of the month, `MNQZ25`.
  package var name: String
  /// Smallest price step.
  package var tickSize: Price
  /// Money that one tick of one contract is worth.
  package var tickValue: Money

  package init(id: ContractID, name: String, tickSize: Price, tickValue: Money) {
    self.id = id
    self.name = name
    self.tickSize = tickSize
    self.tickValue = tickValue
  }

  private static let largestProfit: Int128 = 1_000_000_000_000_000

  /// Profit or loss of holding `size` contracts (negative is short) from one price to another.
  ///
  /// A fraction of a micro-dollar counts against the trader. What an absurd price would make of it ends
  /// at a billion dollars, beyond every limit, so that results can be added up.
  package func profit(from entry: Price, to mark: Price, signedSize: Int64) -> Money {
    precondition(tickSize.nanos > 0, "Condition failed: the tick size of \(id) is positive")
    let numerator =
      (Int128(mark.nanos) - Int128(entry.nanos)) * Int128(signedSize) * Int128(tickValue.micros)
    let divisor = Int128(tickSize.nanos)
    let quotient = numerator / divisor
    let floored = numerator % divisor < 0 ? quotient - 1 : quotient
    return Money(micros: Int64(min(max(floored, -Self.largestProfit), Self.largestProfit)))
  }
}

/// Which way an order or a trade goes. On the wire 0 is bid (buy), 1 is ask (sell).
package enum Side: String, Sendable, Codable {
  case buy
  case sell

  package var opposite: Side { self == .buy ? .sell : .buy }
  /// +1 for a buy, −1 for a sell.
  package var sign: Int64 { self == .buy ? 1 : -1 }
}

/// The open position of an account in one contract; the venue keeps one row per contract.
package struct Position: Equatable, Sendable, Codable {
  package var id: Int64
  package var account: AccountID
  package var contract: ContractID
  package var openedAt: Instant
  /// Contracts held; negative is short, zero is flat.
  package var signedSize: Int64
  /// Entry average. On the event that reports a flat position it still is the entry average.
  package var averagePrice: Price

  package init(
    id: Int64, account: AccountID, contract: ContractID, openedAt: Instant, signedSize: Int64,
    averagePrice: Price
  ) {
    self.id = id
    self.account = account
    self.contract = contract
    self.openedAt = openedAt
    self.signedSize = signedSize
    self.averagePrice = averagePrice
  }

  package var size: Int64 { abs(signedSize) }
  package var isFlat: Bool { signedSize == 0 }
  /// The side of an order that would close the position.
  package var exitSide: Side { signedSize > 0 ? .sell : .buy }
}

/// The kind of an order. Numbers that the documentation does not list are kept.
package struct OrderType: RawRepresentable, Hashable, Sendable, Codable {
  package var rawValue: Int

  package static let limit = OrderType(rawValue: 1)
  package static let market = OrderType(rawValue: 2)
  package static let stopLimit = OrderType(rawValue: 3)
  package static let stop = OrderType(rawValue: 4)
  package static let trailingStop = OrderType(rawValue: 5)
  package static let joinBid = OrderType(rawValue: 6)
  package static let joinAsk = OrderType(rawValue: 7)

  package init(rawValue: Int) {
    self.rawValue = rawValue
  }

  package var isStop: Bool { self == .stop || self == .stopLimit || self == .trailingStop }
}

/// The state of an order. Numbers that the documentation does not list are kept and count as
/// working: an order that might fill is treated as one that will.
package struct OrderStatus: RawRepresentable, Hashable, Sendable, Codable {
  package var rawValue: Int

  package static let open = OrderStatus(rawValue: 1)
  package static let filled = OrderStatus(rawValue: 2)
  package static let cancelled = OrderStatus(rawValue: 3)
  package static let expired = OrderStatus(rawValue: 4)
  package static let rejected = OrderStatus(rawValue: 5)
  package static let pending = OrderStatus(rawValue: 6)
  package static let pendingCancellation = OrderStatus(rawValue: 7)
  /// A bracket child that waits for its entry to fill (observed live).
  package static let suspended = OrderStatus(rawValue: 8)

  /// The statuses in which an order can still trade, as `Order/v2/query` takes them.
  package static let working: [OrderStatus] = [.open, .pending, .pendingCancellation, .suspended]

  package init(rawValue: Int) {
    self.rawValue = rawValue
  }

  package var isTerminal: Bool { (2...5).contains(rawValue) }
  package var isWorking: Bool { !isTerminal }
}

/// An order as the venue describes it.
package struct Order: Equatable, Sendable, Codable {
  package var id: OrderID
  package var account: AccountID
  package var contract: ContractID
  package var createdAt: Instant
  /// `nil` on older surfaces and on orders that never changed.
  package var updatedAt: Instant?
  package var status: OrderStatus
  package var type: OrderType
  package var side: Side
  package var size: Int64
  package var filledSize: Int64
  package var limitPrice: Price?
  /// `nil` while a bracket child is suspended.
  package var stopPrice: Price?
  package var filledPrice: Price?
  package var customTag: String?
  package var parent: OrderID?
  package var linked: OrderID?

  package init(
    id: OrderID, account: AccountID, contract: ContractID, createdAt: Instant,
    updatedAt: Instant? = nil, status: OrderStatus, type: OrderType, side: Side, size: Int64,
    filledSize: Int64 = 0, limitPrice: Price? = nil, stopPrice: Price? = nil,
    filledPrice: Price? = nil, customTag: String? = nil, parent: OrderID? = nil,
    linked: OrderID? = nil
  ) {
    self.id = id
    self.account = account
    self.contract = contract
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.status = status
    self.type = type
    self.side = side
    self.size = size
    self.filledSize = filledSize
    self.limitPrice = limitPrice
    self.stopPrice = stopPrice
    self.filledPrice = filledPrice
    self.customTag = customTag
    self.parent = parent
    self.linked = linked
  }

  package var remainingSize: Int64 { max(0, size - filledSize) }
}

/// One execution. The venue calls it a half-turn when it opens or adds; its profit is then absent.
package struct Trade: Equatable, Sendable, Codable {
  package var id: TradeID
  package var account: AccountID
  package var contract: ContractID
  package var executedAt: Instant
  package var price: Price
  /// Gross profit of the contracts that this execution closed; `nil` for a half-turn.
  package var profit: Money?
  package var fees: Money
  package var commissions: Money
  package var side: Side
  package var size: Int64
  /// The venue took the execution back; it counts for nothing.
  package var isVoided: Bool
  package var order: OrderID

  package init(
    id: TradeID, account: AccountID, contract: ContractID, executedAt: Instant, price: Price,
    profit: Money?, fees: Money, commissions: Money = .zero, side: Side, size: Int64,
    isVoided: Bool = false, order: OrderID
  ) {
    self.id = id
    self.account = account
    self.contract = contract
    self.executedAt = executedAt
    self.price = price
    self.profit = profit
    self.fees = fees
    self.commissions = commissions
    self.side = side
    self.size = size
    self.isVoided = isVoided
    self.order = order
  }

  /// The same execution after the venue spoke of it again.
  ///
  /// A result, fees and commissions that are not there stay what they were: the venue sets them later
  /// than the execution, and not every one of its messages carries them. What was taken back stays so.
  package func revised(by later: Trade) -> Trade {
    guard !isVoided else { return self }
    var trade = self
    trade.isVoided = later.isVoided
    trade.profit = later.profit ?? profit
    trade.fees = later.fees == .zero ? fees : later.fees
    trade.commissions = later.commissions == .zero ? commissions : later.commissions
    return trade
  }
}

/// A change of a quote. The venue sends only the members that changed; `nil` is "as before".
package struct Quote: Equatable, Sendable, Codable {
  package var contract: ContractID
  package var last: Price?
  package var bid: Price?
  package var ask: Price?
  package var quotedAt: Instant?
  /// `true` where the last price was not sent anew but completes a message of other prices.
  package var repeatsLast: Bool?

  package init(
    contract: ContractID, last: Price? = nil, bid: Price? = nil, ask: Price? = nil,
    quotedAt: Instant? = nil, repeatsLast: Bool? = nil
  ) {
    self.contract = contract
    self.last = last
    self.bid = bid
    self.ask = ask
    self.quotedAt = quotedAt
    self.repeatsLast = repeatsLast
  }
}

/// One thing that the venue told about.
package enum VenueEvent: Equatable, Sendable, Codable {
  case account(Account)
  case position(Position)
  case order(Order)
  case trade(Trade)
  case quote(Quote)
  case contract(ContractSpecification)
}

/// The state of one account as the venue's queries gave it, all requests sent after `startedAt`.
package struct AccountSnapshot: Equatable, Sendable, Codable {
  package var account: Account
  package var positions: [Position]
  /// Orders in statuses 1, 6, 7 and 8, complete over all pages.
  package var workingOrders: [Order]
  /// Executions since the start of the trading day, oldest first.
  package var trades: [Trade]
  package var startedAt: Instant

  package init(
    account: Account, positions: [Position], workingOrders: [Order], trades: [Trade],
    startedAt: Instant
  ) {
    self.account = account
    self.positions = positions
    self.workingOrders = workingOrders
    self.trades = trades
    self.startedAt = startedAt
  }
}
