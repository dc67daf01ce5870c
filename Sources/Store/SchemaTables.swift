extension Schema {
  /// The tables of version 2; Schema.swift says what they hold.
  static let tables = journalTables + specifiedTables

  /// riskd's own.
  private static let journalTables = """
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
    CREATE TABLE gaps (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, after_ordinal INTEGER NOT NULL,
      resumed_after INTEGER NOT NULL, reason TEXT NOT NULL
    );
    CREATE TABLE targets (
      id TEXT NOT NULL PRIMARY KEY, account INTEGER NOT NULL, json TEXT NOT NULL,
      is_lockout INTEGER NOT NULL, adopted_at INTEGER NOT NULL, ended_at INTEGER, ending TEXT
    );
    CREATE INDEX open_targets ON targets (account) WHERE ended_at IS NULL;
    CREATE INDEX targets_ended ON targets (ended_at);
    CREATE VIEW lockout_entries AS
      SELECT id, account AS account_id, json_extract(json, '$.cause.rule') AS rule_id,
        json_extract(json, '$.goal') AS scope, json_extract(json, '$.cause.reason') AS reason,
        adopted_at AS locked_at, json_extract(json, '$.end') AS expiry_kind,
        ended_at AS cleared_at, ending AS cleared_by
      FROM targets WHERE is_lockout;
    CREATE TABLE breaches (
      id INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
      account INTEGER NOT NULL, rule TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL
    );
    CREATE INDEX breaches_at ON breaches (at);

    """

  /// Those of the specification.
  private static let specifiedTables = """
    CREATE TABLE lockouts (
      account_id INTEGER PRIMARY KEY, is_locked INTEGER NOT NULL DEFAULT 0, reason TEXT,
      locked_at INTEGER, locked_until INTEGER, rule_id TEXT, created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    );
    CREATE INDEX lockouts_locked_until ON lockouts (locked_until);
    CREATE TABLE daily_pnl (
      account_id INTEGER NOT NULL, date TEXT NOT NULL, realized_pnl INTEGER NOT NULL DEFAULT 0,
      costs INTEGER NOT NULL DEFAULT 0, last_updated INTEGER NOT NULL,
      PRIMARY KEY (account_id, date)
    ) WITHOUT ROWID;
    CREATE INDEX daily_pnl_date ON daily_pnl (date);
    CREATE TABLE daily_unrealized_pnl (
      account_id INTEGER NOT NULL, day TEXT NOT NULL, unrealized_pnl INTEGER,
      positions_count INTEGER NOT NULL, total_exposure INTEGER, created_at INTEGER NOT NULL,
      PRIMARY KEY (account_id, day)
    ) WITHOUT ROWID;
    CREATE INDEX daily_unrealized_pnl_day ON daily_unrealized_pnl (day);
    CREATE INDEX daily_unrealized_pnl_created ON daily_unrealized_pnl (created_at);
    CREATE TABLE contract_cache (
      contract_id TEXT NOT NULL PRIMARY KEY, tick_size INTEGER NOT NULL,
      tick_value INTEGER NOT NULL, symbol_id TEXT NOT NULL, name TEXT NOT NULL,
      cached_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX contract_cache_symbol ON contract_cache (symbol_id);
    CREATE TABLE trade_history (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,
      contract_id TEXT NOT NULL, pnl INTEGER, created_at INTEGER NOT NULL,
      trade_id INTEGER UNIQUE, order_id INTEGER, price INTEGER, size INTEGER, side INTEGER,
      fees INTEGER, commissions INTEGER, voided INTEGER NOT NULL DEFAULT 0, trading_date TEXT
    );
    CREATE INDEX trade_history_account ON trade_history (account_id, timestamp DESC);
    CREATE INDEX trade_history_timestamp ON trade_history (timestamp);
    CREATE VIEW trades AS
      SELECT trade_id, account_id, contract_id, order_id, timestamp, price, size, side, pnl, fees,
        commissions, voided, trading_date
      FROM trade_history WHERE trade_id IS NOT NULL;
    CREATE TABLE session_state (
      account_id INTEGER PRIMARY KEY, session_start INTEGER NOT NULL, updated_at INTEGER NOT NULL
    );
    CREATE TABLE positions (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, contract_id TEXT NOT NULL,
      type INTEGER NOT NULL, size INTEGER NOT NULL, average_price INTEGER NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    );
    CREATE INDEX positions_account ON positions (account_id);
    CREATE INDEX positions_contract ON positions (contract_id);
    CREATE INDEX positions_updated ON positions (updated_at);
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, contract_id TEXT NOT NULL,
      type INTEGER NOT NULL, side INTEGER NOT NULL, size INTEGER NOT NULL, limit_price INTEGER,
      stop_price INTEGER, state INTEGER NOT NULL, created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    );
    CREATE INDEX orders_account ON orders (account_id);
    CREATE INDEX orders_contract ON orders (contract_id);
    CREATE INDEX orders_state ON orders (state);
    CREATE INDEX orders_state_account ON orders (state, account_id);
    CREATE INDEX orders_updated ON orders (updated_at);
    CREATE TABLE enforcement_log (
      id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, account_id INTEGER, rule_id TEXT,
      action TEXT NOT NULL, reason TEXT, success INTEGER NOT NULL DEFAULT 1, details TEXT,
      execution_time_ms INTEGER, target TEXT, reaction INTEGER
    );
    CREATE INDEX enforcement_log_account ON enforcement_log (account_id);
    CREATE INDEX enforcement_log_timestamp ON enforcement_log (timestamp DESC);
    CREATE INDEX enforcement_log_rule ON enforcement_log (rule_id);
    CREATE INDEX enforcement_log_success ON enforcement_log (success, timestamp DESC);
    CREATE TABLE reset_schedule (
      account_id INTEGER PRIMARY KEY, last_reset_date TEXT, next_reset_time INTEGER NOT NULL,
      reset_time_config TEXT NOT NULL, timezone TEXT NOT NULL
    );
    """

  static let versionTable = """
    CREATE TABLE IF NOT EXISTS schema_version (
      version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL, description TEXT NOT NULL,
      migration_script TEXT, rollback_script TEXT, execution_time_ms INTEGER,
      success INTEGER NOT NULL DEFAULT 1, error_message TEXT
    );
    CREATE INDEX IF NOT EXISTS schema_version_applied ON schema_version (applied_at);
    """

  /// The tables of version 1, by which a file of it is known.
  static let firstVersionTables: Set<String> = [
    "lockouts", "daily_pnl", "contract_cache", "trade_history", "session_state", "positions",
    "orders", "enforcement_log", "reset_schedule",
  ]
}
