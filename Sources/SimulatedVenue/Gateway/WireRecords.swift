import RiskModel

/// How a record differs between the REST interface and the hubs.
struct WireStyle {
  var timestamps: TimestampPrecision
  /// REST writes absent values as null; the hubs leave them out (observed live).
  var writesNulls: Bool
  /// One live incident had order ids as texts.
  var idsAsText = false
  var showsCommissions = true
  var form = WireForm()

  static let rest = WireStyle(timestamps: .microseconds, writesNulls: true)

  func members(_ members: KeyValuePairs<String, JSONValue?>) -> [JSONMember] {
    members.compactMap { name, value in
      guard let value else { return nil }
      return writesNulls || !value.isNull ? JSONMember(name, value) : nil
    }
  }

  func id(_ number: Int64) -> JSONValue {
    idsAsText ? .string("\(number)") : .integer(number)
  }

  func time(_ instant: Instant) -> JSONValue { .string(instant.venueText(timestamps, form)) }

  func price(_ price: Price) -> JSONValue { form.decimals.number(units: price.nanos, scale: 9) }

  func money(_ money: Money) -> JSONValue { form.decimals.number(units: money.micros, scale: 6) }

  func account(_ tradingAccount: TradingAccount) -> JSONValue {
    let account = tradingAccount.account
    return .object(
      members([
        "id": .integer(account.id.number), "name": .string(account.name),
        "balance": money(account.balance), "canTrade": .optional(account.canTrade) { .bool($0) },
        "isVisible": .bool(tradingAccount.isVisible), "simulated": .bool(account.isSimulated),
      ]))
  }

  func contract(_ contract: ListedContract) -> JSONValue {
    .object(
      members([
        "id": .string(contract.id.text), "name": .string(contract.specification.name),
        "description": .string(contract.details),
        "tickSize": price(contract.specification.tickSize),
        "tickValue": money(contract.specification.tickValue),
        "activeContract": .bool(contract.isActive), "symbolId": .string(contract.symbolID),
      ]))
  }

  /// Parent and linked order are left out when there is none, on REST too (observed live).
  func order(_ venueOrder: VenueOrder, symbolID: String) -> JSONValue {
    let order = venueOrder.order
    return .object(
      members([
        "id": id(order.id.number), "accountId": .integer(order.account.number),
        "contractId": .string(order.contract.text), "symbolId": .string(symbolID),
        "creationTimestamp": time(order.createdAt),
        "updateTimestamp": .optional(form.hidesUpdateTimestamps ? nil : order.updatedAt, time),
        "status": .integer(order.status.rawValue), "type": .integer(order.type.rawValue),
        "side": .integer(order.side.wireNumber), "size": .integer(order.size),
        "limitPrice": .optional(order.limitPrice) { price($0) },
        "stopPrice": .optional(order.stopPrice) { price($0) },
        "fillVolume": .integer(order.filledSize),
        "filledPrice": .optional(order.filledPrice) { price($0) },
        "customTag": .optional(order.customTag) { .string($0) },
        "parentOrderId": order.parent.map { id($0.number) },
        "linkedOrderId": order.linked.map { id($0.number) },
        "trailPrice": venueOrder.trailPrice.map { price($0) },
        "trailDistance": venueOrder.trailDistance.map { .integer($0) },
      ]))
  }

  func position(_ position: Position, displayName: String) -> JSONValue {
    let type = position.isFlat ? 0 : position.signedSize > 0 ? 1 : 2
    return .object(
      members([
        "id": .integer(position.id), "accountId": .integer(position.account.number),
        "contractId": .string(position.contract.text),
        "contractDisplayName": .string(displayName),
        "creationTimestamp": time(position.openedAt), "type": .integer(type),
        "size": .integer(position.size), "averagePrice": price(position.averagePrice),
      ]))
  }

  func trade(_ trade: Trade) -> JSONValue {
    .object(
      members([
        "id": id(trade.id.number), "accountId": .integer(trade.account.number),
        "contractId": .string(trade.contract.text), "creationTimestamp": time(trade.executedAt),
        "price": price(trade.price), "profitAndLoss": .optional(trade.profit) { money($0) },
        "fees": money(trade.fees),
        "commissions": showsCommissions ? money(trade.commissions) : nil,
        "side": .integer(trade.side.wireNumber), "size": .integer(trade.size),
        "voided": .bool(trade.isVoided), "orderId": id(trade.order.number),
      ]))
  }
}

extension Side {
  /// 0 is bid, to buy; 1 is ask, to sell (documented).
  var wireNumber: Int { self == .buy ? 0 : 1 }

  init?(wireNumber: Int64) {
    switch wireNumber {
    case 0: self = .buy
    case 1: self = .sell
    default: return nil
    }
  }
}
