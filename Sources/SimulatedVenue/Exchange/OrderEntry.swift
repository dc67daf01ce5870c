package import RiskModel

/// Who asks: a program at the gateway, or the trader in the platform, whom the gateway's limits on
/// follower and live accounts do not concern.
package enum RequestSource: Sendable {
  case gateway
  case platform
}

extension SimulatedExchange {
  /// Places an order. Acceptance is no fill; the events tell the rest.
  ///
  /// Errors: a refusal; with `orderRejected` the order is on record all the same, in status 5,
  /// under the id that the refusal carries (documented).
  @discardableResult
  package mutating func place(
    _ ticket: OrderTicket, from source: RequestSource = .gateway
  ) throws(Refusal<PlaceCode>) -> OrderID {
    guard let account = accounts[ticket.account] else { throw Refusal(.accountNotFound) }
    guard let contract = contracts[ticket.contract] else { throw Refusal(.contractNotFound) }
    guard contract.isActive else { throw Refusal(.contractNotActive) }
    if source == .gateway, account.kind != .ordinary {
      throw Refusal(.accountRejected, account.kind.refusal(to: "place orders"))
    }
    if account.account.canTrade != true {
      throw refuse(ticket, behaviour.lockedAccountCode, "Account is not allowed to trade.")
    }
    if markets[contract.id]?.isOpen != true {
      throw refuse(ticket, behaviour.closedMarketCode, "Outside of trading hours.")
    }
    if let minimum = behaviour.minimumBalance, account.account.balance < minimum {
      throw Refusal(.insufficientFunds, "Insufficient funds.")
    }
    var ticket = ticket
    if let problem = problem(with: &ticket, contract, account) {
      throw refuse(ticket, .orderRejected, problem)
    }
    if let limit = behaviour.maximumPosition,
      abs(signedSize(of: ticket.account, contract.id) + ticket.size * ticket.side.sign) > limit
    {
      throw refuse(ticket, .orderRejected, "Maximum position size exceeded.")
    }
    if isPaused(contract.id), isAggressive(ticket) {
      throw refuse(ticket, .orderRejected, inactiveInstrument)
    }
    return enter(ticket, contract)
  }

  private mutating func refuse(
    _ ticket: OrderTicket, _ code: PlaceCode, _ message: String
  ) -> Refusal<PlaceCode> {
    guard code == .orderRejected else { return Refusal(code, message) }
    return Refusal(code, message, order: recordRejected(ticket))
  }

  /// Puts an order on record that never was in the market.
  mutating func recordRejected(_ ticket: OrderTicket) -> OrderID {
    let id = record(ticket, status: .rejected)
    report(id)
    return id
  }

  /// Takes a sound ticket in: the legs of a bracket get the two ids after the entry, and the
  /// stop-loss leg is reported before the entry (observed live).
  private mutating func enter(_ ticket: OrderTicket, _ contract: ListedContract) -> OrderID {
    let id = record(ticket, status: .pending)
    if ticket.type == .trailingStop { startTrailing(id, ticket, contract) }
    let stopLoss = ticket.stopLoss.map { addLeg($0, "-SL", to: id, contract) }
    let takeProfit = ticket.takeProfit.map { addLeg($0, "-TP", to: id, contract) }
    if let stopLoss, let takeProfit {
      edit(stopLoss) { $0.sibling = takeProfit }
      edit(takeProfit) {
        $0.sibling = stopLoss
        $0.order.linked = stopLoss
      }
    }
    edit(id) { $0.legs = [takeProfit, stopLoss].compactMap(\.self) }
    stopLoss.map { report($0) }
    report(id)
    takeProfit.map { report($0) }
    if behaviour.acceptanceDelay > .zero {
      postpone(.accept(id), by: behaviour.acceptanceDelay)
    } else {
      accept(id)
    }
    return id
  }

  private mutating func startTrailing(
    _ id: OrderID, _ ticket: OrderTicket, _ contract: ListedContract
  ) {
    guard let level = ticket.trailPrice, let last = markets[contract.id]?.last else {
      preconditionFailure("Invariant: a trailing stop has a level and a market")
    }
    trail(id, ticks: abs(contract.wholeTicks(from: last, to: level)), from: last, contract)
  }

  /// Sets a trailing stop this many ticks behind a price; the distance then stays.
  mutating func trail(_ id: OrderID, ticks: Int64, from last: Price, _ contract: ListedContract) {
    edit(id) {
      $0.trailDistance = ticks
      $0.trailPrice = contract.price(Price(nanos: 0), plusTicks: ticks)
      $0.order.stopPrice = contract.price(last, plusTicks: ticks * $0.order.side.sign)
    }
  }

  private mutating func addLeg(
    _ leg: BracketLeg, _ suffix: String, to entry: OrderID, _ contract: ListedContract
  ) -> OrderID {
    guard let parent = orders[entry]?.order else {
      preconditionFailure("Invariant: the entry \(entry) is on record")
    }
    let id = record(
      OrderTicket(
        account: parent.account, contract: parent.contract, type: leg.type,
        side: parent.side.opposite, size: parent.size,
        customTag: parent.customTag.map { $0 + suffix }),
      status: .suspended)
    edit(id) {
      $0.order.parent = entry
      $0.trailDistance = leg.ticks
      $0.trailPrice = contract.price(Price(nanos: 0), plusTicks: leg.ticks)
    }
    return id
  }
}

extension TradingAccount.Kind {
  /// The texts that live and follower accounts get (observed live).
  func refusal(to action: String) -> String {
    switch self {
    case .live: "Live accounts not supported"
    case .follower, .ordinary: "Follower accounts cannot \(action)"
    }
  }
}
