import RiskModel

extension VenueRequest {
  /// The canonical body: equal requests have equal bytes. Empty where the venue takes none.
  package var body: [UInt8] {
    switch self {
    case .ping, .validate: []
    case .loginKey, .accountSearch, .contractSearchByID, .contractAvailable:
      JSONWriter.object(writeSession)
    case .orderPlace(let placement): JSONWriter.object(placement.write)
    case .orderQuery, .orderModify, .orderCancel:
      JSONWriter.object(writeOrder)
    case .positionSearchOpen, .positionClose, .positionPartialClose, .tradeSearch:
      JSONWriter.object(writePosition)
    }
  }

  private func writeSession(_ writer: inout JSONWriter) {
    switch self {
    case .loginKey(let key):
      writer.member("userName", key.userName)
      writer.member("apiKey", key.apiKey)
    case .accountSearch(let onlyActive):
      writer.member("onlyActiveAccounts", onlyActive)
    case .contractSearchByID(let contract):
      writer.member("contractId", contract.text)
    case .contractAvailable(let live):
      writer.member("live", live)
    default:
      preconditionFailure("Invariant: \(self) is a request of the session")
    }
  }

  private func writeOrder(_ writer: inout JSONWriter) {
    switch self {
    case .orderQuery(let account, let statuses, let offset):
      writer.member("filter") { filter in
        filter.member("accountId", account.number)
        filter.member("statuses", statuses.map(\.rawValue))
      }
      writer.member("pageSize", Int64(OrderPages.pageSize))
      writer.member("pageOffset", Int64(offset))
      // By id, ascending: an order that appears while the pages are read comes last.
      writer.member("sortBy", 1)
      writer.member("sortDirection", 0)
      writer.member("includeTotalCount", true)
    case .orderCancel(let account, let order):
      writer.member("accountId", account.number)
      writer.member("orderId", order.number)
    case .orderModify(let account, let order, let change):
      writer.member("accountId", account.number)
      writer.member("orderId", order.number)
      writer.member("size", change.size)
      writer.member("limitPrice", change.limitPrice)
      writer.member("stopPrice", change.stopPrice)
      writer.member("trailPrice", change.trailPrice)
    default:
      preconditionFailure("Invariant: \(self) is a request about orders")
    }
  }

  private func writePosition(_ writer: inout JSONWriter) {
    switch self {
    case .positionSearchOpen(let account):
      writer.member("accountId", account.number)
    case .positionClose(let account, let contract):
      writer.member("accountId", account.number)
      writer.member("contractId", contract.text)
    case .positionPartialClose(let account, let contract, let size):
      writer.member("accountId", account.number)
      writer.member("contractId", contract.text)
      writer.member("size", size)
    case .tradeSearch(let account, let start, let end):
      writer.window(account, start, end)
    default:
      preconditionFailure("Invariant: \(self) is a request about positions")
    }
  }
}

extension OrderPlacement {
  fileprivate func write(_ writer: inout JSONWriter) {
    writer.member("accountId", account.number)
    writer.member("contractId", contract.text)
    writer.member("type", Int64(type.rawValue))
    writer.member("side", side == .buy ? 0 : 1)
    writer.member("size", size)
    writer.member("limitPrice", limitPrice)
    writer.member("stopPrice", stopPrice)
    writer.member("trailPrice", trailPrice)
    writer.member("customTag", customTag)
  }
}

extension JSONWriter {
  fileprivate mutating func window(_ account: AccountID, _ start: Instant, _ end: Instant?) {
    member("accountId", account.number)
    member("startTimestamp", start)
    member("endTimestamp", end)
  }
}
