/// Ours, beyond the specification's production files: every other key of the shipped files with its
/// value.
enum OwnValues {
  static let all = familyOfMain + main + familyOfRules + rules + monitoring + holidays + accounts

  /// The wider family of the specification has these keys; its production file leaves them out.
  static let familyOfMain = ShippedValue.rows(
    of: "config.yaml",
    """
    authentication.tokenRefresh.retryDelays = [1000, 5000, 15000]
    signalr.reconnection.jitter = 0.1
    stateReconciliation.periodicEnabled = true
    stateReconciliation.maxInterval = 300000
    performance.memory.maxCacheSize = 16777216
    system.startup.connectTimeout = 30000
    """)

  /// riskd's own.
  static let main = ShippedValue.rows(
    of: "config.yaml",
    """
    signalr.reconnection.stableAfter = 30000
    signalr.health.probeInterval = 2000
    signalr.health.serverTimeout = 35000
    database.retention.journal = 7
    supervision.crashDeaths = 3
    supervision.crashDeathsAll = 6
    supervision.crashWindowSeconds = 600
    supervision.backoff = [0, 250, 1000, 4000]
    supervision.markGoodAfterSeconds = 600
    system.failClosed = "no_new_exposure"
    """)

  /// The wider family has these keys too.
  static let familyOfRules = ShippedValue.rows(
    of: "risk_config.yaml",
    """
    global.mark_price = "last"
    rules.max_contracts_per_instrument.unknown_symbol_action = "block"
    rules.daily_realized_loss.combined = false
    rules.daily_realized_loss.include_fees = false
    rules.trade_frequency_limit.count_by = "execution"
    rules.no_stop_loss_grace.require_full_coverage = false
    rules.session_block_outside.action = "CLOSE_ALL_AND_LOCKOUT"
    rules.session_block_outside.allowed_days = [0, 1, 2, 3, 4]
    rules.session_block_outside.respect_holidays = true
    rules.auth_loss_guard.auto_unlock_on_restore = true
    rules.trade_management.auto_stop_loss = false
    rules.trade_management.stop_loss_ticks = 10
    rules.trade_management.auto_breakeven.enabled = false
    rules.trade_management.auto_breakeven.profit_trigger_ticks = 10
    rules.trade_management.auto_breakeven.offset_ticks = 0
    rules.trade_management.trailing_stop.enabled = false
    rules.trade_management.trailing_stop.activation_ticks = 20
    rules.trade_management.trailing_stop.trail_distance_ticks = 10
    rules.trade_management.trailing_stop.update_frequency = 1
    """)

  /// riskd's own.
  static let rules = ShippedValue.rows(
    of: "risk_config.yaml",
    """
    global.absurd_print.ticks = 20
    global.absurd_print.per_mille = 3
    global.absurd_print.wait = 500
    rules.max_contracts.enforcement = "close_all"
    rules.cooldown_after_loss.aggregate_by_order = false
    """)

  static let monitoring = ShippedValue.rows(
    of: "monitoring.yaml",
    """
    monitoring.metrics.retentionDays = 30
    monitoring.endpoint.enabled = false
    monitoring.endpoint.port = 9464
    monitoring.alerts.repeatAfterSeconds = 900
    monitoring.alerts.channels[1].starttls = true
    monitoring.alerts.rules[9].name = "Limit Near"
    monitoring.alerts.rules[9].condition = "limit_warning_counts > 0 in 1m"
    monitoring.alerts.rules[9].severity = "info"
    monitoring.alerts.rules[9].message = "A rule came to 70 % or 90 % of its limit; \
    daemon.log says which"
    """)

  /// The specification names the file, and leaves the calendar to whoever deploys.
  static let holidays = ShippedValue.rows(
    of: "holidays.yaml",
    """
    timezone = "America/Chicago"
    market_hours.open = "17:00"
    market_hours.close = "16:00"
    holidays = [2026-01-01, 2026-04-03, 2026-12-25, 2027-01-01, 2027-03-26, 2027-12-24]
    early_close[0].date = 2026-01-19
    early_close[0].close_time = "12:00"
    early_close[1].date = 2026-02-16
    early_close[1].close_time = "12:00"
    early_close[2].date = 2026-05-25
    early_close[2].close_time = "12:00"
    early_close[3].date = 2026-06-19
    early_close[3].close_time = "12:00"
    early_close[4].date = 2026-07-03
    early_close[4].close_time = "12:00"
    early_close[5].date = 2026-09-07
    early_close[5].close_time = "12:00"
    early_close[6].date = 2026-11-26
    early_close[6].close_time = "12:00"
    early_close[7].date = 2026-11-27
    early_close[7].close_time = "12:15"
    early_close[8].date = 2026-12-24
    early_close[8].close_time = "12:15"
    early_close[9].date = 2027-01-18
    early_close[9].close_time = "12:00"
    early_close[10].date = 2027-02-15
    early_close[10].close_time = "12:00"
    early_close[11].date = 2027-05-31
    early_close[11].close_time = "12:00"
    early_close[12].date = 2027-06-18
    early_close[12].close_time = "12:00"
    early_close[13].date = 2027-07-05
    early_close[13].close_time = "12:00"
    early_close[14].date = 2027-09-06
    early_close[14].close_time = "12:00"
    early_close[15].date = 2027-11-25
    early_close[15].close_time = "12:00"
    early_close[16].date = 2027-11-26
    early_close[16].close_time = "12:15"
    """)

  /// The specification names the file; the account is an example.
  static let accounts = ShippedValue.rows(
    of: "accounts.yaml.example",
    """
    accounts[0].account_id = 123456
    accounts[0].name = "50KTC-V2-123456-78901234"
    accounts[0].nickname = "Combine"
    accounts[0].enabled = true
    """)
}
