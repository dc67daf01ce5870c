import FoundationEssentials
import GRDB
import PeerProtocol
import RiskModel

/// Writes rows of the tables of the specification, inside one transaction.
struct ProjectionWriter {
  /// What the venue calls an order whose state is nothing.
  static let endedUnseen = 0

  private let db: Database
  private let now: Int64
  private let coder: MessageCoder

  init(_ db: Database, at now: Instant, coder: MessageCoder) {
    self.db = db
    self.now = now.nanosSinceEpoch
    self.coder = coder
  }

  private func run(_ sql: String, _ arguments: StatementArguments) throws {
    try db.cachedStatement(sql: sql).execute(arguments: arguments)
  }

  private func list(_ numbers: [Int64]) throws -> String {
    String(decoding: try coder.encode(numbers), as: UTF8.self)
  }

  func dropOthers(than accounts: [AccountID]) throws {
    try run(
      "DELETE FROM positions WHERE account_id NOT IN (SELECT value FROM json_each(?))",
      [try list(accounts.map(\.number))])
  }

  func write(_ contract: ContractSpecification) throws {
    try run(
      """
      INSERT OR REPLACE INTO contract_cache
      (contract_id, tick_size, tick_value, symbol_id, name, cached_at) VALUES (?, ?, ?, ?, ?, ?)
      """,
      [
        contract.id.text, contract.tickSize.nanos, contract.tickValue.micros,
        contract.id.root.text, contract.name, now,
      ])
  }

  func write(_ dated: DatedTrade) throws {
    let trade = dated.trade
    try run(
      """
      INSERT INTO trade_history
      (account_id, timestamp, contract_id, pnl, created_at, trade_id, order_id, price, size, side,
        fees, commissions, voided, trading_date)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (trade_id) DO UPDATE SET pnl = excluded.pnl, fees = excluded.fees,
        commissions = excluded.commissions, voided = max(voided, excluded.voided)
      """,
      [
        trade.account.number, trade.executedAt.nanosSinceEpoch, trade.contract.text,
        trade.profit?.micros, now, trade.id.number, trade.order.number, trade.price.nanos,
        trade.size, trade.side == .buy ? 0 : 1, trade.fees.micros, trade.commissions.micros,
        trade.isVoided, dated.date.description,
      ])
  }

  func write(_ order: Order) throws {
    try run(
      """
      INSERT OR REPLACE INTO orders
      (id, account_id, contract_id, type, side, size, limit_price, stop_price, state, created_at,
        updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        order.id.number, order.account.number, order.contract.text, order.type.rawValue,
        order.side == .buy ? 0 : 1, order.size, order.limitPrice?.nanos, order.stopPrice?.nanos,
        order.status.rawValue, order.createdAt.nanosSinceEpoch,
        order.updatedAt?.nanosSinceEpoch ?? now,
      ])
  }

  func write(_ projection: AccountProjection) throws {
    let account = projection.account.number
    if let positions = projection.positions { try write(positions, account) }
    if let orders = projection.workingOrders { try endOthers(than: orders, account) }
    if let day = projection.day { try write(day, account) }
    if let open = projection.open { try write(open, account) }
    if let lockout = projection.lockout { try write(lockout, account) }
    if let schedule = projection.schedule { try write(schedule, account) }
  }

  private func write(_ positions: [Position], _ account: Int64) throws {
    try run(
      """
      DELETE FROM positions
      WHERE account_id = ? AND id NOT IN (SELECT value FROM json_each(?))
      """, [account, try list(positions.map(\.id))])
    for position in positions {
      try run(
        """
        INSERT INTO positions
        (id, account_id, contract_id, type, size, average_price, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id,
          contract_id = excluded.contract_id, type = excluded.type, size = excluded.size,
          average_price = excluded.average_price, updated_at = excluded.updated_at
        WHERE (type, size, average_price, contract_id, account_id) IS NOT
          (excluded.type, excluded.size, excluded.average_price, excluded.contract_id,
            excluded.account_id)
        """,
        [
          position.id, account, position.contract.text, position.signedSize > 0 ? 1 : 2,
          position.size, position.averagePrice.nanos, position.openedAt.nanosSinceEpoch, now,
        ])
    }
  }

  private func endOthers(than orders: [OrderID], _ account: Int64) throws {
    try run(
      """
      UPDATE orders SET state = ?, updated_at = ?
      WHERE account_id = ? AND state NOT IN (0, 2, 3, 4, 5)
        AND id NOT IN (SELECT value FROM json_each(?))
      """, [Self.endedUnseen, now, account, try list(orders.map(\.number))])
  }

  private func write(_ day: DayResult, _ account: Int64) throws {
    try run(
      """
      INSERT OR REPLACE INTO daily_pnl (account_id, date, realized_pnl, costs, last_updated)
      VALUES (?, ?, ?, ?, ?)
      """, [account, day.date.description, day.realized.micros, day.costs.micros, now])
  }

  private func write(_ open: OpenResult, _ account: Int64) throws {
    try run(
      """
      INSERT OR REPLACE INTO daily_unrealized_pnl
      (account_id, day, unrealized_pnl, positions_count, total_exposure, created_at)
      VALUES (?, ?, ?, ?, ?, ?)
      """,
      [
        account, open.date.description, open.openProfit?.micros, open.positions,
        open.exposure?.micros, now,
      ])
  }

  private func write(_ lockout: LockoutSummary, _ account: Int64) throws {
    try run(
      """
      INSERT INTO lockouts
      (account_id, is_locked, reason, locked_at, locked_until, rule_id, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (account_id) DO UPDATE SET is_locked = excluded.is_locked,
        reason = excluded.reason, locked_at = excluded.locked_at,
        locked_until = excluded.locked_until, rule_id = excluded.rule_id,
        updated_at = excluded.updated_at
      """,
      [
        account, lockout.isLocked, lockout.reason, lockout.lockedAt?.nanosSinceEpoch,
        lockout.lockedUntil?.nanosSinceEpoch, lockout.rule?.rawValue, now, now,
      ])
  }

  private func write(_ schedule: ResetSchedule, _ account: Int64) throws {
    try run(
      """
      INSERT OR REPLACE INTO session_state (account_id, session_start, updated_at)
      VALUES (?, ?, ?)
      """, [account, schedule.startedAt.nanosSinceEpoch, now])
    try run(
      """
      INSERT OR REPLACE INTO reset_schedule
      (account_id, last_reset_date, next_reset_time, reset_time_config, timezone)
      VALUES (?, ?, ?, ?, ?)
      """,
      [
        account, schedule.tradingDay.adding(days: -1).description,
        schedule.nextReset.nanosSinceEpoch, schedule.time.description, schedule.zone,
      ])
  }
}
