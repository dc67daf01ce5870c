package import PeerProtocol
import RiskModel
import RiskRules

extension EvaluatorRole {
  func take(_ message: FeedMessage) {
    switch message {
    case .event(.quote(let quote), _, let readAt):
      take(quote, readAt: readAt)
    case .event(let event, _, let readAt):
      forward(.venue(event))
      apply(.event(event), readAt: readAt)
      outbox.records.append(.evaluated(event))
    case .snapshot(let snapshot, _):
      var withoutTrades = snapshot
      withoutTrades.trades = []
      forward(.snapshot(withoutTrades))
      apply(.snapshot(snapshot))
    case .unknown(let account, let reason, _):
      outbox.records.append(.unknown(account, reason: reason))
    case .unprotectable(let account, let reason, _):
      apply(.unprotectable(account, reason: reason))
    case .hub(let hub, let isConnected, _):
      outbox.records.append(.hub(hub, isConnected: isConnected))
    case .venueTime(let time, _):
      venueTime = time
      // A day that ended while riskd was down is over before anything is evaluated.
      if engine.state.venueNow == nil || engine.isTickDue(at: clock.now(), venueTime: time) {
        apply(.tick(venueTime: time))
      }
    case .answer(let id, let answer, _):
      apply(.answer(id, answer))
    case .canary(let number, let sentAt):
      forward(.canary(number: number, sentAt: sentAt))
    }
  }

  private func take(_ quote: Quote, readAt: MonotonicInstant) {
    remember(quote)
    for mark in engine.marks(in: quote, at: clock.now()) { apply(.mark(mark), readAt: readAt) }
  }

  private func remember(_ quote: Quote) {
    let now = clock.now()
    let recent = quotes[quote.contract].flatMap { now - $0.at <= RecentQuote.lifetime ? $0 : nil }
    var known = recent?.quote ?? Quote(contract: quote.contract)
    known.last = quote.last ?? known.last
    known.bid = quote.bid ?? known.bid
    known.ask = quote.ask ?? known.ask
    quotes[quote.contract] = RecentQuote(quote: known, at: now)
  }

  private func forward(_ message: VerdictMessage) { outbox.verdicts.append(message) }

  /// The content of a message is lost: everything is read again.
  func refreshAll() {
    for account in engine.state.configuration.keys.sorted() {
      outbox.requests.append(.refresh(account))
    }
  }

  /// The gateway starts over, or the evaluator does: the whole wish again.
  package func gatewayNeedsEverything() -> [FeedRequest] {
    let questions = engine.state.questions.sorted { $0.key < $1.key }
    return [.watch(engine.state.watched)] + questions.map { .query($0.key, $0.value) }
  }

  /// The enforcer starts over, or the evaluator does: all targets that stand, and what is known of
  /// the accounts.
  package func enforcerNeedsEverything() -> [VerdictMessage] {
    let state = engine.state
    let targets = state.targets.keys.sorted().compactMap { state.targets[$0]?.target }
    var messages: [VerdictMessage] = [.accounts(state.accounts.keys.sorted())]
    for id in state.accounts.keys.sorted() {
      guard let account = state.accounts[id], let record = account.account else { continue }
      let orders = account.orders.keys.sorted().compactMap { account.orders[$0] }
      let first = Array(orders.prefix(EvaluatorRole.ordersInSnapshot))
      messages.append(
        .snapshot(
          AccountSnapshot(
            account: record, positions: account.openPositions.map(\.position),
            workingOrders: first, trades: [], startedAt: state.now)))
      for order in orders.dropFirst(first.count) { messages.append(.venue(.order(order))) }
    }
    messages.append(.targets(revision: state.ordinal * 1_000 + 999, targets))
    return messages
  }
}
