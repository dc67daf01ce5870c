// Identifiers, numbers and moments.
extension AccountID: CanonicalValue {}
extension OrderID: CanonicalValue {}
extension TradeID: CanonicalValue {}
extension TimeSpan: CanonicalValue {}
extension Instant: CanonicalValue {}
extension MonotonicInstant: CanonicalValue {}
extension Money: CanonicalValue {}
extension Price: CanonicalValue {}
extension Side: CanonicalValue {}
extension OrderType: CanonicalValue {}
extension OrderStatus: CanonicalValue {}

extension ContractID: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(text) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    self.init(try json.text())
  }
}

extension Account: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("balance", balance)
    json.member("canTrade", canTrade)
    json.member("id", id)
    json.member("isSimulated", isSimulated)
    json.member("name", name)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let balance: Money = try json.member("balance")
    let canTrade: Bool? = try json.optional("canTrade")
    let id: AccountID = try json.member("id")
    let isSimulated: Bool = try json.member("isSimulated")
    let name: String = try json.member("name")
    try json.end()
    self.init(id: id, name: name, balance: balance, canTrade: canTrade, isSimulated: isSimulated)
  }
}

extension ContractSpecification: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("id", id)
    json.member("name", name)
    json.member("tickSize", tickSize)
    json.member("tickValue", tickValue)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let id: ContractID = try json.member("id")
    let name: String = try json.member("name")
    let tickSize: Price = try json.member("tickSize")
    let tickValue: Money = try json.member("tickValue")
    try json.end()
    self.init(id: id, name: name, tickSize: tickSize, tickValue: tickValue)
  }
}

extension Position: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("averagePrice", averagePrice)
    json.member("contract", contract)
    json.member("id", id)
    json.member("openedAt", openedAt)
    json.member("signedSize", signedSize)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let averagePrice: Price = try json.member("averagePrice")
    let contract: ContractID = try json.member("contract")
    let id: Int64 = try json.member("id")
    let openedAt: Instant = try json.member("openedAt")
    let signedSize: Int64 = try json.member("signedSize")
    try json.end()
    self.init(
      id: id, account: account, contract: contract, openedAt: openedAt, signedSize: signedSize,
      averagePrice: averagePrice)
  }
}

extension Order: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("contract", contract)
    json.member("createdAt", createdAt)
    json.member("customTag", customTag)
    json.member("filledPrice", filledPrice)
    json.member("filledSize", filledSize)
    json.member("id", id)
    json.member("limitPrice", limitPrice)
    json.member("linked", linked)
    json.member("parent", parent)
    json.member("side", side)
    json.member("size", size)
    json.member("status", status)
    json.member("stopPrice", stopPrice)
    json.member("type", type)
    json.member("updatedAt", updatedAt)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let contract: ContractID = try json.member("contract")
    let createdAt: Instant = try json.member("createdAt")
    let customTag: String? = try json.optional("customTag")
    let filledPrice: Price? = try json.optional("filledPrice")
    let filledSize: Int64 = try json.member("filledSize")
    let id: OrderID = try json.member("id")
    let limitPrice: Price? = try json.optional("limitPrice")
    let linked: OrderID? = try json.optional("linked")
    let parent: OrderID? = try json.optional("parent")
    let side: Side = try json.member("side")
    let size: Int64 = try json.member("size")
    let status: OrderStatus = try json.member("status")
    let stopPrice: Price? = try json.optional("stopPrice")
    let type: OrderType = try json.member("type")
    let updatedAt: Instant? = try json.optional("updatedAt")
    try json.end()
    self.init(
      id: id, account: account, contract: contract, createdAt: createdAt, updatedAt: updatedAt,
      status: status, type: type, side: side, size: size, filledSize: filledSize,
      limitPrice: limitPrice, stopPrice: stopPrice, filledPrice: filledPrice, customTag: customTag,
      parent: parent, linked: linked)
  }
}

extension Trade: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("commissions", commissions)
    json.member("contract", contract)
    json.member("executedAt", executedAt)
    json.member("fees", fees)
    json.member("id", id)
    json.member("isVoided", isVoided)
    json.member("order", order)
    json.member("price", price)
    json.member("profit", profit)
    json.member("side", side)
    json.member("size", size)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let commissions: Money = try json.member("commissions")
    let contract: ContractID = try json.member("contract")
    let executedAt: Instant = try json.member("executedAt")
    let fees: Money = try json.member("fees")
    let id: TradeID = try json.member("id")
    let isVoided: Bool = try json.member("isVoided")
    let order: OrderID = try json.member("order")
    let price: Price = try json.member("price")
    let profit: Money? = try json.optional("profit")
    let side: Side = try json.member("side")
    let size: Int64 = try json.member("size")
    try json.end()
    self.init(
      id: id, account: account, contract: contract, executedAt: executedAt, price: price,
      profit: profit, fees: fees, commissions: commissions, side: side, size: size,
      isVoided: isVoided, order: order)
  }
}

extension Quote: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("ask", ask)
    json.member("bid", bid)
    json.member("contract", contract)
    json.member("last", last)
    json.member("quotedAt", quotedAt)
    json.member("repeatsLast", repeatsLast)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let ask: Price? = try json.optional("ask")
    let bid: Price? = try json.optional("bid")
    let contract: ContractID = try json.member("contract")
    let last: Price? = try json.optional("last")
    let quotedAt: Instant? = try json.optional("quotedAt")
    let repeatsLast: Bool? = try json.optional("repeatsLast")
    try json.end()
    self.init(
      contract: contract, last: last, bid: bid, ask: ask, quotedAt: quotedAt,
      repeatsLast: repeatsLast)
  }
}

extension VenueEvent: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .account(let account): json.enumeration("account", account)
    case .position(let position): json.enumeration("position", position)
    case .order(let order): json.enumeration("order", order)
    case .trade(let trade): json.enumeration("trade", trade)
    case .quote(let quote): json.enumeration("quote", quote)
    case .contract(let contract): json.enumeration("contract", contract)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    switch try json.beginCase() {
    case "account": self = .account(try json.member("_0"))
    case "position": self = .position(try json.member("_0"))
    case "order": self = .order(try json.member("_0"))
    case "trade": self = .trade(try json.member("_0"))
    case "quote": self = .quote(try json.member("_0"))
    case "contract": self = .contract(try json.member("_0"))
    default: throw NotCanonical()
    }
    try json.endCase()
  }
}
