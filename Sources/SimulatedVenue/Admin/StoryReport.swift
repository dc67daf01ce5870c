import RiskModel

/// Happenings and requests as plain records.
///
/// Every happening has `number`, `at`, `monotonicNanos`, `kind` and `text`, which is a sentence for
/// people; the rest depends on the kind: `trader` (account, refusal), `order`, `trade`, `position`,
/// `account` (the record as REST writes it), `price` (contract, last, bid, ask), `request` (the
/// record of `GET /requests`), `hub` (hub, connection), `fault` (fault), `scenario`.
struct StoryReport {
  let floor: VenueFloor

  func json(_ happening: Happening) -> JSONValue {
    let matter = describe(happening.matter)
    return .object(
      [
        JSONMember("number", .integer(happening.number)),
        JSONMember("at", .string(happening.at.venueText(.microseconds))),
        JSONMember("monotonicNanos", .integer(happening.monotonic.nanos)),
        JSONMember("kind", .string(matter.kind)), JSONMember("text", .string(matter.text)),
      ] + matter.members)
  }

  private struct Description {
    var kind: String
    var text: String
    var members: [JSONMember] = []
  }

  private func describe(_ matter: Happening.Matter) -> Description {
    switch matter {
    case .exchange(let event):
      describe(event)
    case .trader(let what, let account, let refusal):
      Description(
        kind: "trader", text: "The trader \(what)" + (refusal.map { ": refused, \($0)" } ?? ""),
        members: [
          JSONMember("account", .optional(account) { .integer($0.number) }),
          JSONMember("refusal", .optional(refusal) { .string($0) }),
        ])
    case .price(let contract, let change):
      describe(contract, change)
    case .request(let sequence):
      describeRequest(sequence)
    case .hub(let hub, let connection, let what):
      Description(
        kind: "hub", text: "\(hub.rawValue) hub, connection \(connection): \(what)",
        members: [
          JSONMember("hub", .string(hub.rawValue)), JSONMember("connection", .integer(connection)),
        ])
    case .fault(let number, let what):
      Description(
        kind: "fault", text: "Fault \(number) \(what)",
        members: [JSONMember("fault", .integer(number))])
    case .scenario(let text):
      Description(kind: "scenario", text: text)
    }
  }

  private func describe(_ contract: ContractID, _ change: QuoteChange) -> Description {
    let price = change.last ?? change.bid ?? change.ask
    return Description(
      kind: "price", text: "\(contract.root) is at \(price?.description ?? "no price")",
      members: [
        JSONMember("contract", .string(contract.text)),
        JSONMember("last", .optional(change.last) { .price($0) }),
        JSONMember("bid", .optional(change.bid) { .price($0) }),
        JSONMember("ask", .optional(change.ask) { .price($0) }),
      ])
  }

  private func describe(_ event: ExchangeEvent) -> Description {
    switch event {
    case .order(let order):
      Description(
        kind: "order", text: words(order.order),
        members: [
          JSONMember(
            "order",
            WireStyle.rest.order(
              order, symbolID: floor.exchange.contracts[order.order.contract]?.symbolID ?? ""))
        ])
    case .trade(let trade):
      Description(
        kind: "trade", text: words(trade),
        members: [JSONMember("trade", WireStyle.rest.trade(trade))])
    case .position(let position):
      Description(
        kind: "position", text: words(position),
        members: [
          JSONMember(
            "position",
            WireStyle.rest.position(
              position,
              displayName: floor.exchange.contracts[position.contract]?.displayName ?? ""))
        ])
    case .account(let account):
      Description(
        kind: "account",
        text: "Account \(account.account.id) has \(account.account.balance)"
          + (account.account.canTrade == true ? "" : " and may not trade"),
        members: [JSONMember("account", WireStyle.rest.account(account))])
    case .quote(let contract, let change, _):
      describe(contract, change)
    case .print(let contract, let price, _, _, _):
      describe(contract, QuoteChange(last: price))
    }
  }

  private func describeRequest(_ sequence: Int) -> Description {
    guard let record = floor.requests[sequence] else {
      return Description(kind: "request", text: "Request \(sequence)")
    }
    return Description(
      kind: "request", text: "Request \(sequence): \(record.path)",
      members: [JSONMember("request", json(record))])
  }

  func json(_ record: RequestRecord) -> JSONValue {
    .object([
      "sequence": .integer(record.sequence),
      "receivedAt": .string(record.receivedAt.venueText(.hundredNanoseconds)),
      "receivedMonotonicNanos": .integer(record.receivedMonotonic.nanos),
      "connection": .integer(record.connection), "path": .string(record.path),
      "account": .optional(record.account) { .integer($0.number) },
      "contract": .optional(record.contract) { .string($0.text) }, "body": record.body,
      "status": .optional(record.status) { .integer($0) },
      "errorCode": .optional(record.errorCode) { .integer($0) },
      "applied": .bool(record.isApplied), "fault": .optional(record.fault) { .integer($0) },
    ])
  }
}

extension StoryReport {
  private func words(_ order: Order) -> String {
    let start =
      "Order \(order.id) (\(order.type.venueName), \(order.side.rawValue) \(order.size)"
      + " \(order.contract.root))"
    let filled = order.filledSize > 0 ? ", \(order.filledSize) filled" : ""
    return "\(start) is \(order.status.venueName)\(filled)"
  }

  private func words(_ trade: Trade) -> String {
    let verb = trade.side == .buy ? "bought" : "sold"
    let profit = trade.profit.map { ", profit \($0)" } ?? ""
    return "Account \(trade.account) \(verb) \(trade.size) \(trade.contract.root) at"
      + " \(trade.price)\(profit)" + (trade.isVoided ? ", voided" : "")
  }

  private func words(_ position: Position) -> String {
    guard !position.isFlat else {
      return "Account \(position.account) is flat in \(position.contract.root)"
    }
    let direction = position.signedSize > 0 ? "long" : "short"
    return "Account \(position.account) is \(direction) \(position.size)"
      + " \(position.contract.root) from \(position.averagePrice)"
  }
}

extension OrderStatus {
  /// The venue's name of the status, in the words of a sentence.
  var venueName: String {
    switch self {
    case .open: "open"
    case .filled: "filled"
    case .cancelled: "cancelled"
    case .expired: "expired"
    case .rejected: "rejected"
    case .pending: "pending"
    case .pendingCancellation: "pending cancellation"
    case .suspended: "suspended"
    default: "in status \(rawValue)"
    }
  }
}
