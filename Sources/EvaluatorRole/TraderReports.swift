import PeerProtocol
import RiskModel
import RiskRules
package import TraderFeed

extension EvaluatorRole {
  /// What the trader may see of every configured account, as it is now.
  ///
  /// Reads only: nothing that is decided depends on whether it was asked for.
  package func report() -> EvaluatorReport {
    let now = clock.now()
    let ids = engine.state.configuration.keys.sorted()
    return EvaluatorReport(
      at: now, accounts: ids.compactMap { report(on: $0, at: now) }, stream: chronicle.stream)
  }

  private func report(on id: AccountID, at now: Instant) -> AccountReport? {
    guard let view = engine.view(of: id, at: now) else { return nil }
    let state = view.state
    let date = state.ledger.tradingDate
    var report = AccountReport(
      id: id, at: now, tradingDate: date, dayStartedAt: state.tradingDay.start(of: date),
      dayEndsAt: state.tradingDay.end(of: date))
    report.name = state.account?.name
    report.isSimulated = state.account?.isSimulated
    report.canTrade = state.account?.canTrade
    report.unprotectable = state.unprotectable
    report.balance = state.account?.balance
    // Without the account's first reading an empty day book is no quiet day.
    if state.account != nil {
      report.realized = state.ledger.realized
      report.costs = state.ledger.costs
      report.open = view.openProfit
    }
    report.positions = state.openPositions.prefix(Self.positionsInReport)
      .map { PositionReport($0, in: view, engine.state) }
    let orders = state.orders.keys.sorted().compactMap { state.orders[$0] }
    report.orders = orders.prefix(Self.ordersInReport).map { OrderReport($0, engine.state) }
    report.moreOrders = max(0, orders.count - Self.ordersInReport)
    report.quotes = state.openPositions.prefix(Self.positionsInReport)
      .map { quote(of: $0.position.contract) }
    report.rules =
      RuleReports(
        view: view, distances: engine.distances(id, at: now), configuration: view.configuration
      ).all
    report.lockouts = lockouts(of: view)
    report.session = view.configuration.sessionBlockOutside.map {
      SessionReport($0.plan, at: now)
    }
    if let past = chronicle.pasts[id] {
      report.endedLockouts = past.endedLockouts
      report.trades = past.trades
      report.events = past.events
      report.totals = past.totals
      report.doubt = past.doubt
    }
    return report
  }

  /// More than an account with sensible limits holds; a picture stays far below its bound.
  static let positionsInReport = 40
  static let ordersInReport = 60

  private func quote(of contract: ContractID) -> QuoteReport {
    var report = QuoteReport(contract: contract)
    report.name = engine.state.contracts[contract]?.name
    let recent = quotes[contract]
    report.bid = recent?.quote.bid
    report.ask = recent?.quote.ask
    report.last = recent?.quote.last
    report.at = recent?.at
    return report
  }

  private func lockouts(of view: AccountView) -> [LockoutReport] {
    let account = view.state.id
    let standing = engine.state.targets.values.filter {
      $0.target.account == account && $0.target.isLockout
    }
    return standing.sorted { $0.target.id < $1.target.id }.map { standing in
      let target = standing.target
      let end = LockoutWords(target: target, view: view)
      return LockoutReport(
        id: target.id, rule: target.cause.rule, since: target.adoptedAt, endsAt: end.endsAt,
        ends: end.ends, reason: target.cause.reason.sentence, means: target.goal.meaning,
        reentries: standing.reentries)
    }
  }
}

extension PositionReport {
  fileprivate init(_ held: PositionState, in view: AccountView, _ state: EngineState) {
    let position = held.position
    self.init(
      contract: position.contract, signedSize: position.signedSize,
      averagePrice: position.averagePrice, openedAt: position.openedAt)
    name = state.contracts[position.contract]?.name
    mark = view.mark(of: position)
    markedAt = held.markedAt
    open = view.openProfit(of: held)
    let stops = view.stopsOfWhatIsHeld(position)
    stopSize = min(position.size, stops.reduce(0) { $0 + $1.remainingSize })
    let prices = stops.compactMap(\.stopPrice)
    stop = position.signedSize > 0 ? prices.max() : prices.min()
  }
}

extension OrderReport {
  fileprivate init(_ order: Order, _ state: EngineState) {
    self.init(
      id: order.id, contract: order.contract, type: order.type, side: order.side,
      size: order.remainingSize, status: order.status, createdAt: order.createdAt)
    name = state.contracts[order.contract]?.name
    limitPrice = order.limitPrice
    stopPrice = order.stopPrice
  }
}
