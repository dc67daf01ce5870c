package import RiskModel

extension RiskEngine {
  /// Whether a tick now would change anything; ticks that would not are not journalled.
  package func isTickDue(at now: Instant, venueTime: Instant?) -> Bool {
    let agreed = (venueTime ?? state.venueNow).map { min($0, now) }
    if let agreed {
      for account in state.accounts.values
      where tradingDay(of: account.id).tradingDate(at: agreed) > account.ledger.tradingDate {
        return true
      }
      for standing in state.targets.values where isDue(standing.target, at: agreed) { return true }
    }
    if state.books.values.contains(where: { $0.held.contains { now >= $0.until } }) { return true }
    return state.accounts.values.contains { account in
      account.positions.values.contains { isGoingStale($0, account.id, at: now) }
    }
  }

  /// The moment of the local clock at which `isTickDue` should be asked again at the latest.
  package var nextDeadline: Instant? {
    state.books.values.flatMap(\.held).map(\.until).min()
  }

  func isDue(_ target: Target, at agreed: Instant) -> Bool {
    switch target.end {
    case .at(let end): agreed >= end
    case .dailyReset(let date): agreed >= tradingDay(of: target.account).end(of: date)
    default: false
    }
  }

  mutating func tick() -> [(AccountID, Trigger)] {
    var triggers: [(AccountID, Trigger)] = []
    for contract in state.books.keys.sorted()
    where state.books[contract]?.releaseHeld(at: state.now) == true {
      triggers += marked(contract)
    }
    for id in state.accounts.keys.sorted() {
      noteStaleMarks(of: id)
      triggers.append((id, .tick))
    }
    return triggers
  }

  /// Begins the trading day of every account whose day is over, by both clocks.
  ///
  /// Runs before anything else of an input, so that a missed reset is caught up before the first
  /// evaluation; executions belong to a day by their own time stamp.
  mutating func resetDays() {
    guard let now = state.agreedNow else { return }
    for id in state.accounts.keys.sorted() {
      guard let ledger = state.accounts[id]?.ledger else { continue }
      let date = tradingDay(of: id).tradingDate(at: now)
      guard date > ledger.tradingDate else { continue }
      effects.append(
        .dailyReset(id, ended: ledger.tradingDate, realized: ledger.realized))
      state.accounts[id]?.ledger.begin(date)
      if let rule = state.configuration[id]?.tradingDay { state.accounts[id]?.tradingDay = rule }
    }
  }

  func isGoingStale(_ held: PositionState, _ id: AccountID, at now: Instant) -> Bool {
    guard let configuration = state.configuration[id], !held.isStale else { return false }
    return MarketHours.isOpen(at: now) && now - held.markedAt > configuration.staleThreshold
  }

  mutating func noteStaleMarks(of id: AccountID) {
    guard let account = state.accounts[id], let configuration = state.configuration[id] else {
      return
    }
    for held in account.openPositions where isGoingStale(held, id, at: state.now) {
      let contract = held.position.contract
      state.accounts[id]?.positions[contract]?.isStale = true
      effects.append(.notice(.markStale(id, contract)))
      failClosed(id, .markMissing(contract: contract), configuration.failClosed)
    }
  }

  /// Rules that need the price are blind: nothing may be added, or everything goes, as configured.
  mutating func failClosed(
    _ id: AccountID, _ cause: FailClosedCause, _ action: FailClosedAction
  ) {
    let reason = BreachReason.cannotEvaluate(cause)
    let positions = state.accounts[id]?.openPositions ?? []
    switch action {
    case .alert: return
    case .flatten:
      adopt(Verdict(reason, .flatAccount, until: .episode), of: .failClosed, for: id)
    case .noNewExposure:
      let baselines = positions.map {
        Baseline(contract: $0.position.contract, signedSize: $0.position.signedSize)
      }
      adopt(
        Verdict(reason, .noNewExposure(baselines), until: .evaluationRestored), of: .failClosed,
        for: id)
    }
  }

  func canEvaluate(_ id: AccountID) -> Bool {
    state.isJournalWritable
      && !(state.accounts[id]?.positions.values.contains { $0.isStale } ?? false)
  }
}
