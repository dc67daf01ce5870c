import GRDB
import RiskModel
import Testing

@testable import Store

@Suite struct MigrationTests {
  private let folder = Folder()
  private var backups: BackupFolder { BackupFolder(path: folder.file("backups")) }

  /// Version 1 as the specification describes it, with a row or two in every table.
  private static let firstVersion = """
    CREATE TABLE lockouts (account_id INTEGER PRIMARY KEY, is_locked BOOLEAN DEFAULT 0,
      reason TEXT, locked_at TEXT, locked_until TEXT, rule_id TEXT, created_at TEXT,
      updated_at TEXT);
    CREATE INDEX lockouts_locked_until ON lockouts (locked_until);
    CREATE TABLE daily_pnl (account_id INTEGER, date TEXT, realized_pnl REAL DEFAULT 0,
      last_updated TEXT, PRIMARY KEY (account_id, date));
    CREATE TABLE contract_cache (contract_id TEXT PRIMARY KEY, tick_size REAL, tick_value REAL,
      symbol_id TEXT, name TEXT, cached_at TEXT);
    CREATE TABLE trade_history (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER,
      timestamp TEXT, contract_id TEXT, pnl REAL, created_at TEXT);
    CREATE INDEX idx_trades ON trade_history (account_id, timestamp DESC);
    CREATE TABLE session_state (account_id INTEGER PRIMARY KEY, session_start TEXT,
      updated_at TEXT);
    CREATE TABLE positions (id INTEGER PRIMARY KEY, account_id INTEGER, contract_id TEXT,
      type INTEGER, size INTEGER, average_price REAL, created_at TEXT, updated_at TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, account_id INTEGER, contract_id TEXT,
      type INTEGER, side INTEGER, size INTEGER, limit_price REAL, stop_price REAL, state INTEGER,
      created_at TEXT, updated_at TEXT);
    CREATE TABLE enforcement_log (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT,
      account_id INTEGER, rule_id TEXT, action TEXT, reason TEXT, success BOOLEAN DEFAULT 1,
      details TEXT, execution_time_ms REAL);
    CREATE TABLE reset_schedule (account_id INTEGER PRIMARY KEY, last_reset_date TEXT,
      next_reset_time TEXT, reset_time_config TEXT, timezone TEXT);
    INSERT INTO lockouts VALUES
      (1, 1, 'lost too much', '2025-09-16T04:00:00Z', '2025-09-16 22:00:00', 'RULE-003',
        '2025-09-16T04:00:00', '2025-09-16T04:00:00'),
      (2, 1, 'by hand', NULL, NULL, NULL, NULL, NULL),
      (3, 1, 'over', '2025-09-01', '2025-09-02', 'max_contracts', NULL, NULL),
      (4, 0, NULL, NULL, NULL, NULL, NULL, NULL),
      (5, 1, 'cooldown', 1757998800, 1758009600000, 'cooldown_after_loss', NULL, NULL);
    INSERT INTO daily_pnl VALUES (1, '2025-09-16', -510.25, 1758000000.25), (1, '2025-09-15', 0.1, NULL);
    INSERT INTO contract_cache VALUES ('CON.F.US.MNQ.Z25', 0.25, 0.5, 'MNQ', 'MNQZ25', NULL);
    INSERT INTO trade_history (account_id, timestamp, contract_id, pnl, created_at) VALUES
      (1, '2025-09-16T04:00:00.123456+02:00', 'CON.F.US.MNQ.Z25', -12.5, NULL),
      (1, 1758000000000000, 'CON.F.US.MNQ.Z25', NULL, NULL);
    INSERT INTO session_state VALUES (1, '2025-09-15 17:00', NULL);
    INSERT INTO positions VALUES (9, 1, 'CON.F.US.MNQ.Z25', 2, 3, 21000.25, '2025-09-16', NULL);
    INSERT INTO orders VALUES (10, 1, 'CON.F.US.MNQ.Z25', 4, 0, 3, NULL, 21050.5, 1, NULL, NULL);
    INSERT INTO enforcement_log (timestamp, account_id, rule_id, action, reason, details,
      execution_time_ms) VALUES ('2025-09-16', 1, 'RULE-003', 'CLOSE_ALL', 'why', '{}', 41.7);
    INSERT INTO reset_schedule VALUES (1, '2025-09-15', '2025-09-16T22:00:00Z', '17:00',
      'America/Chicago');
    """

  private func make(_ change: String = "") throws {
    let queue = try DatabaseQueue(path: folder.database)
    try queue.write { try $0.execute(sql: Self.firstVersion + change) }
    try queue.close()
  }

  private func migrate() throws -> Migration.Outcome {
    try Migration.run(
      folder.database, from: 1, backups: backups, keep: 3, at: .sample,
      clock: { MonotonicInstant(nanos: 0) })
  }

  @Test func everyRowIsKeptAndConverted() throws {
    try make()
    #expect(throws: StoreError.olderSchema(file: folder.database, found: 1, supported: 2)) {
      try Store.writer(folder.database)
    }
    let outcome = try migrate()
    let backup = try #require(backups.files.first)
    #expect(outcome == .migrated(backup: backup, rows: 15, lockouts: 3))
    #expect(try DatabaseFile.inspect(backup) == 1)
    #expect(try DatabaseVerification(folder.database).text == "Schema v2, all tables present\n")
    #expect(mode(of: folder.database) == 0o600)
    let store = try Store.writer(folder.database)
    func value(_ sql: String) throws -> Int64? {
      try store.reading { try Int64.fetchOne($0, sql: sql) }
    }
    #expect(
      try value("SELECT realized_pnl FROM daily_pnl WHERE date = '2025-09-16'") == -510_250_000)
    #expect(try value("SELECT realized_pnl FROM daily_pnl WHERE date = '2025-09-15'") == 100_000)
    #expect(
      try value("SELECT last_updated FROM daily_pnl WHERE date = '2025-09-16'")
        == 1_758_000_000_250_000_000)
    #expect(try value("SELECT tick_size FROM contract_cache") == 250_000_000)
    #expect(try value("SELECT tick_value FROM contract_cache") == 500_000)
    #expect(try value("SELECT pnl FROM trade_history WHERE id = 1") == -12_500_000)
    #expect(
      try value("SELECT timestamp FROM trade_history WHERE id = 1") == 1_757_988_000_123_456_000)
    #expect(
      try value("SELECT timestamp FROM trade_history WHERE id = 2") == 1_758_000_000_000_000_000)
    #expect(try value("SELECT average_price FROM positions") == 21_000_250_000_000)
    #expect(try value("SELECT stop_price FROM orders") == 21_050_500_000_000)
    #expect(try value("SELECT limit_price FROM orders") == nil)
    #expect(try value("SELECT execution_time_ms FROM enforcement_log") == 41)
    #expect(try value("SELECT session_start FROM session_state") == 1_757_955_600_000_000_000)
    #expect(try value("SELECT count(*) FROM schema_version WHERE success AND version = 2") == 1)
  }

  @Test func whatIsLockedStaysLocked() throws {
    try make()
    _ = try migrate()
    let targets = try Store.writer(folder.database).openTargets()
    #expect(targets.map(\.account) == [AccountID(1), AccountID(2), AccountID(5)])
    #expect(targets.allSatisfy { $0.isLockout && $0.goal == .flatAccount })
    #expect(
      targets.map(\.end) == [
        .at(Instant(secondsSinceEpoch: 1_758_060_000)), .permanent,
        .at(Instant(secondsSinceEpoch: 1_758_009_600)),
      ])
    #expect(
      targets.map(\.cause.rule) == [.dailyRealizedLoss, .failClosed, .cooldownAfterLoss])
    #expect(targets[0].cause.reason == .lockedBefore("lost too much"))
    #expect(targets[1].adoptedAt == .sample)
  }

  @Test func aSecondTimeDoesNothing() throws {
    try make()
    _ = try migrate()
    let before = bytes(of: folder.database)
    #expect(try migrate() == .alreadyThere)
    #expect(bytes(of: folder.database) == before)
    #expect(backups.files.count == 1)
  }

  @Test(arguments: [
    "INSERT INTO trade_history (account_id, timestamp, contract_id) VALUES (1, 'soon', 'C');",
    "INSERT INTO daily_pnl VALUES (2, '2025-09-16', 'much', NULL);",
    "INSERT INTO positions VALUES (11, 1, 'C', 1, 1, 1e300, NULL, NULL);",
    "INSERT INTO session_state VALUES (8, NULL, NULL);",
  ])
  func aFailureIsRecordedAndChangesNothingElse(_ change: String) throws {
    try make(change)
    #expect(throws: StoreError.self) { try migrate() }
    let queue = try DatabaseQueue(path: folder.database)
    let (success, message, trades) = try queue.read { db in
      (
        try Bool.fetchOne(db, sql: "SELECT success FROM schema_version WHERE version = 2"),
        try String.fetchOne(db, sql: "SELECT error_message FROM schema_version"),
        try Int.fetchOne(db, sql: "SELECT count(*) FROM lockouts WHERE locked_until IS NOT NULL")
      )
    }
    #expect(success == false)
    #expect(message?.isEmpty == false)
    #expect(trades == 3)
    try queue.write { db in
      try db.execute(sql: "DELETE FROM trade_history WHERE timestamp = 'soon'")
      try db.execute(sql: "DELETE FROM daily_pnl WHERE account_id = 2")
      try db.execute(sql: "DELETE FROM positions WHERE id = 11")
      try db.execute(sql: "DELETE FROM session_state WHERE account_id = 8")
    }
    try queue.close()
    guard case .migrated = try migrate() else {
      Issue.record("not migrated after the repair")
      return
    }
    #expect(try DatabaseVerification(folder.database).problems.isEmpty)
  }

  @Test func whatIsNoVersion1IsRefused() throws {
    #expect(throws: StoreError.missing(file: folder.database)) { try migrate() }
    let queue = try DatabaseQueue(path: folder.database)
    try queue.write { try $0.execute(sql: "CREATE TABLE lockouts (account_id INTEGER)") }
    try queue.close()
    #expect(throws: StoreError.foreign(file: folder.database)) { try migrate() }
    #expect(backups.files.isEmpty)
  }

  @Test func timesAreReadInEveryFormThatTheyMayHave() throws {
    let moments: [(DatabaseValue, Int64)] = [
      (1_758_000_000.databaseValue, 1_758_000_000_000_000_000),
      (1_758_000_000_123.databaseValue, 1_758_000_000_123_000_000),
      (1_758_000_000_123_456.databaseValue, 1_758_000_000_123_456_000),
      (1_758_000_000_123_456_789.databaseValue, 1_758_000_000_123_456_789),
      (1_758_000_000_500.0.databaseValue, 1_758_000_000_500_000_000),
      ("2025-09-16T05:20:00".databaseValue, 1_758_000_000_000_000_000),
      ("2025-09-16 05:20".databaseValue, 1_758_000_000_000_000_000),
      ("2025-09-16T05:20:00.5Z".databaseValue, 1_758_000_000_500_000_000),
      ("2025-09-16T00:20:00-0500".databaseValue, 1_758_000_000_000_000_000),
      ("2025-09-16T07:20:00+02".databaseValue, 1_758_000_000_000_000_000),
    ]
    for (value, nanos) in moments {
      #expect(try LegacyValue.instant(value)?.nanosSinceEpoch == nanos, "\(value)")
    }
    for text in [
      "", "soon", "2025", "2025-13-01", "2025-09-16T25:00", "2025-09-16T05:20:00.Z",
      "2025-09-16T05:20:00+", "2025-09-16T05:20:00 UTC", "2025-09-32", "2025-09-16T05:61",
    ] {
      #expect(throws: LegacyValue.Unreadable.self, "\(text)") {
        try LegacyValue.instant(text.databaseValue)
      }
    }
    #expect(try LegacyValue.instant(.null) == nil)
    #expect(try LegacyValue.fixed(.null, 1e6) == nil)
    #expect(try LegacyValue.fixed(7.databaseValue, 1e6) == 7_000_000)
    #expect(throws: LegacyValue.Unreadable.self) {
      try LegacyValue.fixed(Int64.max.databaseValue, 1e6)
    }
  }
}
