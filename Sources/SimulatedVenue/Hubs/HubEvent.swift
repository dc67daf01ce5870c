import RiskModel

/// What an event is about: enough to know who wants it.
struct HubTopic: Equatable {
  var kind: HubEventKind
  var account: AccountID?
  var contract: ContractID?

  init(_ event: ExchangeEvent) {
    switch event {
    case .account(let account):
      self.init(kind: .account, account: account.account.id)
    case .order(let order):
      self.init(kind: .order, account: order.order.account, contract: order.order.contract)
    case .position(let position):
      self.init(kind: .position, account: position.account, contract: position.contract)
    case .trade(let trade):
      self.init(kind: .trade, account: trade.account, contract: trade.contract)
    case .quote(let contract, _, _):
      self.init(kind: .quote, contract: contract)
    case .print(let contract, _, _, _, _):
      self.init(kind: .print, contract: contract)
    }
  }

  private init(kind: HubEventKind, account: AccountID? = nil, contract: ContractID? = nil) {
    self.kind = kind
    self.account = account
    self.contract = contract
  }
}

/// Writes events in the form that the hubs are set to.
struct HubEventWriter {
  let behaviour: HubBehaviour
  let contracts: [ContractID: ListedContract]

  private var style: WireStyle {
    WireStyle(
      timestamps: .hundredNanoseconds, writesNulls: behaviour.writesNulls,
      idsAsText: behaviour.idsAsText, form: behaviour.form)
  }

  /// The record of an event with its separator.
  ///
  /// The numbers of `action` are those that were observed live: 0 on trades, 2 on closed
  /// positions, 1 on everything else.
  func bytes(_ event: ExchangeEvent) -> [UInt8] {
    switch event {
    case .account(let account):
      user("GatewayUserAccount", 1, style.account(account))
    case .order(let order):
      user(
        "GatewayUserOrder", 1, style.order(order, symbolID: symbolID(order.order.contract)))
    case .position(let position):
      user(
        "GatewayUserPosition", position.isFlat ? 2 : 1,
        style.position(position, displayName: contracts[position.contract]?.displayName ?? ""))
    case .trade(let trade):
      user("GatewayUserTrade", 0, style.trade(trade))
    case .quote(let contract, let change, let at):
      market("GatewayQuote", contract, quote(contract, change, at))
    case .print(let contract, let price, let side, let volume, let at):
      market("GatewayTrade", contract, print(contract, price, side, volume, at))
    }
  }

  private func user(_ target: String, _ action: Int, _ data: JSONValue) -> [UInt8] {
    let wrapped = JSONValue.object(["action": .integer(action), "data": data])
    let argument =
      switch behaviour.payload {
      case .wrapped: wrapped
      case .bare: data
      case .array: JSONValue.array([wrapped])
      }
    return bytes(HubRecord.invocation(target, [argument]))
  }

  private func market(_ target: String, _ contract: ContractID, _ payload: JSONValue) -> [UInt8] {
    bytes(HubRecord.invocation(target, [.string(contract.text), payload]))
  }

  private func bytes(_ record: JSONValue) -> [UInt8] {
    HubRecord.bytes(behaviour.form.addsUnknownMembers ? record.withUnknownMembers : record)
  }

  /// Quotes are sparse: only what changed is in them (observed live).
  private func quote(_ contract: ContractID, _ change: QuoteChange, _ at: Instant) -> JSONValue {
    var members = [JSONMember("symbol", .string(symbolID(contract)))]
    if let last = change.last { members.append(JSONMember("lastPrice", style.price(last))) }
    if let bid = change.bid { members.append(JSONMember("bestBid", style.price(bid))) }
    if let ask = change.ask { members.append(JSONMember("bestAsk", style.price(ask))) }
    members.append(JSONMember("lastUpdated", style.time(at)))
    members.append(JSONMember("timestamp", style.time(at)))
    members.append(JSONMember("contract", .string(contract.text)))
    return .object(members)
  }

  private func print(
    _ contract: ContractID, _ price: Price, _ side: Side, _ volume: Int64, _ at: Instant
  ) -> JSONValue {
    .array([
      .object([
        "symbolId": .string(symbolID(contract)), "price": style.price(price),
        "timestamp": style.time(at), "type": .integer(side.wireNumber),
        "volume": .integer(volume), "contractId": .string(contract.text),
      ])
    ])
  }

  private func symbolID(_ contract: ContractID) -> String { contracts[contract]?.symbolID ?? "" }
}
