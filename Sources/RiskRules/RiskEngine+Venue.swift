package import RiskModel

extension RiskEngine {
  mutating func absorb(_ input: EngineInput) -> [(AccountID, Trigger)] {
    switch input {
    case .event(let event): return absorb(event)
    case .mark(let mark): return absorb(mark)
    case .snapshot(let snapshot): return absorb(snapshot)
    case .differences(let differences):
      guard state.accounts[differences.account] != nil else { return foreign() }
      effects.append(
        .notice(
          .accountDiffered(
            differences.account, cause: differences.cause, count: differences.count)))
      return []
    case .unknown(let account, _):
      guard state.accounts[account] != nil else { return foreign() }
      noteUnknown(account)
      return []
    case .unprotectable(let account, let reason):
      guard state.accounts[account] != nil else { return foreign() }
      state.accounts[account]?.unprotectable = reason
      effects.append(.notice(.accountUnprotectable(account, reason: reason)))
      return []
    case .answer(let id, let answer): return absorb(answer, to: id)
    case .tick: return tick()
    case .configuration(let configuration): return configure(configuration)
    case .proven(let id):
      if let standing = state.targets[id], standing.endsWithProof {
        noteProvenFlat(standing)
        end(id, .proven)
      }
      return []
    case .ownClose(let close):
      guard state.accounts[close.account] != nil else { return foreign() }
      state.accounts[close.account]?.traces.remember(close)
      return [(close.account, .ownClose)]
    case .journal(let isWritable):
      state.isJournalWritable = isWritable
      guard !isWritable else { return [] }
      for id in state.accounts.keys.sorted() {
        guard let action = state.configuration[id]?.failClosed else { continue }
        failClosed(id, .journalUnwritable, action)
      }
      return []
    case .administrator(.endLockout(let id, _)):
      guard let target = state.targets[id]?.target, target.end == .permanent else { return [] }
      end(id, .administrator)
      return [(target.account, .configuration)]
    }
  }

  mutating func absorb(_ event: VenueEvent) -> [(AccountID, Trigger)] {
    switch event {
    case .account(let account):
      guard state.accounts[account.id] != nil else { return foreign() }
      take(account)
      return [(account.id, .account)]
    case .position(let position):
      guard state.accounts[position.account] != nil else { return foreign() }
      take(position)
      return [(position.account, .position(position.contract))]
    case .order(let order):
      guard state.accounts[order.account] != nil else { return foreign() }
      take(order)
      return [(order.account, .order(order.id))]
    case .trade(let trade):
      guard state.accounts[trade.account] != nil else { return foreign() }
      take(trade)
      return [(trade.account, .trade(trade.id))]
    case .contract(let contract):
      state.contracts[contract.id] = contract
      return holders(of: contract.id).map { ($0, .mark(contract.id)) }
    case .quote(let quote):
      preconditionFailure("Invariant: the quote of \(quote.contract) comes in as marks")
    }
  }

  /// The venue's answer overtook its event: until the venue speaks of the contract again, the rules
  /// do not look at a position that is not there any more.
  mutating func noteProvenFlat(_ standing: StandingTarget) {
    let account = standing.target.account
    switch standing.target.goal {
    case .flatAccount, .flat:
      for (contract, episode) in standing.episodes
      where state.accounts[account]?.positions[contract]?.episode == episode {
        state.accounts[account]?.provenFlat[contract] = episode
      }
    case .atMost, .noNewExposure, .cancelled, .protected:
      return
    }
  }

  mutating func foreign() -> [(AccountID, Trigger)] {
    state.foreignEvents += 1
    return []
  }

  mutating func take(_ account: Account) {
    state.accounts[account.id]?.account = account
    if account.canTrade == nil { effects.append(.notice(.canTradeUnknown(account.id))) }
  }

  mutating func take(_ position: Position) {
    state.accounts[position.account]?.provenFlat[position.contract] = nil
    let known = state.accounts[position.account]?.positions[position.contract]
    state.accounts[position.account]?.traces.moved(
      position.contract, from: known?.position.signedSize ?? 0, to: position.signedSize,
      at: state.now)
    guard !position.isFlat else {
      state.accounts[position.account]?.positions[position.contract] = nil
      noteHolding(position.contract, position.account)
      return
    }
    var held =
      known ?? PositionState(position: position, episode: state.ordinal, markedAt: state.now)
    let isSameEpisode =
      held.position.id == position.id
      && held.position.signedSize.signum() == position.signedSize.signum()
    if !isSameEpisode {
      held = PositionState(position: position, episode: state.ordinal, markedAt: state.now)
    }
    held.position = position
    state.accounts[position.account]?.positions[position.contract] = held
    noteHolding(position.contract, position.account)
    askForContract(position.contract, position.account)
  }

  private mutating func noteHolding(_ contract: ContractID, _ id: AccountID) {
    guard let account = state.accounts[id] else { return }
    let isHeld = account.positions[contract] != nil && !account.reading.isSetAside
    if index.noteHolding(isHeld, of: id, contract) { isWatchInDoubt = true }
  }

  /// The same where more than one contract may be concerned.
  mutating func noteHoldings(of id: AccountID) {
    if index.noteHoldings(of: id, state.accounts[id]) { isWatchInDoubt = true }
  }

  mutating func askForContract(_ contract: ContractID, _ account: AccountID) {
    guard state.contracts[contract] == nil, !state.questions.values.contains(.contract(contract))
    else { return }
    effects.append(.notice(.contractUnknown(account, contract)))
    ask(.contract(contract))
  }

  mutating func ask(_ query: Query) {
    let id = nextID()
    state.questions[id] = query
    effects.append(.query(id, query))
  }

  mutating func take(_ order: Order) {
    guard var account = state.accounts[order.account] else { return }
    account.traces.remember(order)
    if order.status.isTerminal {
      account.orders[order.id] = nil
      account.remember(ended: order.id)
    } else if !account.ended.contains(order.id), !isOlder(order, than: account.orders[order.id]) {
      account.orders[order.id] = order
    }
    state.accounts[order.account] = account
  }

  func isOlder(_ order: Order, than known: Order?) -> Bool {
    guard let known, let knownAt = known.updatedAt, let at = order.updatedAt else { return false }
    return at < knownAt
  }

  mutating func take(_ trade: Trade) {
    let date = tradingDay(of: trade.account).tradingDate(at: trade.executedAt)
    let isKnown = state.accounts[trade.account]?.ledger.entries[trade.id] != nil
    guard state.accounts[trade.account]?.ledger.record(trade, on: date) == true, !isKnown
    else { return }
    state.accounts[trade.account]?.traces.executed(trade, at: state.now)
  }

  mutating func absorb(_ snapshot: AccountSnapshot) -> [(AccountID, Trigger)] {
    let id = snapshot.account.id
    guard state.accounts[id] != nil else { return foreign() }
    state.accounts[id]?.unprotectable = nil
    state.accounts[id]?.reading = AccountReading()
    take(snapshot.account)
    let listed = Set(snapshot.positions.filter { !$0.isFlat }.map(\.contract))
    for contract in state.accounts[id]?.positions.keys.sorted() ?? []
    where !listed.contains(contract) {
      state.accounts[id]?.positions[contract] = nil
    }
    noteHoldings(of: id)
    for position in snapshot.positions { take(position) }
    var working: [OrderID: Order] = [:]
    for order in snapshot.workingOrders where order.status.isWorking { working[order.id] = order }
    state.accounts[id]?.orders = working
    state.accounts[id]?.ended.removeAll { working[$0] != nil }
    for trade in snapshot.trades { take(trade) }
    // The positions that were just read show all of these.
    state.accounts[id]?.traces.unsettled = [:]
    return [(id, .snapshot)]
  }

  mutating func absorb(
    _ answer: QueryAnswer, to id: QueryID
  ) -> [(AccountID, Trigger)] {
    guard let query = state.questions.removeValue(forKey: id) else { return [] }
    switch (query, answer) {
    case (.contract, .contract(let contract)):
      return absorb(VenueEvent.contract(contract))
    case (.workingOrders(let account), .workingOrders(let orders)):
      for order in orders { take(order) }
      state.accounts[account]?.traces.orderReading = .init(answeredFor: id.inputOrdinal)
      return [(account, .orderReading)]
    case (.workingOrders(let account), .failed(let problem)):
      state.accounts[account]?.traces.orderReading.failed(at: state.now)
      let failures = state.accounts[account]?.traces.orderReading.failures ?? 0
      effects.append(
        .notice(.stopsUnconfirmed(account, problem: problem, failures: failures)))
      return [(account, .orderReading)]
    default:
      return []
    }
  }

  mutating func configure(
    _ configuration: [AccountID: RiskConfiguration]
  ) -> [(AccountID, Trigger)] {
    let earlier = state.configuration
    state.configuration = configuration
    catalogs = configuration.mapValues(RuleCatalog.init)
    for id in configuration.keys.sorted() where state.accounts[id] == nil {
      let date = tradingDay(of: id).tradingDate(at: state.agreedNow ?? state.now)
      state.accounts[id] = AccountState(
        id: id, tradingDate: date, tradingDay: tradingDay(of: id))
    }
    for (id, account) in state.accounts where earlier[id] != configuration[id] {
      let today = account.ledger.tradingDate
      state.accounts[id]?.configuredOn = today
      if let hours = earlier[id]?.sessionBlockOutside,
        hours != configuration[id]?.sessionBlockOutside
      {
        state.accounts[id]?.memory.sessionBlockOutside.replaced(hours, on: today)
      }
      // What was lost and counted is not forgotten by an edit and its undoing.
      if configuration[id] == nil { state.accounts[id]?.reading.isSetAside = true }
    }
    for id in state.accounts.keys { noteHoldings(of: id) }
    index.noteDays(of: state.accounts.values)
    changedAccounts.formUnion(state.accounts.keys)
    return configuration.keys.sorted().map { ($0, .configuration) }
  }

  func tradingDay(of account: AccountID) -> TradingDayRule {
    state.accounts[account]?.tradingDay ?? state.configuration[account]?.tradingDay ?? .standard
  }

  /// The daily reset that ends a trading date of an account.
  package func resetTime(of account: AccountID, endingOn date: CivilDate) -> Instant {
    tradingDay(of: account).end(of: date)
  }

  func holders(of contract: ContractID) -> [AccountID] {
    index.holders[contract] ?? []
  }
}

extension AccountState {
  /// Nothing is known of what the account holds; what was counted stays.
  mutating func forgetHoldings() {
    account = nil
    positions = [:]
    orders = [:]
    provenFlat = [:]
  }

  mutating func remember(ended id: OrderID) {
    guard !ended.contains(id) else { return }
    ended.append(id)
    if ended.count > AccountState.endedLimit { ended.removeFirst() }
  }
}
