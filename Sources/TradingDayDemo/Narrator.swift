package import RiskModel
package import SimulatedVenue

/// Tells in plain words what happens, from what the venue saw and what riskd logs.
///
/// A value: the same happenings and log lines give the same story.
package struct Narrator {
  /// What the venue receives is placed this much later than it came: riskd logs a decision behind
  /// the request that carries it out, never in its way, and the cause should be read first.
  static let causeFirst = TimeSpan.milliseconds(10)
  /// A moving price is told this often.
  private static let priceInterval = TimeSpan.seconds(1)

  package internal(set) var book = IncidentBook()
  /// The account that needs no mention.
  let mainAccount: AccountID?

  private var orders: [OrderID: Order] = [:]
  private var traderOrders: Set<OrderID> = []
  /// The trader has acted, and the order of it is told next.
  private var expectsOrderOf: AccountID?
  /// An execution whose position is told next.
  private var trade: Trade?
  private var results: [AccountID: Money] = [:]
  private var pricesToldAt: [ContractID: MonotonicInstant] = [:]

  package init(mainAccount: AccountID? = nil) {
    self.mainAccount = mainAccount
  }

  package mutating func begin(_ chapter: Chapter) {
    book.chapter = chapter
  }

  /// What happens from now on belongs to no chapter.
  package mutating func end() {
    book.chapter = nil
  }

  /// Tells a happening of the venue; `record` belongs to a request.
  package mutating func tell(_ happening: Happening, record: RequestRecord?) -> [StoryLine] {
    let at = happening.monotonic
    switch happening.matter {
    case .trader(let words, let account, nil):
      expectsOrderOf = words.hasPrefix("cancels") || words.hasPrefix("changes") ? nil : account
      return []
    case .trader(let words, let account, let refusal?):
      return [StoryLine(at, .trader, "\(words)\(on(account)): the venue refuses, \(refusal)")]
    case .exchange(let event):
      return tell(event, at: at).map { [$0] } ?? []
    case .price(let contract, let change):
      return price(of: contract, change, at: at).map { [$0] } ?? []
    case .request:
      return record.flatMap { request($0, at: at) }.map { [$0] } ?? []
    case .hub, .fault, .scenario:
      return []
    }
  }

  private mutating func tell(_ event: ExchangeEvent, at: MonotonicInstant) -> StoryLine? {
    switch event {
    case .order(let order): tell(order.order, at: at)
    case .trade(let trade): keep(trade)
    case .position(let position): tell(position, at: at)
    case .account, .quote, .print: nil
    }
  }

  /// Executions and their orders are told with the position that they lead to.
  private mutating func tell(_ order: Order, at: MonotonicInstant) -> StoryLine? {
    let known = orders.updateValue(order, forKey: order.id)
    if known == nil, expectsOrderOf == order.account {
      traderOrders.insert(order.id)
      expectsOrderOf = nil
    }
    let isTraders = traderOrders.contains(order.id)
    let words = Wording.order(order)
    switch order.status {
    case .open where order.filledSize == 0 && known?.status != .open:
      let doer = isTraders ? "places an order" : "an order works"
      return StoryLine(
        at, isTraders ? .trader : .venue, "\(doer)\(on(order.account)): \(words)")
    case .cancelled, .expired, .rejected:
      return StoryLine(at, .venue, "order \(outcome(of: order))\(on(order.account)): \(words)")
    default:
      return nil
    }
  }

  private func outcome(of order: Order) -> String {
    switch order.status {
    case .cancelled: "cancelled"
    case .expired: "expired"
    default: "rejected"
    }
  }

  private mutating func keep(_ trade: Trade) -> StoryLine? {
    self.trade = trade
    if let profit = trade.profit { results[trade.account, default: .zero] += profit }
    return nil
  }

  private mutating func tell(_ position: Position, at: MonotonicInstant) -> StoryLine? {
    guard let trade, trade.account == position.account, trade.contract == position.contract else {
      return nil
    }
    self.trade = nil
    let isTraders = traderOrders.contains(trade.order)
    let verb = trade.side == .buy ? "buys" : "sells"
    var text = "\(verb) \(trade.size) \(Wording.symbol(trade.contract)) at "
    text += Wording.price(trade.price) + on(trade.account)
    if !isTraders { text += " for riskd" }
    text += ": \(Wording.holding(position))"
    if let profit = trade.profit {
      let day = results[trade.account] ?? profit
      text += ", result \(Wording.signed(profit)), today \(Wording.signed(day))"
    }
    return StoryLine(at, isTraders ? .trader : .venue, text)
  }

  private mutating func price(
    of contract: ContractID, _ change: QuoteChange, at: MonotonicInstant
  ) -> StoryLine? {
    guard let last = change.last else { return nil }
    if let told = pricesToldAt[contract], at - told < Self.priceInterval { return nil }
    pricesToldAt[contract] = at
    return StoryLine(
      at, .venue, "\(Wording.symbol(contract)) trades at \(Wording.price(last))")
  }

  private func request(_ record: RequestRecord, at: MonotonicInstant) -> StoryLine? {
    guard let operation = GatewayOperation(path: record.path) else { return nil }
    let symbol = record.contract.map { Wording.symbol($0) } ?? "?"
    let what: String
    switch operation {
    case .closeContract:
      what = "close all \(symbol)"
    case .partialCloseContract:
      what = "close \(record.body["size"]?.integer ?? 0) \(symbol)"
    case .cancelOrder:
      what = "cancel the order \(order(named: record))"
    case .modifyOrder:
      what = "change the order \(order(named: record))"
    case .placeOrder:
      what = "place an order in \(symbol)"
    default:
      return nil
    }
    return StoryLine(
      at, .riskd, "sends\(on(record.account)): \(what)", place: at + Self.causeFirst)
  }

  private func order(named record: RequestRecord) -> String {
    guard let number = record.body["orderId"]?.integer else { return "?" }
    return orders[OrderID(number)].map { Wording.order($0) } ?? "\(number)"
  }

  func on(_ account: AccountID?) -> String {
    guard let account, account != mainAccount else { return "" }
    return " on account \(account)"
  }
}
