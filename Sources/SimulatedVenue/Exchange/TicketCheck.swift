import RiskModel

// The texts are those that the venue was seen to answer with, or follow their pattern.

private let bracketTickRange: ClosedRange<Int64> = 4...1_000
private let maximumTrailTicks: Int64 = 1_000

extension SimulatedExchange {
  /// Why the venue rejects a ticket, or `nil`. Orders that join a side of the book get its price; a
  /// tag that is taken is dropped, as it stays with the order that has it.
  func problem(
    with ticket: inout OrderTicket, _ contract: ListedContract, _ account: TradingAccount
  ) -> String? {
    if let tag = ticket.customTag, usedTags[ticket.account]?.contains(tag) == true {
      ticket.customTag = nil
      return "Custom tag is already in use: it must be unique for the account."
    }
    guard ticket.size > 0 else { return "Invalid order size specified" }
    guard let market = markets[contract.id] else { return "Invalid symbol" }
    if let problem = priceProblem(with: &ticket, contract, market) { return problem }
    guard ticket.stopLoss != nil || ticket.takeProfit != nil else { return nil }
    return bracketProblem(with: ticket, account)
  }

  private func priceProblem(
    with ticket: inout OrderTicket, _ contract: ListedContract, _ market: Market
  ) -> String? {
    switch (ticket.type, ticket.side) {
    case (.market, _):
      return market.touch(for: ticket.side) == nil ? "Invalid price" : nil
    case (.limit, _):
      return limitProblem(ticket.limitPrice, contract)
    case (.stop, _):
      return stopProblem(ticket.stopPrice, ticket.side, contract)
    case (.trailingStop, _):
      return trailProblem(ticket, contract, market)
    case (.joinBid, .buy), (.joinAsk, .sell):
      ticket.limitPrice = market.touch(for: ticket.side.opposite)
      return ticket.limitPrice == nil ? "Invalid price" : nil
    default:
      return "Invalid order type specified"
    }
  }

  func limitProblem(_ price: Price?, _ contract: ListedContract) -> String? {
    guard let price, price.nanos > 0, contract.isOnTick(price) else { return "Invalid price" }
    return nil
  }

  /// A stop must be on tick and on the far side of the market.
  func stopProblem(_ price: Price?, _ side: Side, _ contract: ListedContract) -> String? {
    guard let price, price.nanos > 0, contract.isOnTick(price), let market = markets[contract.id],
      !market.triggers(stop: price, side: side)
    else { return "Invalid stop price" }
    return nil
  }

  private func trailProblem(
    _ ticket: OrderTicket, _ contract: ListedContract, _ market: Market
  ) -> String? {
    guard let level = ticket.trailPrice else { return "Trail Distance not set." }
    guard contract.isOnTick(level) else {
      return "Invalid trail price. Price is not aligned to tick size."
    }
    guard let last = market.last else { return "Cannot trail without a last price" }
    let ticks = abs(contract.wholeTicks(from: last, to: level))
    guard ticks > 0 else { return "Trail Distance not set." }
    guard ticks <= maximumTrailTicks else {
      return "Trail Distance exceeds maximum (\(maximumTrailTicks))"
    }
    return nil
  }

  private func bracketProblem(with ticket: OrderTicket, _ account: TradingAccount) -> String? {
    guard account.bracketMode == .autoOCO else {
      return "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets."
    }
    if let leg = ticket.stopLoss {
      guard leg.type == .stop || leg.type == .trailingStop else {
        return "Invalid stop loss type (\(leg.type.venueName))"
      }
      if let problem = tickProblem(leg, "stop loss", ticket.side, sign: -ticket.side.sign) {
        return problem
      }
    }
    if let leg = ticket.takeProfit {
      guard leg.type == .limit else {
        return "Invalid take profit type (\(leg.type.venueName))"
      }
      return tickProblem(leg, "take profit", ticket.side, sign: ticket.side.sign)
    }
    return nil
  }

  private func tickProblem(
    _ leg: BracketLeg, _ name: String, _ side: Side, sign: Int64
  ) -> String? {
    let start = "Invalid \(name) ticks (\(leg.ticks))."
    guard leg.ticks.signum() == sign else {
      let direction = sign < 0 ? "less" : "greater"
      return "\(start) Ticks should be \(direction) than zero when "
        + (side == .buy ? "longing." : "going short")
    }
    guard abs(leg.ticks) >= bracketTickRange.lowerBound else {
      return start + " \(name.prefix(1).uppercased() + name.dropFirst()) tick value should be"
        + " at least \(bracketTickRange.lowerBound) ticks."
    }
    guard abs(leg.ticks) <= bracketTickRange.upperBound else {
      return start + " Ticks should be \(bracketTickRange.upperBound) ticks or less."
    }
    return nil
  }
}

extension OrderType {
  /// The venue's name of the type.
  var venueName: String {
    switch self {
    case .limit: "Limit"
    case .market: "Market"
    case .stopLimit: "StopLimit"
    case .stop: "Stop"
    case .trailingStop: "TrailingStop"
    case .joinBid: "JoinBid"
    case .joinAsk: "JoinAsk"
    default: "Unknown"
    }
  }
}
