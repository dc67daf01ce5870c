package import RiskModel

/// The market in one contract: what was traded last and the best prices on both sides.
package struct Market: Equatable, Sendable {
  package internal(set) var last: Price?
  package internal(set) var bid: Price?
  package internal(set) var ask: Price?
  package internal(set) var isOpen = true
  /// While set, nothing trades: see `pause`.
  package internal(set) var pausedUntil: Instant?
  /// Contracts already taken from each side since the price last changed.
  var takenByBuyers: Int64 = 0
  var takenBySellers: Int64 = 0

  init(last: Price?, bid: Price?, ask: Price?) {
    self.last = last
    self.bid = bid
    self.ask = ask
  }

  /// The best price for somebody on that side: the ask for a buyer.
  func touch(for side: Side) -> Price? { side == .buy ? ask : bid }

  func taken(by side: Side) -> Int64 { side == .buy ? takenByBuyers : takenBySellers }

  mutating func take(_ quantity: Int64, by side: Side) {
    if side == .buy { takenByBuyers += quantity } else { takenBySellers += quantity }
  }

  mutating func refill() {
    takenByBuyers = 0
    takenBySellers = 0
  }

  /// Whether a stop at that price is triggered: the market traded there or is quoted beyond it.
  func triggers(stop: Price, side: Side) -> Bool {
    switch side {
    case .buy: last.map { $0 >= stop } == true || bid.map { $0 >= stop } == true
    case .sell: last.map { $0 <= stop } == true || ask.map { $0 <= stop } == true
    }
  }
}

/// The members of a quote that changed.
package struct QuoteChange: Equatable, Sendable {
  package var last: Price?
  package var bid: Price?
  package var ask: Price?

  package init(last: Price? = nil, bid: Price? = nil, ask: Price? = nil) {
    self.last = last
    self.bid = bid
    self.ask = ask
  }
}

/// One thing that happened at the exchange, in the order in which it happened.
package enum ExchangeEvent: Equatable, Sendable {
  case order(VenueOrder)
  case trade(Trade)
  case position(Position)
  case account(TradingAccount)
  case quote(ContractID, QuoteChange, at: Instant)
  /// The market changed its last price.
  case print(ContractID, Price, side: Side, volume: Int64, at: Instant)
}

extension ExchangeEvent {
  var isTrade: Bool { if case .trade = self { true } else { false } }
}
