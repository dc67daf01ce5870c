package import RiskModel

/// What somebody asks the venue to place. Numbers travel unchecked: refusing them is the venue's
/// business.
package struct OrderTicket: Equatable, Sendable {
  package var account: AccountID
  package var contract: ContractID
  package var type: OrderType
  package var side: Side
  package var size: Int64
  package var limitPrice: Price?
  package var stopPrice: Price?
  /// The level at which a trailing stop starts, as a price.
  package var trailPrice: Price?
  package var customTag: String?
  package var stopLoss: BracketLeg?
  package var takeProfit: BracketLeg?

  package init(
    account: AccountID, contract: ContractID, type: OrderType, side: Side, size: Int64,
    limitPrice: Price? = nil, stopPrice: Price? = nil, trailPrice: Price? = nil,
    customTag: String? = nil, stopLoss: BracketLeg? = nil, takeProfit: BracketLeg? = nil
  ) {
    self.account = account
    self.contract = contract
    self.type = type
    self.side = side
    self.size = size
    self.limitPrice = limitPrice
    self.stopPrice = stopPrice
    self.trailPrice = trailPrice
    self.customTag = customTag
    self.stopLoss = stopLoss
    self.takeProfit = takeProfit
  }
}

/// One leg of a bracket: a signed number of ticks from the entry's fill.
package struct BracketLeg: Equatable, Sendable {
  package var ticks: Int64
  package var type: OrderType

  package init(ticks: Int64, type: OrderType) {
    self.ticks = ticks
    self.type = type
  }
}

/// What changes on a working order; `nil` stays as it is.
package struct OrderChange: Equatable, Sendable {
  package var size: Int64?
  package var limitPrice: Price?
  package var stopPrice: Price?
  package var trailPrice: Price?

  package init(
    size: Int64? = nil, limitPrice: Price? = nil, stopPrice: Price? = nil, trailPrice: Price? = nil
  ) {
    self.size = size
    self.limitPrice = limitPrice
    self.stopPrice = stopPrice
    self.trailPrice = trailPrice
  }

  var isEmpty: Bool { self == OrderChange() }
}

/// An order of the venue with what the venue knows beyond its public members.
package struct VenueOrder: Equatable, Sendable {
  package var order: Order
  /// Ticks between the market and a trailing stop, or a suspended leg's signed offset.
  package var trailDistance: Int64?
  /// The same as a price.
  package var trailPrice: Price?
  /// A stop that has been triggered and now trades at the market.
  var isTriggered = false
  /// Made by the venue to close a position.
  var isClosing = false
  /// The other leg of the same bracket.
  var sibling: OrderID?
  /// Legs that wait for this order to fill.
  var legs: [OrderID] = []

  init(_ order: Order) {
    self.order = order
  }

  package var id: OrderID { order.id }

  /// Whether it takes whatever price the market has.
  var takesMarket: Bool { order.type == .market || isTriggered }

  /// The limit that bounds its price.
  var limit: Price? {
    order.type == .limit || order.type == .joinBid || order.type == .joinAsk
      ? order.limitPrice : nil
  }
}
