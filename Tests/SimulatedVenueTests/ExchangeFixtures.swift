import RiskModel
import SimulatedVenue
import Testing

let mnq = ContractID("CON.F.US.MNQ.Z26")
let mes = ContractID("CON.F.US.MES.Z26")
let expired = ContractID("CON.F.US.MNQ.U26")
let first = AccountID(1001)
let second = AccountID(1002)
let follower = AccountID(2001)
let live = AccountID(2002)
let openingTime = Instant(secondsSinceEpoch: 1_795_000_000)

/// A price in points: `points(21000.25)` without binary fractions.
func points(_ text: String) -> Price {
  guard let price = ExactDecimal(text).flatMap(Price.init(exactly:)) else {
    Issue.record("\(text) is no price")
    return Price(nanos: 0)
  }
  return price
}

func dollars(_ text: String) -> Money {
  guard let money = ExactDecimal(text).flatMap(Money.init(exactly:)) else {
    Issue.record("\(text) is no amount")
    return .zero
  }
  return money
}

/// An exchange with two ordinary accounts, a follower and a live one. MNQ is at 21000, bid 21000,
/// ask 21000.25.
func makeExchange(
  _ change: (inout ExchangeBehaviour) -> Void = { _ in }
) -> SimulatedExchange {
  var behaviour = ExchangeBehaviour()
  change(&behaviour)
  return SimulatedExchange(
    accounts: [
      TradingAccount(id: first, name: "SIM-50K-1001"),
      TradingAccount(id: second, name: "SIM-50K-1002"),
      TradingAccount(id: follower, name: "FOLLOWER", kind: .follower),
      TradingAccount(id: live, name: "LIVE", kind: .live),
    ],
    behaviour: behaviour, startingAt: openingTime)
}

func market(
  _ side: Side, _ size: Int64, account: AccountID = first, contract: ContractID = mnq,
  tag: String? = nil
) -> OrderTicket {
  OrderTicket(
    account: account, contract: contract, type: .market, side: side, size: size, customTag: tag)
}

func limit(_ side: Side, _ size: Int64, _ price: String, tag: String? = nil) -> OrderTicket {
  OrderTicket(
    account: first, contract: mnq, type: .limit, side: side, size: size,
    limitPrice: points(price), customTag: tag)
}

func stop(_ side: Side, _ size: Int64, _ price: String, tag: String? = nil) -> OrderTicket {
  OrderTicket(
    account: first, contract: mnq, type: .stop, side: side, size: size,
    stopPrice: points(price), customTag: tag)
}

extension SimulatedExchange {
  /// The events since the last call, one short line each.
  mutating func told() -> [String] {
    takeEvents().map { event in
      switch event {
      case .order(let order):
        let price = order.order.filledPrice.map { " @\($0)" } ?? ""
        return "order \(order.order.status.rawValue) \(order.order.filledSize)"
          + "/\(order.order.size)\(price)"
      case .trade(let trade):
        let profit = trade.profit.map { "\($0)" } ?? "-"
        return "trade \(trade.side) \(trade.size) @\(trade.price) \(profit)"
          + (trade.isVoided ? " voided" : "")
      case .position(let position):
        return "position \(position.signedSize) @\(position.averagePrice)"
      case .account(let account):
        return "account \(account.account.balance)"
          + (account.account.canTrade == true ? "" : " locked")
      case .quote(_, let change, _):
        let members = [("last", change.last), ("bid", change.bid), ("ask", change.ask)]
        return "quote"
          + members.compactMap { name, price in price.map { " \(name) \($0)" } }.joined()
      case .print(_, let price, let side, let volume, _):
        return "print \(side) \(volume) @\(price)"
      }
    }
  }

  func status(_ id: OrderID) -> Int? { orders[id]?.order.status.rawValue }
}
