package import PeerProtocol
import RiskModel
import RiskRules

extension EvaluatorRole {
  func take(_ message: FeedMessage) {
    chronicle.note(message, at: clock.now())
    switch message {
    case .event(.quote(let quote), _, let readAt):
      take(quote, readAt: readAt)
    case .event(let event, _, let readAt):
      if case .trade(let trade) = event, readAt == FeedMessage.listed { recordMissed(trade) }
      forward(.venue(event))
      apply(.event(event), readAt: readAt)
      outbox.records.append(.evaluated(event))
    case .snapshot(let snapshot, _):
      recordMissed(before: snapshot)
      var withoutTrades = snapshot
      withoutTrades.trades = []
      forward(.snapshot(withoutTrades))
      apply(.snapshot(snapshot))
      reconcile(snapshot.account.id)
    case .differences(let differences, _):
      _ = resumption.compares(differences.account)
      apply(.differences(differences))
    case .unknown(let account, let reason, _):
      outbox.records.append(.unknown(account, reason: reason))
      if resumption.knows(account) { apply(.unknown(account, reason: reason)) }
    case .unprotectable(let account, let reason, _):
      apply(.unprotectable(account, reason: reason))
      reconcile(account)
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
    let first = exposedAccounts
    let order: [FeedRequest] = first.isEmpty ? [] : [.readFirst(first)]
    return [.watch(engine.state.watched)] + order + questions.map { .query($0.key, $0.value) }
  }

  /// Of a few accounts all are read at once.
  static let accountsAtOnce = 8

  /// The accounts that a gateway should read before the others; none where there are few in all.
  private var exposedAccounts: [AccountID] {
    let state = engine.state
    guard state.configuration.count > EvaluatorRole.accountsAtOnce else { return [] }
    let bound = Set(state.targets.values.map(\.target.account))
    return state.configuration.keys.filter { id in
      bound.contains(id) || state.accounts[id]?.hasExposureOrOrders == true
    }.sorted()
  }

  /// The enforcer starts over, or the evaluator does: all targets that stand, and what is known of
  /// the accounts.
  package func enforcerNeedsEverything() -> [VerdictMessage] {
    let state = engine.state
    let targets = state.targets.keys.sorted().compactMap { state.targets[$0]?.target }
    let bound = Set(targets.map(\.account))
    let ours = state.accounts.keys.filter { state.configuration[$0] != nil || bound.contains($0) }
      .sorted()
    var messages: [VerdictMessage] = [.accounts(ours)]
    for id in ours {
      guard let account = state.accounts[id], let record = account.account,
        !account.reading.isSetAside
      else { continue }
      let orders = account.orders.keys.sorted().compactMap { account.orders[$0] }
      let first = Array(orders.prefix(EvaluatorRole.ordersInSnapshot))
      messages.append(
        .snapshot(
          AccountSnapshot(
            account: record, positions: account.openPositions.map(\.position),
            workingOrders: first, trades: [], startedAt: state.now)))
      for order in orders.dropFirst(first.count) { messages.append(.venue(.order(order))) }
    }
    var parts = TargetParts(targets).all
    let last = parts.popLast() ?? []
    messages += parts.map { .targetsAhead($0) }
    messages.append(.targets(revision: state.ordinal * 1_000 + 999, last))
    return messages
  }
}
