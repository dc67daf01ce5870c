import FoundationEssentials
import GRDB
import Glibc
import PeerProtocol
package import RiskModel

/// Brings a database of version 1 to version 2.
///
/// Version 1 is the nine tables of the specification with money and prices as REAL and instants as
/// numbers or texts. Every row is kept. An account that is locked in version 1 is locked in version
/// 2: its lockout becomes a target.
package enum Migration {
  package enum Outcome: Equatable, Sendable {
    /// The file has the version already; nothing was done.
    case alreadyThere
    case migrated(backup: String, rows: Int, lockouts: Int)
  }

  static let tables = [
    "lockouts", "daily_pnl", "contract_cache", "trade_history", "session_state", "positions",
    "orders", "enforcement_log", "reset_schedule",
  ]

  /// Migrates a file that nobody else has open: a backup and a look through the whole file first,
  /// then one transaction, then another look.
  ///
  /// - Throws: `StoreError`. The data are as before then, and schema_version says what went wrong.
  package static func run(
    _ path: String, from version: Int, backups: BackupFolder, keep: Int, at now: Instant,
    clock: () -> MonotonicInstant
  ) throws(StoreError) -> Outcome {
    let found = try DatabaseFile.inspect(path)
    guard found != Schema.version else { return .alreadyThere }
    guard found == version else {
      throw .olderSchema(file: path, found: found, supported: Schema.version)
    }
    let backup = try backups.make(from: path, at: now, keep: keep, label: "migration")
    let start = clock()
    func milliseconds() -> Int64 { (clock() - start).milliseconds }
    do {
      let queue = try DatabaseQueue(
        path: path, configuration: Store.configuration(readOnly: false, busyTimeout: .seconds(5)))
      defer { try? queue.close() }
      do {
        let outcome = try queue.inDatabase { db in
          addFunctions(to: db)
          var outcome = Outcome.alreadyThere
          try db.inTransaction(.immediate) {
            outcome = try migrate(db, backup: backup, at: now)
            try Schema.record(
              db, at: now, script: script, milliseconds: milliseconds(), failure: nil)
            return .commit
          }
          return outcome
        }
        try Store.secureFile(path)
        return outcome
      } catch {
        try queue.inDatabase { db in
          try Schema.record(
            db, at: now, script: script, milliseconds: milliseconds(), failure: "\(error)")
        }
        throw error
      }
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
  }

  private static let script = "riskctl db migrate --from-version 1 --to-version 2"

  private static func migrate(
    _ db: Database, backup: String, at now: Instant
  ) throws -> Outcome {
    for table in tables {
      for index in try db.indexes(on: table) where !index.name.hasPrefix("sqlite_") {
        try db.drop(index: index.name)
      }
      try db.rename(table: table, to: "v1_" + table)
    }
    try db.execute(sql: Schema.tables)
    try db.execute(sql: copies, arguments: ["now": now.nanosSinceEpoch])
    let lockouts = try adoptLockouts(db, at: now)
    let rows = try countRows(db)
    for table in tables { try db.drop(table: "v1_" + table) }
    return .migrated(backup: backup, rows: rows, lockouts: lockouts)
  }

  /// - Throws: When a table has other rows than its predecessor.
  private static func countRows(_ db: Database) throws -> Int {
    var total = 0
    for table in tables {
      let before = try Table("v1_" + table).fetchCount(db)
      let after = try Table(table).fetchCount(db)
      guard before == after else {
        throw StoreError.undecodable(
          table: table, row: "count", problem: "\(before) rows became \(after)")
      }
      total += after
    }
    return total
  }

  private static let copies = """
    INSERT INTO lockouts SELECT account_id, coalesce(is_locked, 0), reason, instant(locked_at),
      instant(locked_until), rule_id, coalesce(instant(created_at), :now),
      coalesce(instant(updated_at), :now) FROM v1_lockouts;
    INSERT INTO daily_pnl SELECT account_id, date, coalesce(millionths(realized_pnl), 0), 0,
      coalesce(instant(last_updated), :now) FROM v1_daily_pnl;
    INSERT INTO contract_cache SELECT contract_id, billionths(tick_size), millionths(tick_value),
      coalesce(symbol_id, ''), coalesce(name, ''), coalesce(instant(cached_at), :now)
      FROM v1_contract_cache;
    INSERT INTO trade_history (id, account_id, timestamp, contract_id, pnl, created_at)
      SELECT id, account_id, instant(timestamp), contract_id, millionths(pnl),
      coalesce(instant(created_at), :now) FROM v1_trade_history;
    INSERT INTO session_state SELECT account_id, instant(session_start),
      coalesce(instant(updated_at), :now) FROM v1_session_state;
    INSERT INTO positions SELECT id, account_id, contract_id, type, size,
      billionths(average_price), coalesce(instant(created_at), :now),
      coalesce(instant(updated_at), :now) FROM v1_positions;
    INSERT INTO orders SELECT id, account_id, contract_id, type, side, size,
      billionths(limit_price), billionths(stop_price), state, coalesce(instant(created_at), :now),
      coalesce(instant(updated_at), :now) FROM v1_orders;
    INSERT INTO enforcement_log (id, timestamp, account_id, rule_id, action, reason, success,
      details, execution_time_ms)
      SELECT id, instant(timestamp), account_id, rule_id, action, reason, coalesce(success, 1),
      details, CAST(execution_time_ms AS INTEGER) FROM v1_enforcement_log;
    INSERT INTO reset_schedule SELECT account_id, last_reset_date, instant(next_reset_time),
      reset_time_config, timezone FROM v1_reset_schedule;
    """

  /// What is locked stays locked: with an end by time, or else until an administrator ends it.
  private static func adoptLockouts(_ db: Database, at now: Instant) throws -> Int {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT account_id, reason, rule_id, locked_at, locked_until FROM lockouts
        WHERE is_locked AND (locked_until IS NULL OR locked_until > ?) ORDER BY account_id
        """, arguments: [now.nanosSinceEpoch])
    let coder = MessageCoder()
    for (index, row) in rows.enumerated() {
      let text: String? = row[1]
      let name: String? = row[2]
      let lockedAt: Int64? = row[3]
      let until: Int64? = row[4]
      let rule = RuleID.allCases.first { $0.rawValue == name || $0.key == name } ?? .failClosed
      let target = Target(
        id: TargetID(inputOrdinal: 0, index: index), account: AccountID(row[0]),
        goal: .flatAccount,
        cause: Cause(rule: rule, reason: .lockedBefore(text ?? name ?? "no reason recorded")),
        end: until.map { .at(Instant(nanosSinceEpoch: $0)) } ?? .permanent,
        adoptedAt: lockedAt.map { Instant(nanosSinceEpoch: $0) } ?? now)
      try db.execute(
        sql: """
          INSERT INTO targets (id, account, json, is_lockout, adopted_at)
          VALUES (?, ?, CAST(? AS TEXT), 1, ?)
          """,
        arguments: [
          target.id.description, target.account.number, Data(try coder.encode(target)),
          target.adoptedAt.nanosSinceEpoch,
        ])
    }
    return rows.count
  }

  private static func addFunctions(to db: Database) {
    db.add(
      function: DatabaseFunction("instant", argumentCount: 1, pure: true) {
        try LegacyValue.instant($0[0])?.nanosSinceEpoch
      })
    for (name, scale) in [("millionths", 1e6), ("billionths", 1e9)] {
      db.add(
        function: DatabaseFunction(name, argumentCount: 1, pure: true) {
          try LegacyValue.fixed($0[0], scale)
        })
    }
  }
}
