import RiskModel

// The venue's objects. REST replies and hub events carry the same ones; the hubs leave out what
// REST writes as null (observed live). Members that are not named here are ignored.

extension Account {
  init(_ value: JSONValue) throws(VenueError) {
    let fields = try Fields(value, "account")
    self.init(
      id: AccountID(try fields.integer("id")), name: try fields.text("name"),
      balance: try fields.money("balance"), canTrade: try fields.optionalFlag("canTrade"),
      isSimulated: try fields.optionalFlag("simulated") ?? true)
  }
}

extension ContractSpecification {
  init(_ value: JSONValue) throws(VenueError) {
    let fields = try Fields(value, "contract")
    self.init(
      id: try fields.contract("id"), name: try fields.text("name"),
      tickSize: try fields.tickSize("tickSize"), tickValue: try fields.tickValue("tickValue"))
  }
}

extension Position {
  /// A closed position is size 0; its type then is 0 too and its average stays what it was.
  init(_ value: JSONValue) throws(VenueError) {
    let fields = try Fields(value, "position")
    let size = try fields.size("size")
    let type = size == 0 ? 0 : try fields.integer("type")
    let signedSize: Int64 =
      switch type {
      case 1: size
      case 2: -size
      case _ where size == 0: 0
      default: throw .positionTypeUnknown(type: type, size: size)
      }
    self.init(
      id: try fields.integer("id"), account: AccountID(try fields.integer("accountId")),
      contract: try fields.contract("contractId"),
      openedAt: try fields.instant("creationTimestamp"), signedSize: signedSize,
      averagePrice: try fields.price("averagePrice"))
  }
}

extension Order {
  init(_ value: JSONValue) throws(VenueError) {
    let fields = try Fields(value, "order")
    self.init(
      id: OrderID(try fields.integer("id")),
      account: AccountID(try fields.integer("accountId")),
      contract: try fields.contract("contractId"),
      createdAt: try fields.instant("creationTimestamp"),
      updatedAt: try fields.optionalInstant("updateTimestamp"),
      status: OrderStatus(rawValue: try fields.ordinal("status")),
      type: OrderType(rawValue: try fields.ordinal("type")), side: try fields.side("side"),
      size: try fields.size("size"), filledSize: try fields.size("fillVolume"),
      limitPrice: try fields.optionalPrice("limitPrice"),
      stopPrice: try fields.optionalPrice("stopPrice"),
      filledPrice: try fields.optionalPrice("filledPrice"),
      customTag: try fields.optionalText("customTag"),
      parent: try fields.optionalInteger("parentOrderId").map { OrderID($0) },
      linked: try fields.optionalInteger("linkedOrderId").map { OrderID($0) })
  }
}

extension Trade {
  /// Commissions are on the hub's trades and missing from REST's (observed live).
  init(_ value: JSONValue) throws(VenueError) {
    let fields = try Fields(value, "trade")
    self.init(
      id: TradeID(try fields.integer("id")),
      account: AccountID(try fields.integer("accountId")),
      contract: try fields.contract("contractId"),
      executedAt: try fields.instant("creationTimestamp"), price: try fields.price("price"),
      profit: try fields.optionalMoney("profitAndLoss"), fees: try fields.money("fees"),
      commissions: try fields.optionalMoney("commissions") ?? .zero,
      side: try fields.side("side"), size: try fields.size("size"),
      isVoided: try fields.optionalFlag("voided") ?? false,
      order: OrderID(try fields.integer("orderId")))
  }
}

extension Quote {
  /// Quotes are sparse: a member that is left out has not changed.
  init(_ value: JSONValue, contract: ContractID?) throws(VenueError) {
    let fields = try Fields(value, "quote")
    let updatedAt = try fields.optionalInstant("lastUpdated")
    let sentAt = try fields.optionalInstant("timestamp")
    self.init(
      contract: try fields.contract("contract", unless: contract),
      last: try fields.optionalPrice("lastPrice"), bid: try fields.optionalPrice("bestBid"),
      ask: try fields.optionalPrice("bestAsk"), quotedAt: updatedAt ?? sentAt)
  }

  /// A print of the tape moves the last price and nothing else.
  init(print value: JSONValue, contract: ContractID?) throws(VenueError) {
    let fields = try Fields(value, "trade")
    self.init(
      contract: try fields.contract("contractId", unless: contract),
      last: try fields.price("price"), quotedAt: try fields.optionalInstant("timestamp"))
  }
}
