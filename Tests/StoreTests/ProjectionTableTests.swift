import GRDB
import RiskModel
import Testing

@testable import Store

/// The tables of the specification as the evaluator fills them.
@Suite struct ProjectionTableTests {
  private let folder = Folder()
  private let account = AccountID(7)
  private let mnq = ContractID("CON.F.US.MNQ.Z25")

  private func position(_ id: Int64, _ size: Int64) -> Position {
    Position(
      id: id, account: account, contract: mnq, openedAt: .sample, signedSize: size,
      averagePrice: Price(nanos: 21_000_250_000_000))
  }

  private func order(_ id: Int64, _ status: OrderStatus, stop: Price? = nil) -> Order {
    Order(
      id: OrderID(id), account: account, contract: mnq, createdAt: .sample,
      updatedAt: .sample + .seconds(id), status: status, type: .trailingStop, side: .sell, size: 2,
      stopPrice: stop)
  }

  private func batch(_ through: Int64?, _ change: (inout ProjectionBatch) -> Void)
    -> ProjectionBatch
  {
    var batch = ProjectionBatch(through: through, at: .sample + .seconds(60))
    change(&batch)
    return batch
  }

  private func account(_ change: (inout AccountProjection) -> Void) -> AccountProjection {
    var projection = AccountProjection(account)
    change(&projection)
    return projection
  }

  private func row(_ store: Store, _ sql: String) throws -> Row {
    try #require(try store.reading { try Row.fetchOne($0, sql: sql) })
  }

  @Test func everyTableHoldsWhatItsNameSays() throws {
    let store = try Store.writer(folder.database)
    let trade = Trade(
      id: TradeID(5), account: account, contract: mnq, executedAt: .sample,
      price: Price(nanos: 21_000_000_000_000), profit: Money(micros: -12_500_000),
      fees: Money(micros: 370_000), commissions: Money(micros: 500_000), side: .sell, size: 1,
      order: OrderID(3_400_000_001))
    try store.project(
      batch(12) {
        $0.contracts = [
          ContractSpecification(
            id: mnq, name: "MNQZ25", tickSize: Price(nanos: 250_000_000),
            tickValue: Money(micros: 500_000))
        ]
        $0.trades = [DatedTrade(trade, on: CivilDate(year: 2026, month: 8, day: 21))]
        $0.orders = [order(3_400_000_001, .open, stop: Price(nanos: 20_900_000_000_000))]
        $0.accounts = [
          account {
            $0.positions = [position(1, 2), position(2, -3)]
            $0.day = DayResult(
              date: CivilDate(year: 2026, month: 8, day: 21), realized: Money(micros: -12_500_000),
              costs: Money(micros: 870_000))
            $0.open = OpenResult(
              date: CivilDate(year: 2026, month: 8, day: 21), openProfit: nil, positions: 2,
              exposure: Money(dollars: 84_000))
            $0.lockout = LockoutSummary(
              isLocked: true, reason: "why", rule: .dailyRealizedLoss, lockedAt: .sample,
              lockedUntil: .sample + .seconds(3_600))
            $0.schedule = ResetSchedule(
              tradingDay: CivilDate(year: 2026, month: 8, day: 21), startedAt: .sample,
              nextReset: .sample + .seconds(86_400), time: TimeOfDay(hour: 17, minute: 0),
              zone: "America/Chicago")
          }
        ]
      })
    #expect(try store.projectedOrdinal() == 12)
    let sample = Instant.sample.nanosSinceEpoch
    var row = try row(store, "SELECT * FROM trades")
    #expect(row["trade_id"] == 5)
    #expect(row["pnl"] == -12_500_000)
    #expect(row["side"] == 1)
    #expect(row["trading_date"] == "2026-08-21")
    #expect(row["order_id"] == 3_400_000_001)
    row = try self.row(store, "SELECT * FROM orders")
    #expect(row["type"] == 5)
    #expect(row["state"] == 1)
    #expect(row["side"] == 1)
    #expect(row["stop_price"] == 20_900_000_000_000)
    #expect(row["limit_price"] == (nil as Int64?))
    row = try self.row(store, "SELECT * FROM positions WHERE type = 2")
    #expect(row["id"] == 2)
    #expect(row["size"] == 3)
    #expect(row["average_price"] == 21_000_250_000_000)
    row = try self.row(store, "SELECT * FROM daily_pnl")
    #expect(row["realized_pnl"] == -12_500_000)
    #expect(row["costs"] == 870_000)
    row = try self.row(store, "SELECT * FROM daily_unrealized_pnl")
    #expect(row["unrealized_pnl"] == (nil as Int64?))
    #expect(row["positions_count"] == 2)
    #expect(row["total_exposure"] == 84_000_000_000)
    row = try self.row(store, "SELECT * FROM contract_cache")
    #expect(row["symbol_id"] == "MNQ")
    #expect(row["tick_value"] == 500_000)
    row = try self.row(store, "SELECT * FROM lockouts")
    #expect(row["is_locked"] == true)
    #expect(row["rule_id"] == "RULE-003")
    #expect(row["locked_at"] == sample)
    row = try self.row(store, "SELECT * FROM session_state")
    #expect(row["session_start"] == sample)
    row = try self.row(store, "SELECT * FROM reset_schedule")
    #expect(row["last_reset_date"] == "2026-08-20")
    #expect(row["reset_time_config"] == "17:00")
    #expect(row["timezone"] == "America/Chicago")
  }

  @Test func positionsThatAreGoneGoAndTheOthersKeepTheirTime() throws {
    let store = try Store.writer(folder.database)
    try store.project(
      batch(1) { $0.accounts = [account { $0.positions = [position(1, 2), position(2, 1)] }] })
    var later = batch(2) { $0.accounts = [account { $0.positions = [position(2, 1)] }] }
    later.at = .sample + .seconds(999)
    try store.project(later)
    #expect(try store.count("SELECT count(*) FROM positions") == 1)
    let updated = (Instant.sample + .seconds(60)).nanosSinceEpoch
    #expect(try row(store, "SELECT updated_at FROM positions")[0] == updated)
    try store.project(batch(3) { $0.knownAccounts = [AccountID(8)] })
    #expect(try store.count("SELECT count(*) FROM positions") == 0)
  }

  @Test func anOrderThatVanishedHasEndedUnseen() throws {
    let store = try Store.writer(folder.database)
    try store.project(
      batch(1) { $0.orders = [order(1, .open), order(2, .pending), order(3, .filled)] })
    try store.project(
      batch(nil) { $0.accounts = [account { $0.workingOrders = [OrderID(2)] }] })
    let states = try store.reading {
      try Int.fetchAll($0, sql: "SELECT state FROM orders ORDER BY id")
    }
    #expect(states == [0, 6, 2])
    #expect(try store.projectedOrdinal() == 1)
  }

  @Test func aTradeCountsOnceAndStaysVoided() throws {
    let store = try Store.writer(folder.database)
    var trade = Trade(
      id: TradeID(5), account: account, contract: mnq, executedAt: .sample, price: Price(nanos: 1),
      profit: nil, fees: .zero, side: .buy, size: 1, order: OrderID(1))
    for isVoided in [false, true, false] {
      trade.isVoided = isVoided
      let dated = DatedTrade(trade, on: CivilDate(year: 2026, month: 8, day: 21))
      try store.project(batch(1) { $0.trades = [dated] })
    }
    #expect(try store.count("SELECT count(*) FROM trade_history WHERE voided") == 1)
  }

  @Test func executionsAreListedFromAMomentOnInTheirOrder() throws {
    let store = try Store.writer(folder.database)
    let dated = [30, 10, 20].map { (second: Int64) in
      DatedTrade(
        Trade(
          id: TradeID(second), account: account, contract: mnq,
          executedAt: .sample + .seconds(second), price: Price(nanos: 1), profit: nil, fees: .zero,
          side: .buy, size: 1, order: OrderID(1)),
        on: CivilDate(year: 2026, month: 8, day: 21))
    }
    try store.project(batch(1) { $0.trades = dated })
    #expect(
      try store.executions(since: .sample + .seconds(20))
        == [Instant.sample + .seconds(20), .sample + .seconds(30)])
    #expect(try store.executions(since: .sample + .seconds(31)) == [])
  }

  @Test func aBatchThatFailsChangesNothing() throws {
    let store = try Store.writer(folder.database)
    try store.writing { try $0.execute(sql: "DROP TABLE reset_schedule") }
    let projection = account {
      $0.positions = [position(1, 1)]
      $0.schedule = ResetSchedule(
        tradingDay: CivilDate(year: 2026, month: 8, day: 21), startedAt: .sample,
        nextReset: .sample, time: TimeOfDay(hour: 17, minute: 0), zone: "UTC")
    }
    #expect(throws: StoreError.self) { try store.project(batch(4) { $0.accounts = [projection] }) }
    #expect(try store.count("SELECT count(*) FROM positions") == 0)
    #expect(try store.projectedOrdinal() == 0)
  }
}
