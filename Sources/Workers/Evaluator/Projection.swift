import EvaluatorRole
import RiskModel
import RiskRules
import Store

/// Keeps the tables of the specification in step with the engine, behind its decisions.
///
/// What the engine forgets (executions, orders that ended) comes from the inputs; the rest is the
/// difference between what the engine knows now and what was written last. After a restart the
/// inputs behind the last written one are taken from the journal, and everything else is written.
struct Projection {
  /// Rows of executions and orders in one transaction.
  static let rowLimit = 100
  private static let quietInputs: Int64 = 500

  /// The last input that was taken.
  private(set) var ordinal: Int64
  private var writtenOrdinal: Int64
  private var trades: [TradeID: Trade] = [:]
  private var orders: [OrderID: Order] = [:]
  private var contracts: [ContractID: ContractSpecification] = [:]
  /// Accounts that were read as a whole.
  private var readAccounts: Set<AccountID> = []
  private(set) var changesLockouts = true
  /// Accounts of which an input or a decision spoke since their rows were written.
  private var touched: Set<AccountID> = []
  /// What of that is not known by its account.
  private var touchesAll = false
  /// Whose the targets are that were adopted since the start: their ends do not say.
  private var owners: [TargetID: AccountID] = [:]
  private var written: [AccountID: AccountProjection] = [:]
  private var writtenTrades: [TradeID: Trade] = [:]
  private var writtenOrders: [OrderID: Order] = [:]
  private var writtenDates: Set<CivilDate> = []
  private var isFirst = true

  /// - Parameter ordinal: The last input that the tables know.
  init(after ordinal: Int64) {
    self.ordinal = ordinal
    writtenOrdinal = ordinal
  }

  /// Whether a transaction's worth of rows waits.
  var isFull: Bool { trades.count + orders.count >= Self.rowLimit }

  mutating func take(_ entry: JournalEntry) {
    take(entry.input, ordinal: entry.ordinal)
    for effect in entry.effects { take(effect) }
  }

  private mutating func take(_ effect: Effect) {
    switch effect {
    case .adopt(let target), .amend(let target):
      owners[target.id] = target.account
      touched.insert(target.account)
    case .end(let id, _):
      if let account = owners.removeValue(forKey: id) {
        touched.insert(account)
      } else {
        touchesAll = true
      }
    case .dailyReset(let account, _, _):
      touched.insert(account)
    case .breach, .reentry, .query, .watch, .notice:
      return
    }
    changesLockouts = true
  }

  mutating func take(_ input: EngineInput, ordinal: Int64) {
    self.ordinal = max(self.ordinal, ordinal)
    switch input {
    case .event(.trade(let trade)):
      touched.insert(trade.account)
      take(trade)
    case .event(.order(let order)): take(order)
    case .event(.position(let position)): touched.insert(position.account)
    case .event(.contract(let contract)), .answer(_, .contract(let contract)):
      contracts[contract.id] = contract
    case .snapshot(let snapshot):
      readAccounts.insert(snapshot.account.id)
      touched.insert(snapshot.account.id)
      for trade in snapshot.trades { take(trade) }
      for order in snapshot.workingOrders { take(order) }
    case .answer(_, .workingOrders(let orders)):
      for order in orders { take(order) }
    default: return
    }
  }

  private mutating func take(_ trade: Trade) {
    if writtenTrades[trade.id] != trade { trades[trade.id] = trade }
  }

  private mutating func take(_ order: Order) {
    if writtenOrders[order.id] != order { orders[order.id] = order }
  }

  /// What has to be written so that the tables say what the engine knows.
  ///
  /// - Parameters:
  ///   - state: The engine's state, all of its inputs taken.
  ///   - now: The moment that rows carry.
  ///   - isUrgent: Whether only the accounts are looked at of which something was said. The others have
  ///     at most another open result.
  /// - Returns: One transaction; `nil` for nothing.
  mutating func batch(
    of state: EngineState, at now: Instant, isUrgent: Bool = false
  ) -> ProjectionBatch? {
    var batch = ProjectionBatch(through: ordinal, at: now)
    batch.contracts = contracts.values.sorted { $0.id < $1.id }
    batch.trades = nextTrades(state)
    batch.orders = nextOrders(state, room: Self.rowLimit - batch.trades.count)
    // Some wait for the next transaction: after a crash all of them are taken again.
    if !(trades.isEmpty && orders.isEmpty) { batch.through = nil }
    let locks = state.lockoutsOfAccounts
    let known = Set(state.targets.values.map(\.target.account)).union(state.accounts.keys)
    if isFirst { batch.knownAccounts = known.sorted() }
    let isWhole = isFirst || touchesAll || !isUrgent
    for id in (isWhole ? known : known.intersection(touched)).sorted() {
      let row = changes(of: id, locks[id] ?? [], state)
      if !row.isEmpty { batch.accounts.append(row) }
    }
    contracts = [:]
    touched = []
    touchesAll = false
    readAccounts = []
    changesLockouts = false
    isFirst = false
    let isEmpty =
      batch.contracts.isEmpty && batch.trades.isEmpty && batch.orders.isEmpty
      && batch.accounts.isEmpty && batch.knownAccounts == nil
    // Inputs that change no table still have to be left behind some time.
    if isEmpty, ordinal - writtenOrdinal < Self.quietInputs { return nil }
    if let through = batch.through { writtenOrdinal = through }
    return batch
  }

  private mutating func nextTrades(_ state: EngineState) -> [DatedTrade] {
    var result: [DatedTrade] = []
    for id in trades.keys.sorted().prefix(Self.rowLimit) {
      guard let trade = trades.removeValue(forKey: id), let account = state.accounts[trade.account]
      else { continue }
      let date = account.tradingDay.tradingDate(at: trade.executedAt)
      result.append(DatedTrade(trade, on: date))
      writtenTrades[id] = trade
    }
    let dates = Set(state.accounts.values.map(\.ledger.tradingDate))
    if dates != writtenDates {
      // A snapshot repeats the executions of its day only.
      writtenTrades = [:]
      writtenDates = dates
    }
    return result
  }

  private mutating func nextOrders(_ state: EngineState, room: Int) -> [Order] {
    var result: [Order] = []
    for id in orders.keys.sorted().prefix(max(0, room)) {
      guard let seen = orders.removeValue(forKey: id), let account = state.accounts[seen.account]
      else { continue }
      // The engine knows which event of a working order was the later one.
      guard let order = account.orders[id] ?? (seen.status.isTerminal ? seen : nil) else {
        continue
      }
      result.append(order)
      writtenOrders[id] = order.status.isTerminal ? nil : order
    }
    return result
  }

  /// What of an account is not as it was written last.
  private mutating func changes(
    of id: AccountID, _ locks: [Target], _ state: EngineState
  ) -> AccountProjection {
    var row = AccountProjection(id)
    var last = written[id] ?? AccountProjection(id)
    func note<Value: Equatable>(
      _ member: WritableKeyPath<AccountProjection, Value?>, _ value: Value
    ) {
      guard last[keyPath: member] != value else { return }
      row[keyPath: member] = value
      last[keyPath: member] = value
    }
    if let account = state.accounts[id] {
      let ledger = account.ledger
      note(\.positions, account.openPositions.map(\.position))
      note(
        \.day,
        DayResult(date: ledger.tradingDate, realized: ledger.realized, costs: ledger.costs))
      note(\.open, account.openResult(state))
      note(\.schedule, account.schedule)
      if isFirst || readAccounts.contains(id) { row.workingOrders = account.orders.keys.sorted() }
    }
    note(\.lockout, state.summary(of: locks, on: id))
    written[id] = last
    return row
  }
}

extension AccountState {
  fileprivate var schedule: ResetSchedule {
    let date = ledger.tradingDate
    return ResetSchedule(
      tradingDay: date, startedAt: tradingDay.start(of: date), nextReset: tradingDay.end(of: date),
      time: tradingDay.resetTime, zone: tradingDay.zone.identifier)
  }

  fileprivate func openResult(_ state: EngineState) -> OpenResult {
    var profit: Money? = .zero
    var exposure: Money? = .zero
    let method = state.configuration[id]?.markPrice ?? .last
    for position in positions.values.map(\.position) {
      let size = position.signedSize
      guard let contract = state.contracts[position.contract],
        let mark = state.books[position.contract]?.mark(method, signedSize: size)
      else {
        (profit, exposure) = (nil, nil)
        break
      }
      profit =
        profit.map { $0 + contract.profit(from: position.averagePrice, to: mark, signedSize: size) }
      exposure = exposure.map {
        $0 + contract.profit(from: Price(nanos: 0), to: mark, signedSize: abs(size)).magnitude
      }
    }
    return OpenResult(
      date: ledger.tradingDate, openProfit: profit, positions: positions.count, exposure: exposure)
  }
}

extension EngineState {
  /// The lockouts of whole accounts, by account.
  fileprivate var lockoutsOfAccounts: [AccountID: [Target]] {
    let locks = targets.values.lazy.map(\.target).filter { $0.isLockout && $0.goal.isOfAccount }
    return Dictionary(grouping: locks, by: \.account)
  }

  /// The lockout of the whole account that lasts longest.
  fileprivate func summary(of locks: [Target], on account: AccountID) -> LockoutSummary {
    let locks = locks.sorted { $0.id < $1.id }
    let day = accounts[account]?.tradingDay ?? .standard
    let longest = locks.max { lhs, rhs in
      (lhs.end.instant(day) ?? .distantFuture) < (rhs.end.instant(day) ?? .distantFuture)
    }
    guard let longest else { return LockoutSummary(isLocked: false) }
    return LockoutSummary(
      isLocked: true, reason: longest.cause.reason.sentence, rule: longest.cause.rule,
      lockedAt: longest.adoptedAt, lockedUntil: longest.end.instant(day))
  }
}

extension Instant {
  fileprivate static let distantFuture = Instant(nanosSinceEpoch: .max)
}

extension Goal {
  fileprivate var isOfAccount: Bool {
    switch self {
    case .flatAccount, .noNewExposure: true
    case .flat, .atMost, .cancelled, .protected: false
    }
  }
}

extension TargetEnd {
  /// `nil` for an end that no clock brings.
  fileprivate func instant(_ day: TradingDayRule) -> Instant? {
    switch self {
    case .at(let instant): instant
    case .dailyReset(let date): day.end(of: date)
    default: nil
    }
  }
}
