package import RiskModel

/// All that the engine knows. Two engines with equal states decide alike.
package struct EngineState: Equatable, Sendable, Codable {
  /// Ordinal of the last input that was applied; the first input is 1.
  package var ordinal: Int64 = 0
  /// The local clock at the last input.
  package var now = Instant(nanosSinceEpoch: 0)
  /// The venue's clock at the last tick that carried it.
  package var venueNow: Instant?
  /// The local clock at that tick.
  package var venueSeenAt: Instant?
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

  /// How far the local clock was ahead of the venue's when both were last read.
  var clockLead: TimeSpan {
    guard let venueNow, let venueSeenAt else { return .zero }
    return venueSeenAt - venueNow
  }
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
  package var traces = AccountTraces()
  package internal(set) var reading = AccountReading()

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

/// How far what is known of an account can be trusted.
package struct AccountReading: Equatable, Sendable, Codable, StartsEmpty {
  /// The gateway said that the account's state is not known; its next reading ends that.
  package var isUnknown = false
  /// The account was taken out of the configuration. What it held then says nothing of now: until it
  /// is read again no rule looks at it, and what was counted is kept.
  package var isSetAside = false

  init() {}
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
  /// Executions of this day and the one before, which may still be within the window of a rule, and
  /// around the reset of the next; by id, so that none counts twice.
  package private(set) var entries: [TradeID: Entry] = [:]
  private var totals: [CivilDate: Totals] = [:]

  package struct Entry: Equatable, Sendable, Codable {
    var date: CivilDate
    var profit: Money?
    /// Fees and commissions.
    var costs: Money
    /// The part of `costs` that is not fees; `nil` in the state of a release that did not keep it.
    var commissions: Money?
    var isVoided: Bool
    /// `nil` in the state of a release that did not keep it.
    var execution: Execution?
  }

  struct Execution: Equatable, Sendable, Codable {
    var at: Instant
    var contract: ContractID
    var order: OrderID
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

  /// The result of today, before or after costs.
  package func result(withFees: Bool) -> Money { withFees ? realized - costs : realized }

  /// Records an execution once, takes it back when the venue voids it, and takes another result,
  /// other fees or other commissions when the venue gives it some.
  ///
  /// - Returns: Whether anything changed.
  mutating func record(_ trade: Trade, on date: CivilDate) -> Bool {
    guard date >= tradingDate.adding(days: -1) else { return false }
    if let known = entries[trade.id] { return correct(known, by: trade) }
    let entry = Entry(
      date: date, profit: trade.profit, costs: trade.fees + trade.commissions,
      commissions: trade.commissions, isVoided: trade.isVoided,
      execution: Execution(at: trade.executedAt, contract: trade.contract, order: trade.order))
    entries[trade.id] = entry
    if !trade.isVoided { add(entry, sign: 1) }
    return !trade.isVoided
  }

  private mutating func correct(_ known: Entry, by trade: Trade) -> Bool {
    let entry = known.corrected(by: trade)
    guard entry != known else { return false }
    entries[trade.id] = entry
    add(known, sign: -1)
    if !entry.isVoided { add(entry, sign: 1) }
    return true
  }

  /// Begins another trading day and forgets the days before the last one.
  mutating func begin(_ date: CivilDate) {
    tradingDate = date
    let oldest = date.adding(days: -1)
    entries = entries.filter { $0.value.date >= oldest }
    totals = totals.filter { $0.key >= oldest }
  }

  private mutating func add(_ entry: Entry, sign: Int64) {
    var total = totals[entry.date] ?? Totals()
    total.profit += Money(micros: (entry.profit?.micros ?? 0) * sign)
    total.costs += Money(micros: entry.costs.micros * sign)
    totals[entry.date] = total
  }
}

extension DayLedger.Entry {
  /// The entry after the venue spoke of the execution again. A figure that is not there stays what it
  /// was, and what was taken back stays so.
  func corrected(by trade: Trade) -> DayLedger.Entry {
    guard !isVoided else { return self }
    var entry = self
    entry.isVoided = trade.isVoided
    entry.profit = trade.profit ?? profit
    let known = commissions ?? .zero
    let charged = trade.commissions == .zero ? known : trade.commissions
    if charged != known { entry.commissions = charged }
    entry.costs = (trade.fees == .zero ? costs - known : trade.fees) + charged
    return entry
  }
}

/// A target that stands.
package struct StandingTarget: Equatable, Sendable, Codable {
  package var target: Target
  /// The episodes that a one-shot target belongs to.
  package var episodes: [ContractID: Int64] = [:]
  /// Times that exposure came back while the target stood as a lockout.
  package var reentries = 0
  /// When the latest of them happened.
  var reentryTimes = ReentryTimes()
  /// Other rules whose breach the target answers as well.
  var alsoFor = OtherRules()

  /// A stop goes on being wanted while its position is open.
  var endsWithProof: Bool {
    if case .protected = target.goal { return false }
    return !target.isLockout
  }

  struct ReentryTimes: Equatable, Sendable, StartsEmpty {
    var latest: [Instant] = []
  }

  struct OtherRules: Equatable, Sendable, StartsEmpty {
    var rules: [RuleID] = []
  }

  init(target: Target, episodes: [ContractID: Int64] = [:]) {
    self.target = target
    self.episodes = episodes
  }
}
