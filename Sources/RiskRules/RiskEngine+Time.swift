package import RiskModel

extension RiskEngine {
  /// Whether a tick now would change anything; ticks that would not are not journalled.
  package func isTickDue(at now: Instant, venueTime: Instant?) -> Bool {
    let agreed = (venueTime ?? state.venueNow).map { min($0, now) }
    if let agreed {
      if index.hasEndedDay(at: agreed) { return true }
      for standing in state.targets.values where isDue(standing.target, at: agreed) { return true }
    }
    if hasOpenedSession(at: now, venueTime: venueTime ?? state.venueNow) { return true }
    if state.books.values.contains(where: { $0.held.contains { now >= $0.until } }) { return true }
    return state.accounts.values.contains { account in
      account.positions.values.contains { isGoingStale($0, account.id, at: now) }
        || isRuleDue(account, at: now, venueTime: venueTime ?? state.venueNow)
    }
  }

  /// Whether a lockout of hours that are not configured any more has come to its end.
  private func hasOpenedSession(at now: Instant, venueTime: Instant?) -> Bool {
    guard let venueTime else { return false }
    return state.targets.values.contains { standing in
      let target = standing.target
      guard target.end == .sessionStart, let account = state.accounts[target.account],
        state.configuration[target.account]?.sessionBlockOutside == nil
      else { return false }
      return account.memory.sessionBlockOutside.admits(
        target, at: now, venueNow: venueTime, account.tradingDay)
    }
  }

  private func isRuleDue(_ account: AccountState, at now: Instant, venueTime: Instant?) -> Bool {
    guard account.unprotectable == nil, !account.reading.isSetAside,
      let catalog = catalogs[account.id],
      let view = view(of: account, at: now, venueNow: venueTime)
    else { return false }
    return catalog.isDue(view, account.memory)
  }

  /// The moment of the local clock at which `isTickDue` should be asked again at the latest.
  package var nextDeadline: Instant? {
    let prints = state.books.values.flatMap(\.held).map(\.until).min()
    let known = deadlines.lazy.filter { !changedAccounts.contains($0.key) }.map(\.value).min()
    let changed = changedAccounts.lazy.compactMap { deadline(of: $0) }.min()
    return [prints, known, changed].compactMap { $0 }.min()
  }

  /// Keeps the deadlines of the accounts that have changed, so that the next question for
  /// `nextDeadline` does not ask their rules again.
  package mutating func keepDeadlines() {
    for id in changedAccounts { deadlines[id] = deadline(of: id) }
    changedAccounts.removeAll(keepingCapacity: true)
  }

  private func deadline(of id: AccountID) -> Instant? {
    guard let account = state.accounts[id], account.unprotectable == nil,
      !account.reading.isSetAside, let catalog = catalogs[id],
      let view = view(of: account, at: state.now, venueNow: state.venueNow)
    else { return nil }
    return catalog.deadline(view, account.memory)
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
    for contract in state.books.keys.sorted() {
      guard var book = state.books[contract] else { continue }
      let isBelieved = book.releaseHeld(
        at: state.now, tick: state.contracts[contract]?.tickSize, filter: filter(for: contract))
      state.books[contract] = book
      if isBelieved { triggers += marked(contract) }
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
    guard let now = state.agreedNow, index.hasEndedDay(at: now) else { return }
    for id in state.accounts.keys.sorted() {
      guard let ledger = state.accounts[id]?.ledger else { continue }
      let date = tradingDay(of: id).tradingDate(at: now)
      guard date > ledger.tradingDate else { continue }
      effects.append(
        .dailyReset(id, ended: ledger.tradingDate, realized: ledger.realized))
      state.accounts[id]?.ledger.begin(date)
      state.accounts[id]?.traces.beginDay(at: state.now)
      if let rule = state.configuration[id]?.tradingDay { state.accounts[id]?.tradingDay = rule }
      changedAccounts.insert(id)
      forgetIfGone(id, on: date)
    }
    index.noteDays(of: state.accounts.values)
  }

  /// An account that was taken out of the configuration is kept as long as its executions may count:
  /// for this trading day and the one after it.
  private mutating func forgetIfGone(_ id: AccountID, on date: CivilDate) {
    guard let account = state.accounts[id], state.configuration[id] == nil,
      account.configuredOn < date.adding(days: -1),
      index.targets(of: id).isEmpty
    else { return }
    state.accounts[id] = nil
    noteHoldings(of: id)
  }

  func isGoingStale(_ held: PositionState, _ id: AccountID, at now: Instant) -> Bool {
    guard let configuration = state.configuration[id], !held.isStale else { return false }
    let threshold = configuration.staleThreshold
    guard now - held.markedAt > threshold else { return false }
    // A market that has just opened is given its time for the first price.
    let root = held.position.contract.root
    return configuration.marketHours.isOpen(at: now, for: root)
      && configuration.marketHours.isOpen(at: now - threshold, for: root)
  }

  mutating func noteStaleMarks(of id: AccountID) {
    guard let account = state.accounts[id], let configuration = state.configuration[id] else {
      return
    }
    for held in account.openPositions where isGoingStale(held, id, at: state.now) {
      let contract = held.position.contract
      state.accounts[id]?.positions[contract]?.isStale = true
      let isKnown = state.contracts[contract] != nil
      effects.append(.notice(isKnown ? .markStale(id, contract) : .contractMissing(id, contract)))
      failClosed(id, .markMissing(contract: contract), configuration.failClosed)
    }
  }

  /// Rules that need the price are blind: nothing may be added, or everything goes, as configured.
  mutating func failClosed(
    _ id: AccountID, _ cause: FailClosedCause, _ action: FailClosedAction
  ) {
    let reason = BreachReason.cannotEvaluate(cause)
    switch action {
    case .alert: return
    case .flatten:
      adopt(Verdict(reason, .flatAccount, until: .episode), of: .failClosed, for: id)
    case .noNewExposure:
      let baselines = state.accounts[id]?.baselines(at: state.now) ?? []
      adopt(
        Verdict(reason, .noNewExposure(baselines), until: .evaluationRestored), of: .failClosed,
        for: id)
    }
  }

  /// What the account holds, and has won or lost, cannot be told: nothing may be added to what was
  /// held last. An account that was never read is not barred, because what it holds would count as
  /// new.
  mutating func noteUnknown(_ id: AccountID) {
    guard let account = state.accounts[id], let configuration = state.configuration[id] else {
      return
    }
    state.accounts[id]?.reading.isUnknown = true
    if account.reading.isSetAside {
      state.accounts[id]?.forgetHoldings()
      state.accounts[id]?.reading.isSetAside = false
      noteHoldings(of: id)
      return
    }
    guard account.account != nil, account.unprotectable == nil else { return }
    failClosed(id, .accountUnread, configuration.failClosed)
  }

  func canEvaluate(_ id: AccountID) -> Bool {
    state.isJournalWritable && state.accounts[id]?.reading.isUnknown != true
      && !(state.accounts[id]?.positions.values.contains { $0.isStale } ?? false)
  }
}
