/// The operations of the gateway's REST interface that the simulated venue serves.
///
/// The raw value is the path below `/api/`.
package enum GatewayOperation: String, Sendable, CaseIterable {
  case ping = "Status/ping"
  case login = "Auth/loginKey"
  case loginApplication = "Auth/loginApp"
  case validate = "Auth/validate"
  case logout = "Auth/logout"
  case searchAccounts = "Account/search"
  case searchContracts = "Contract/search"
  case availableContracts = "Contract/available"
  case contractByID = "Contract/searchById"
  case retrieveBars = "History/retrieveBars"
  case placeOrder = "Order/place"
  case modifyOrder = "Order/modify"
  case cancelOrder = "Order/cancel"
  case searchOrders = "Order/search"
  case searchOpenOrders = "Order/searchOpen"
  case orderByID = "Order/searchById"
  case queryOrders = "Order/v2/query"
  case searchPositions = "Position/searchOpen"
  case closeContract = "Position/closeContract"
  case partialCloseContract = "Position/partialCloseContract"
  case searchTrades = "Trade/search"

  package var path: String { "/api/\(rawValue)" }

  package init?(path: String) {
    guard path.hasPrefix("/api/") else { return nil }
    self.init(rawValue: String(path.dropFirst("/api/".count)))
  }

  /// The ping alone is a GET; everything else is a POST (documented).
  package var method: String { self == .ping ? "GET" : "POST" }

  /// Whether a bearer token is asked for.
  package var needsToken: Bool { self != .ping && !isLogin }

  /// Whether it carries secrets and gives a token.
  package var isLogin: Bool { self == .login || self == .loginApplication }

  /// The member of the reply that carries what was asked for.
  package var payloadMember: String? {
    switch self {
    case .login, .loginApplication: "token"
    case .validate: "newToken"
    case .searchAccounts: "accounts"
    case .searchContracts, .availableContracts: "contracts"
    case .contractByID: "contract"
    case .retrieveBars: "bars"
    case .placeOrder: "orderId"
    case .searchOrders, .searchOpenOrders, .queryOrders: "orders"
    case .orderByID: "order"
    case .searchPositions: "positions"
    case .searchTrades: "trades"
    case .ping, .logout, .modifyOrder, .cancelOrder, .closeContract, .partialCloseContract: nil
    }
  }

  /// The code that says that the market is closed, on the operations that have one.
  package var closedMarketCode: Int? {
    switch self {
    case .placeOrder: PlaceCode.outsideTradingHours.rawValue
    case .modifyOrder: ModifyCode.rejected.rawValue
    case .cancelOrder: CancelCode.rejected.rawValue
    case .closeContract: CloseCode.orderRejected.rawValue
    case .partialCloseContract: PartialCloseCode.orderRejected.rawValue
    default: nil
    }
  }

  /// The name of the request type, as it appears in complaints about a body.
  var requestType: String {
    switch self {
    case .login: "LoginApiKeyRequest"
    case .loginApplication: "LoginAppRequest"
    case .queryOrders: "SearchOrdersQueryRequest"
    default: rawValue.split(separator: "/").joined() + "Request"
    }
  }
}
