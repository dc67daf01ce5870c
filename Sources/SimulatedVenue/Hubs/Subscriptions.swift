import RiskModel

/// What a hub connection wants to hear.
struct Subscriptions: Equatable {
  var accounts = false
  var orders: Set<AccountID> = []
  var positions: Set<AccountID> = []
  var trades: Set<AccountID> = []
  var quotes: Set<ContractID> = []
  var marketTrades: Set<ContractID> = []
  /// Accepted, but the simulated venue has no depth to send.
  var depth: Set<ContractID> = []

  func wants(_ topic: HubTopic) -> Bool {
    switch topic.kind {
    case .account: accounts
    case .order: topic.account.map(orders.contains) == true
    case .position: topic.account.map(positions.contains) == true
    case .trade: topic.account.map(trades.contains) == true
    case .quote: topic.contract.map(quotes.contains) == true
    case .print: topic.contract.map(marketTrades.contains) == true
    }
  }
}

/// The methods of the hubs.
enum HubMethod: String, CaseIterable {
  case accounts = "SubscribeAccounts"
  case orders = "SubscribeOrders"
  case positions = "SubscribePositions"
  case trades = "SubscribeTrades"
  case quotes = "SubscribeContractQuotes"
  case marketTrades = "SubscribeContractTrades"
  case depth = "SubscribeContractMarketDepth"

  var hub: VenueHub {
    switch self {
    case .accounts, .orders, .positions, .trades: .user
    case .quotes, .marketTrades, .depth: .market
    }
  }

  /// Finds a method of a hub; names match in any case, as stock SignalR's do. `adds` is false for
  /// the method that takes the subscription back.
  static func named(_ target: String, on hub: VenueHub) -> (method: HubMethod, adds: Bool)? {
    let lowered = target.lowercased()
    for method in allCases where method.hub == hub {
      let name = method.rawValue.lowercased()
      if lowered == name { return (method, true) }
      if lowered == "un" + name { return (method, false) }
    }
    return nil
  }

  /// Changes the subscriptions. `false` when the arguments do not fit.
  func apply(_ arguments: [JSONValue], adds: Bool, to subscriptions: inout Subscriptions) -> Bool {
    switch self {
    case .accounts:
      guard arguments.isEmpty else { return false }
      subscriptions.accounts = adds
      return true
    case .orders:
      return HubMethod.change(&subscriptions.orders, arguments, adds, HubMethod.account)
    case .positions:
      return HubMethod.change(&subscriptions.positions, arguments, adds, HubMethod.account)
    case .trades:
      return HubMethod.change(&subscriptions.trades, arguments, adds, HubMethod.account)
    case .quotes:
      return HubMethod.change(&subscriptions.quotes, arguments, adds, HubMethod.contract)
    case .marketTrades:
      return HubMethod.change(&subscriptions.marketTrades, arguments, adds, HubMethod.contract)
    case .depth:
      return HubMethod.change(&subscriptions.depth, arguments, adds, HubMethod.contract)
    }
  }

  private static func change<Name: Hashable>(
    _ names: inout Set<Name>, _ arguments: [JSONValue], _ adds: Bool,
    _ read: (JSONValue) -> Name?
  ) -> Bool {
    guard arguments.count == 1, let name = read(arguments[0]) else { return false }
    if adds { names.insert(name) } else { names.remove(name) }
    return true
  }

  private static func account(_ value: JSONValue) -> AccountID? {
    lenientInteger(value).map { AccountID($0) }
  }

  private static func contract(_ value: JSONValue) -> ContractID? {
    value.text.map { ContractID($0) }
  }
}
