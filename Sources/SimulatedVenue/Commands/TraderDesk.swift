import RiskModel

/// What the trader does in the platform: the same exchange, without the gateway in between, and
/// every action is told.
struct TraderDesk {
  let floor: VenueFloor

  func place(_ ticket: OrderTicket) throws(Refusal<PlaceCode>) -> OrderID {
    try act(words(ticket), ticket.account) { exchange throws(Refusal<PlaceCode>) in
      try exchange.place(ticket, from: .platform)
    }
  }

  func cancel(_ id: OrderID) throws(Refusal<CancelCode>) {
    guard let account = floor.exchange.orders[id]?.order.account else {
      throw Refusal(.orderNotFound)
    }
    try act("cancels order \(id)", account) { exchange throws(Refusal<CancelCode>) in
      try exchange.cancel(id, of: account, from: .platform)
    }
  }

  func modify(_ id: OrderID, _ change: OrderChange) throws(Refusal<ModifyCode>) {
    guard let account = floor.exchange.orders[id]?.order.account else {
      throw Refusal(.orderNotFound)
    }
    try act("changes order \(id)", account) { exchange throws(Refusal<ModifyCode>) in
      try exchange.modify(id, of: account, change, from: .platform)
    }
  }

  func close(_ account: AccountID, _ contract: ContractID) throws(Refusal<CloseCode>) {
    try act("closes \(contract.root)", account) { exchange throws(Refusal<CloseCode>) in
      try exchange.close(account, contract, from: .platform)
    }
  }

  func reduce(
    _ account: AccountID, _ contract: ContractID, by size: Int64
  ) throws(Refusal<PartialCloseCode>) {
    try act("closes \(size) of \(contract.root)", account) {
      exchange throws(Refusal<PartialCloseCode>) in
      try exchange.partialClose(account, contract, size: size, from: .platform)
    }
  }

  private func act<Value, Code>(
    _ words: String, _ account: AccountID,
    _ action: (inout SimulatedExchange) throws(Refusal<Code>) -> Value
  ) throws(Refusal<Code>) -> Value {
    try floor.perform { exchange throws(Refusal<Code>) in
      do throws(Refusal<Code>) {
        let value = try action(&exchange)
        floor.tell(.trader(words, account: account, refusal: nil))
        return value
      } catch {
        floor.tell(.trader(words, account: account, refusal: error.description))
        throw error
      }
    }
  }

  private func words(_ ticket: OrderTicket) -> String {
    let verb = ticket.side == .buy ? "buys" : "sells"
    let start = "\(verb) \(ticket.size) \(ticket.contract.root)"
    return switch ticket.type {
    case .market: start + " at the market"
    case .limit: start + " at \(text(ticket.limitPrice)) or better"
    case .stop: start + " at a stop of \(text(ticket.stopPrice))"
    default: start + " with an order of type \(ticket.type.venueName)"
    }
  }

  private func text(_ price: Price?) -> String { price?.description ?? "no price" }
}
