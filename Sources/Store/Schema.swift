import GRDB
import RiskModel

// The database of the evaluator, data/risk_manager.db. SQLite in WAL mode; the evaluator is the
// only process that writes it. Instants are nanoseconds since 1970-01-01T00:00:00Z, spans are
// nanoseconds, JSON is canonical: keys sorted, no white space.
//
// schema_version     every migration that was applied
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
// targets            every target; open while ended_at is NULL
// lockouts           the open targets that are lockouts, for people
// breaches           every rule that fired
// enforcement_log    the enforcer's requests and proofs

/// The tables, and how a file gets them.
enum Schema {
  struct Migration {
    var version: Int
    var description: String
    var sql: String
  }

  /// The version that this release writes.
  static let version = migrations.map(\.version).max() ?? 0

  static let migrations = [
    Migration(
      version: 2, description: "journal, targets, breaches, enforcement",
      sql: """
        CREATE TABLE meta (
          name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE journal (
          ordinal INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL,
          payload BLOB NOT NULL, effects BLOB
        );
        CREATE TABLE mark_contracts (
          number INTEGER PRIMARY KEY, contract TEXT NOT NULL UNIQUE
        );
        CREATE TABLE segments (
          first_ordinal INTEGER PRIMARY KEY, started_at INTEGER NOT NULL,
          configuration TEXT NOT NULL, engine_version INTEGER NOT NULL, state_digest BLOB NOT NULL
        );
        CREATE TABLE checkpoints (
          ordinal INTEGER PRIMARY KEY, at INTEGER NOT NULL, state BLOB NOT NULL
        );
        CREATE TABLE link_progress (
          stream TEXT NOT NULL PRIMARY KEY, producer_epoch INTEGER NOT NULL,
          sequence INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE targets (
          id TEXT NOT NULL PRIMARY KEY, account INTEGER NOT NULL, json TEXT NOT NULL,
          is_lockout INTEGER NOT NULL, adopted_at INTEGER NOT NULL, ended_at INTEGER, ending TEXT
        );
        CREATE INDEX open_targets ON targets (account) WHERE ended_at IS NULL;
        CREATE VIEW lockouts AS
          SELECT id, account, json_extract(json, '$.cause.rule') AS rule,
            json_extract(json, '$.goal') AS goal, json_extract(json, '$.end') AS until, adopted_at
          FROM targets WHERE ended_at IS NULL AND is_lockout;
        CREATE TABLE breaches (
          id INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
          account INTEGER NOT NULL, rule TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL
        );
        CREATE INDEX breaches_at ON breaches (at);
        CREATE TABLE enforcement_log (
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, account INTEGER, target TEXT NOT NULL,
          action TEXT NOT NULL, outcome TEXT NOT NULL, duration INTEGER NOT NULL, reaction INTEGER
        );
        CREATE INDEX enforcement_log_at ON enforcement_log (at);
        """)
  ]

  private static let versionTable = """
    CREATE TABLE IF NOT EXISTS schema_version (
      version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL, description TEXT NOT NULL
    )
    """

  /// The newest version that the file has, 0 for an empty file.
  ///
  /// - Throws: `StoreError.foreign`, `.newerSchema`.
  static func check(_ db: Database, file: String) throws -> Int {
    guard try db.tableExists("schema_version") else {
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      guard tables == 0 else { throw StoreError.foreign(file: file) }
      return 0
    }
    let found = try Int.fetchOne(db, sql: "SELECT max(version) FROM schema_version") ?? 0
    guard found <= version else {
      throw StoreError.newerSchema(file: file, found: found, supported: version)
    }
    guard found == 0 || found >= (migrations.first?.version ?? 0) else {
      throw StoreError.foreign(file: file)
    }
    return found
  }

  /// Brings the file to `version`, all in one transaction.
  static func migrate(_ db: Database, from found: Int, at now: Instant) throws {
    guard found < version else { return }
    try db.inTransaction(.immediate) {
      try db.execute(sql: versionTable)
      for migration in migrations where migration.version > found {
        try db.execute(sql: migration.sql)
        try db.execute(
          sql: "INSERT INTO schema_version (version, applied_at, description) VALUES (?, ?, ?)",
          arguments: [migration.version, now.nanosSinceEpoch, migration.description])
      }
      return .commit
    }
  }
}
