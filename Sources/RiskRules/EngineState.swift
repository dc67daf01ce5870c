package import RiskModel

/// All that the engine knows. Two engines with equal states decide alike.
package struct EngineState: Equatable, Sendable, Codable {
  /// Ordinal of the last input that was applied; the first input is 1.
  package var ordinal: Int64 = 0
  /// The local clock at the last input.
  package var now = Instant(nanosSinceEpoch: 0)
  /// The venue's clock at the last tick that carried it.
  package var venueNow: Instant?
  package var configuration: [AccountID: RiskConfiguration] = [:]
  package var accounts: [AccountID: AccountState] = [:]
  package var contracts: [ContractID: ContractSpecification] = [:]
  package var books: [ContractID: Book] = [:]
  /// The targets that stand, with what the engine remembers about each.
  package var targets: [TargetID: StandingTarget] = [:]
  package var questions: [QueryID: Query] = [:]
  package var watched: [ContractID] = []
  package var isJournalWritable = true
  /// Events of accounts that are not configured; they are not acted on.
  package var foreignEvents: Int64 = 0

  package init() {}

  /// The moment that ends timed things: neither clock alone can bring it forward.
  package var agreedNow: Instant? { venueNow.map { min($0, now) } }
}

/// One configured account.
package struct AccountState: Equatable, Sendable, Codable {
  package var id: AccountID
  package var account: Account?
  /// `nil` while the account may be acted on.
  package var unprotectable: String?
  package var positions: [ContractID: PositionState] = [:]
  /// Working orders only.
  package var orders: [OrderID: Order] = [:]
  /// When the last terminal orders ended, so that a late event does not bring one back.
  package var ended: [OrderID] = []
  package var ledger: DayLedger
  package var memory = RuleMemory()
  /// The trading day on which the configuration of the account last changed: what rests on the
  /// configuration ends with that day at the earliest, so that an edit never opens a door at once.
  package var configuredOn: CivilDate
  /// The rule of the day that is under way. Another reset time or zone counts from the next day on,
  /// so that an edit neither ends a lockout early nor forgets a loss.
  package var tradingDay: TradingDayRule
  /// Episodes that the enforcer proved flat at the venue before the event of it arrived.
  package var provenFlat: [ContractID: Int64] = [:]

  /// How many terminal orders are remembered: more than an account has working at one time.
  static let endedLimit = 256

  package init(id: AccountID, tradingDate: CivilDate, tradingDay: TradingDayRule = .standard) {
    self.id = id
    self.tradingDay = tradingDay
    ledger = DayLedger(tradingDate: tradingDate)
    configuredOn = tradingDate
  }

  /// The positions in contract order.
  package var openPositions: [PositionState] {
    positions.values.sorted { $0.position.contract < $1.position.contract }
  }

  package var hasExposureOrOrders: Bool { !positions.isEmpty || !orders.isEmpty }
}

/// An open position and its episode: from open to flat or sign change, by venue truth.
package struct PositionState: Equatable, Sendable, Codable {
  package var position: Position
  /// Ordinal of the input that opened the episode.
  package var episode: Int64
  /// When a price was last seen, or the episode began.
  package var markedAt: Instant
  package var isStale = false
}

/// The executions of one account by trading day.
package struct DayLedger: Equatable, Sendable, Codable {
  /// The trading day that is under way.
  package var tradingDate: CivilDate
  /// Executions of this day and, around the reset, of the next; by id, so that none counts twice.
  package private(set) var entries: [TradeID: Entry] = [:]
  private var totals: [CivilDate: Totals] = [:]

  package struct Entry: Equatable, Sendable, Codable {
    var date: CivilDate
    var profit: Money?
    var costs: Money
    var isVoided: Bool
  }

  struct Totals: Equatable, Sendable, Codable {
    var profit = Money.zero
    var costs = Money.zero
  }

  init(tradingDate: CivilDate) {
    self.tradingDate = tradingDate
  }

  /// Gross profit of today's closing executions.
  package var realized: Money { totals[tradingDate]?.profit ?? .zero }
  /// Fees and commissions of all of today's executions.
  package var costs: Money { totals[tradingDate]?.costs ?? .zero }

  /// Records an execution once, or takes it back when the venue voids it.
  ///
  /// - Returns: Whether anything changed.
  mutating func record(_ trade: Trade, on date: CivilDate) -> Bool {
    guard date >= tradingDate else { return false }
    if let known = entries[trade.id] {
      guard trade.isVoided, !known.isVoided else { return false }
      entries[trade.id]?.isVoided = true
      add(known, sign: -1)
      return true
    }
    let entry = Entry(
      date: date, profit: trade.profit, costs: trade.fees + trade.commissions,
      isVoided: trade.isVoided)
    entries[trade.id] = entry
    if !trade.isVoided { add(entry, sign: 1) }
    return !trade.isVoided
  }

  /// Begins another trading day and forgets the days before it.
  mutating func begin(_ date: CivilDate) {
    tradingDate = date
    entries = entries.filter { $0.value.date >= date }
    totals = totals.filter { $0.key >= date }
  }

  private mutating func add(_ entry: Entry, sign: Int64) {
    var total = totals[entry.date] ?? Totals()
    total.profit += Money(micros: (entry.profit?.micros ?? 0) * sign)
    total.costs += Money(micros: entry.costs.micros * sign)
    totals[entry.date] = total
  }
}

/// A target that stands.
package struct StandingTarget: Equatable, Sendable, Codable {
  package var target: Target
  /// The episodes that a one-shot target belongs to.
  package var episodes: [ContractID: Int64] = [:]
  /// Times that exposure came back while the target stood as a lockout.
  package var reentries = 0
}
