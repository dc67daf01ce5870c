package import RiskModel

/// One operation of the venue's REST API.
///
/// A description shows the operation and never its members, which hold secrets at sign-in.
package enum VenueRequest: Equatable, Sendable {
  case ping
  case loginKey(SignInKey)
  case validate
  /// With `onlyActive` false the list also has accounts that may not trade at the moment.
  case accountSearch(onlyActive: Bool)
  case contractSearchByID(ContractID)
  /// `live` false asks for the contracts of simulated accounts (documented).
  case contractAvailable(live: Bool)
  /// The only query that shows pending and suspended orders, so riskd uses no other. Its own contract filter has no
  /// effect (observed live), so there is none here.
  case orderQuery(AccountID, statuses: [OrderStatus], offset: Int)
  case orderPlace(OrderPlacement)
  case orderModify(AccountID, OrderID, OrderChange)
  case orderCancel(AccountID, OrderID)
  case positionSearchOpen(AccountID)
  case positionClose(AccountID, ContractID)
  case positionPartialClose(AccountID, ContractID, size: Int64)
  case tradeSearch(AccountID, from: Instant, to: Instant?)

  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  package var method: Method {
    if case .ping = self { return .get }
    return .post
  }

  package var path: String {
    switch self {
    case .ping: "/api/Status/ping"
    case .loginKey: "/api/Auth/loginKey"
    case .validate: "/api/Auth/validate"
    case .accountSearch: "/api/Account/search"
    case .contractSearchByID: "/api/Contract/searchById"
    case .contractAvailable: "/api/Contract/available"
    case .orderQuery: "/api/Order/v2/query"
    case .orderPlace: "/api/Order/place"
    case .orderModify: "/api/Order/modify"
    case .orderCancel: "/api/Order/cancel"
    case .positionSearchOpen: "/api/Position/searchOpen"
    case .positionClose: "/api/Position/closeContract"
    case .positionPartialClose: "/api/Position/partialCloseContract"
    case .tradeSearch: "/api/Trade/search"
    }
  }

  /// Whether the request may change orders or positions. Such a request is sent once, without a
  /// retry, and its outcome is a `ChangeOutcome`.
  package var changesVenue: Bool {
    switch self {
    case .orderPlace, .orderModify, .orderCancel, .positionClose, .positionPartialClose: true
    case .ping, .loginKey, .validate, .accountSearch, .contractSearchByID, .contractAvailable,
      .orderQuery, .positionSearchOpen, .tradeSearch:
      false
    }
  }

  /// The account that the request is about, `nil` when it is about none or all.
  package var account: AccountID? {
    switch self {
    case .ping, .loginKey, .validate, .accountSearch, .contractSearchByID, .contractAvailable: nil
    case .orderPlace(let placement): placement.account
    case .orderQuery(let account, _, _), .orderModify(let account, _, _),
      .orderCancel(let account, _),
      .positionSearchOpen(let account), .positionClose(let account, _),
      .positionPartialClose(let account, _, _), .tradeSearch(let account, _, _):
      account
    }
  }

  /// The longest that an answer is waited for. Callers may wait less.
  package var timeLimit: TimeSpan {
    switch self {
    case .ping, .validate: .seconds(5)
    case .orderPlace: .seconds(10)
    case .orderModify, .orderCancel, .positionClose, .positionPartialClose: .seconds(5)
    // Every product of the venue, some hundred kilobytes.
    case .contractAvailable: .seconds(30)
    case .loginKey, .accountSearch, .contractSearchByID, .orderQuery,
      .positionSearchOpen, .tradeSearch:
      .seconds(10)
    }
  }

  package var needsToken: Bool {
    switch self {
    case .ping, .loginKey: false
    default: true
    }
  }
}

extension VenueRequest: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "\(method.rawValue) \(path)" }
  package var debugDescription: String { description }
}

/// A new order. The price that its type does not use is `nil`.
package struct OrderPlacement: Equatable, Sendable {
  package var account: AccountID
  package var contract: ContractID
  package var type: OrderType
  package var side: Side
  package var size: Int64
  package var limitPrice: Price?
  package var stopPrice: Price?
  /// An absolute price, which the venue turns into a distance (observed live).
  package var trailPrice: Price?
  /// Unique per account for ever: reuse is refused even after the first order was cancelled.
  package var customTag: String?

  package init(
    account: AccountID, contract: ContractID, type: OrderType, side: Side, size: Int64,
    limitPrice: Price? = nil, stopPrice: Price? = nil, trailPrice: Price? = nil,
    customTag: String? = nil
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
  }
}

/// The members of an order that change; `nil` stays as it is.
package struct OrderChange: Equatable, Sendable {
  package var size: Int64?
  package var limitPrice: Price?
  package var stopPrice: Price?
  package var trailPrice: Price?

  package init(
    size: Int64? = nil, limitPrice: Price? = nil, stopPrice: Price? = nil,
    trailPrice: Price? = nil
  ) {
    self.size = size
    self.limitPrice = limitPrice
    self.stopPrice = stopPrice
    self.trailPrice = trailPrice
  }
}
