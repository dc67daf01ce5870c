import GRDB
import RiskModel

// The database of the evaluator, data/risk_manager.db. SQLite in WAL mode; the evaluator is the
// only process that writes it while riskd runs.
//
// Units: money is INTEGER micro-dollars (10⁻⁶ USD), prices and tick sizes are INTEGER nano-points
// (10⁻⁹), instants are INTEGER nanoseconds since 1970-01-01T00:00:00Z, spans are nanoseconds unless
// the name ends in _ms; dates are TEXT, 2026-08-21, and name the trading day. NULL is "not known".
// JSON is canonical: keys sorted, no white space.
//
// Tables of the specification. Their truth is the journal: the evaluator brings them up to date
// within seconds, after its decisions have left, and after a restart from the input behind the one
// that meta.projected names.
//
// schema_version     every migration that was tried; success is 0 for one that failed
// lockouts           one row an account: whether it is locked, by what, and until when (NULL: until
//                    something happens that has no time)
// daily_pnl          result of a trading day, gross, and what it cost
// daily_unrealized_pnl  the last open result of a day; total_exposure is size × price in money
// contract_cache     contracts as the venue describes them
// trade_history      executions; trade_id and what follows it are NULL where a row came from
//                    version 1. trades is the view of those whose id is known. side: 0 buy, 1 sell
// session_state      when the trading day began. Clocking in and out is kept with the metrics
// positions          open ones, as the venue numbers them; type 1 long, 2 short
// orders             working and ended; type and state as the venue numbers them, type 5 is a
//                    trailing stop; state 0: no longer working, and how it ended was not seen
// enforcement_log    the enforcer's requests and proofs; target names the row of targets, reaction
//                    is the span from the event to the request
// reset_schedule     the daily reset of an account
//
// Tables of the journal, the truth:
//
// meta               single values by name
// journal            one row per input of the engine, or per block of marks; never changed, except
//                    that the last row, if of kind `marks`, takes further marks
//   ordinal          of the input, or of the first mark of a block; a block of n marks stands for
//                    n inputs with consecutive ordinals. Ordinals may skip numbers, where inputs
//                    could not be recorded
//   kind             a word of the evaluator's, or `marks`
//   payload          the input as JSON, or a block (see MarkBlock.swift)
//   effects          the decisions of the input as JSON, NULL for none; of the last mark of a block,
//                    which takes no further marks then
// mark_contracts     the contract numbers that blocks use
// segments           where the configuration or the engine changed: what was in force from
//                    first_ordinal on, and a digest of the engine's state before that input
// checkpoints        the engine's state after the input `ordinal`; the newest two
// link_progress      what is committed of each incoming stream
// gaps               where a database was lost: what the replacement ends with, and the ordinal
//                    behind which the journal goes on
// targets            every target; open while ended_at is NULL
// lockout_entries    a view: the targets that are lockouts, one row each
// breaches           every rule that fired

/// The versions of the database, and how a file gets the newest one.
enum Schema {
  /// The version that this release writes.
  static let version = 2
  static let description = "journal, targets, breaches; daily_unrealized_pnl, execution times"

  enum Found: Equatable {
    case nothing
    case version(Int)
  }

  /// The version that the file has.
  ///
  /// - Throws: `StoreError.foreign`, `.newerSchema`.
  static func check(_ db: Database, file: String) throws -> Found {
    let tables = try String.fetchSet(
      db, sql: "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    guard !tables.isEmpty else { return .nothing }
    if tables.contains("schema_version") {
      guard try db.columns(in: "schema_version").contains(where: { $0.name == "success" }) else {
        throw StoreError.foreign(file: file)
      }
      let found =
        try Int.fetchOne(db, sql: "SELECT max(version) FROM schema_version WHERE success") ?? 0
      guard found <= version else {
        throw StoreError.newerSchema(file: file, found: found, supported: version)
      }
      if found == version { return .version(found) }
    }
    guard tables.isSuperset(of: firstVersionTables), !tables.contains("journal") else {
      throw StoreError.foreign(file: file)
    }
    return .version(1)
  }

  /// Makes the tables in an empty file, all in one transaction.
  static func create(_ db: Database, at now: Instant) throws {
    try db.inTransaction(.immediate) {
      try db.execute(sql: tables)
      try record(db, at: now, script: "", milliseconds: 0, failure: nil)
      return .commit
    }
  }

  /// Notes a migration to `version`, done or failed.
  static func record(
    _ db: Database, at now: Instant, script: String, milliseconds: Int64, failure: String?
  ) throws {
    try db.execute(sql: versionTable)
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO schema_version
        (version, applied_at, description, migration_script, rollback_script, execution_time_ms,
          success, error_message)
        VALUES (?, ?, ?, ?, 'riskctl db restore', ?, ?, ?)
        """,
      arguments: [
        version, now.nanosSinceEpoch, description, script, milliseconds, failure == nil, failure,
      ])
  }
}
