import GRDB
import PeerProtocol
import RiskModel
import RiskTestKit
import Testing

@testable import Store

@Suite struct RetentionTests {
  private let folder = Folder()
  private static let day = TimeSpan.seconds(86_400)

  private func limits(_ instant: Instant) -> RetentionLimits {
    let date = TradingDayRule.standard.tradingDate(at: instant)
    return RetentionLimits(
      journal: instant, enforcement: instant, orders: instant, trades: instant, openResults: date,
      dayResults: date)
  }

  /// What is there, by what may go only because of its age.
  private struct Row: Hashable {
    var table: String
    var key: String
    var at: Int64
    var isBound: Bool
  }

  private func rows(_ store: Store) throws -> Set<Row> {
    try store.reading { db in
      let found = try GRDB.Row.fetchAll(
        db,
        sql: """
          SELECT 'journal', ordinal, at, 0 FROM journal
          UNION ALL SELECT 'enforcement_log', id, timestamp,
            target IN (SELECT id FROM targets WHERE ended_at IS NULL) FROM enforcement_log
          UNION ALL SELECT 'breaches', id, at, ordinal IN
            (SELECT CAST(id AS INTEGER) FROM targets WHERE ended_at IS NULL) FROM breaches
          UNION ALL SELECT 'targets', id, coalesce(ended_at, 0), ended_at IS NULL FROM targets
          UNION ALL SELECT 'orders', id, updated_at, state NOT IN (0, 2, 3, 4, 5) FROM orders
          UNION ALL SELECT 'trade_history', id, timestamp, 0 FROM trade_history
          """)
      return Set(
        found.map {
          Row(
            table: $0[0], key: String.fromDatabaseValue($0[1]) ?? "\($0[1] as Int64)", at: $0[2],
            isBound: $0[3])
        })
    }
  }

  /// Ten days of inputs, orders, executions, requests and targets, some of which are still open.
  private func fill(_ store: Store, _ random: inout SeededGenerator) throws {
    var ordinal: Int64 = 0
    for hour in Int64(0)..<240 {
      let at = Instant.sample + .seconds(hour * 3_600)
      var batch = CommitBatch()
      for _ in 0..<3 {
        ordinal += 1
        batch.rows.append(JournalRow(ordinal: ordinal, at: at, kind: "event", payload: [1]))
      }
      if random.next() % 8 == 0 {
        var target = Sample.target(ordinal)
        target.adoptedAt = at
        batch.standing = [target]
        batch.breaches = [
          BreachRecord(ordinal: ordinal, at: at, account: target.account, cause: target.cause)
        ]
        batch.enforcement = [
          .proven(target.id, .init(requests: 1, passes: 1, duration: .zero), at: at)
        ]
      }
      if hour % 40 == 39 {
        batch.checkpoint = StoredCheckpoint(ordinal: ordinal, at: at, state: [1])
      }
      try store.commit(batch)
      let open = try store.openTargets().first
      if let open, random.next() % 4 != 0 {
        var end = CommitBatch()
        end.ended = [EndedTarget(id: open.id, ending: .dailyReset, at: at)]
        try store.commit(end)
      }
      var projection = ProjectionBatch(through: ordinal, at: at)
      projection.orders = [
        Order(
          id: OrderID(hour), account: AccountID(7), contract: ContractID("C"), createdAt: at,
          updatedAt: at, status: hour % 9 == 0 ? .open : .filled, type: .market, side: .buy,
          size: 1)
      ]
      projection.trades = [
        DatedTrade(
          Trade(
            id: TradeID(hour), account: AccountID(7), contract: ContractID("C"), executedAt: at,
            price: Price(nanos: 1), profit: nil, fees: .zero, side: .buy, size: 1,
            order: OrderID(hour)), on: TradingDayRule.standard.tradingDate(at: at))
      ]
      var account = AccountProjection(AccountID(7))
      let date = TradingDayRule.standard.tradingDate(at: at)
      account.day = DayResult(date: date, realized: .zero, costs: .zero)
      account.open = OpenResult(date: date, openProfit: .zero, positions: 0, exposure: .zero)
      projection.accounts = [account]
      try store.project(projection)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 20_250_916])
  func onlyWhatIsTooOldAndFreeGoes(_ seed: UInt64) throws {
    print("retention: seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let store = try Store.writer(folder.database)
    try fill(store, &random)
    let open = try store.openTargets()
    let before = try rows(store)
    let bound = Instant.sample + Self.day * (2 + Int64(random.next() % 6))
    while try store.prune(limits(bound), limit: 17) > 0 {}
    #expect(try store.overdue(limits(bound)).isEmpty)
    let after = try rows(store)
    #expect(after.isSubset(of: before))
    for row in before.subtracting(after) {
      #expect(row.at < bound.nanosSinceEpoch, "\(row) went")
      #expect(!row.isBound, "\(row) went")
    }
    for row in after where row.table != "journal" && row.at < bound.nanosSinceEpoch {
      #expect(row.isBound, "\(row) stayed")
    }
    #expect(try store.openTargets() == open)
    // The journal of an open lockout, and of the day before it, is there.
    let journal = try store.rows()
    if let oldest = open.map(\.adoptedAt).min() {
      let basis = max(Instant.sample, oldest - Store.lockoutBasis)
      #expect(try #require(journal.first).at <= min(basis, bound) + .seconds(3_600))
    }
    let checkpoint = try #require(try store.checkpoints().last)
    #expect(journal.first.map { $0.ordinal <= checkpoint.ordinal + 1 } ?? false)
    #expect(journal.last?.ordinal == 720)
    let first = TradingDayRule.standard.tradingDate(at: bound).description
    #expect(try store.count("SELECT count(*) FROM daily_pnl WHERE date < '\(first)'") == 0)
    #expect(try store.count("SELECT count(*) FROM daily_unrealized_pnl") > 0)
  }

  @Test func whatTheTablesDoNotKnowYetStaysInTheJournal() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.rows = (Int64(1)...100).map { Sample.input($0) }
    batch.checkpoint = StoredCheckpoint(ordinal: 100, at: .sample, state: [1])
    try store.commit(batch)
    let late = limits(.sample + Self.day * 30)
    #expect(try store.prune(late) == 0)
    try store.project(ProjectionBatch(through: 60, at: .sample))
    #expect(try store.overdue(late) == ["journal": 59])
    #expect(try store.overdue(late, limit: 7) == ["journal": 7])
    while try store.prune(late, limit: 7) > 0 {}
    #expect(try store.rows().first?.ordinal == 60)
    #expect(try store.overdue(late).isEmpty)
  }

  @Test func whatIsNeededIsNotOverdue() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.rows = (Int64(1)...100).map { Sample.input($0) }
    try store.commit(batch)
    try store.project(ProjectionBatch(through: 100, at: .sample))
    let late = limits(.sample + Self.day * 30)
    #expect(try store.overdue(late).isEmpty, "there is no checkpoint to go on from")
    var next = CommitBatch()
    next.checkpoint = StoredCheckpoint(ordinal: 40, at: .sample, state: [1])
    try store.commit(next)
    #expect(try store.overdue(late) == ["journal": 40])
    #expect(try store.overdue(limits(.sample - Self.day)).isEmpty, "it is not that old")
    var target = Sample.target(41)
    target.adoptedAt = .sample
    var lockout = CommitBatch()
    lockout.standing = [target]
    try store.commit(lockout)
    #expect(try store.overdue(late).isEmpty, "a lockout rests on it")
  }
}
