/// The values of the specification's production files, key by key and written as there: text in
/// quotes, numbers and words without. Nothing here is taken from the shipped files.
enum SpecifiedValues {
  static let all = main + rules + monitoring + logging

  static let main = ShippedValue.rows(
    of: "config.yaml",
    """
    api.baseUrl = "https://gateway.topstepx.com"
    api.timeout = 30000
    authentication.tokenRefresh.bufferSeconds = 7200
    authentication.tokenRefresh.maxRetries = 3
    authentication.storage.type = "encrypted"
    authentication.storage.encryption = "AES-256"
    authentication.storage.keySource = "environment"
    authentication.storage.storePath = "data/tokens.enc"
    signalr.userHub.url = "https://rtc.topstepx.com/hubs/user"
    signalr.userHub.enabled = true
    signalr.marketHub.url = "https://rtc.topstepx.com/hubs/market"
    signalr.marketHub.enabled = true
    signalr.reconnection.enabled = true
    signalr.reconnection.maxAttempts = 10
    signalr.reconnection.delays = [0, 2000, 10000, 30000, 60000]
    signalr.health.enabled = true
    signalr.health.pingInterval = 30000
    signalr.health.pingTimeout = 5000
    signalr.health.staleThreshold = 120000
    errorHandling.retries.enabled = true
    errorHandling.retries.maxAttempts = 5
    errorHandling.retries.backoffBase = 1000
    errorHandling.retries.backoffMultiplier = 2
    errorHandling.rateLimit.enabled = true
    errorHandling.rateLimit.history.requests = 50
    errorHandling.rateLimit.history.windowSeconds = 30
    errorHandling.rateLimit.general.requests = 200
    errorHandling.rateLimit.general.windowSeconds = 60
    errorHandling.circuitBreaker.enabled = true
    errorHandling.circuitBreaker.failureThreshold = 5
    errorHandling.circuitBreaker.timeout = 60000
    orderManagement.verification.enabled = true
    orderManagement.verification.timeout = 5000
    orderManagement.idempotency.enabled = true
    orderManagement.idempotency.cacheTTL = 3600
    orderManagement.partialFills.enabled = true
    orderManagement.partialFills.trackingTimeout = 60000
    stateReconciliation.enabled = true
    stateReconciliation.onReconnect = true
    stateReconciliation.minInterval = 5000
    database.path = "data/risk_manager.db"
    database.schemaVersion = 2
    database.connection.timeout = 30000
    database.connection.journal_mode = "WAL"
    database.connection.synchronous = "NORMAL"
    database.retention.dailyUnrealizedPnl = 7
    database.retention.enforcementLogs = 30
    database.retention.orderHistory = 90
    database.retention.tradeHistory = 365
    database.backup.enabled = true
    database.backup.interval = 86400
    database.backup.path = "backups/"
    database.backup.keepCount = 7
    logging.level = "INFO"
    logging.format = "json"
    logging.rotation.enabled = true
    logging.rotation.when = "midnight"
    logging.rotation.backupCount = 30
    monitoring.enabled = true
    monitoring.metrics.enabled = true
    monitoring.metrics.interval = 60000
    system.timezone = "America/Chicago"
    system.dailyReset.enabled = true
    system.dailyReset.time = "17:00"
    system.dailyReset.timezone = "America/Chicago"
    system.shutdown.gracePeriod = 10000
    system.shutdown.forceKillAfter = 30000
    development.devMode = false
    development.debugLogging = false
    development.saveRawEvents = false
    development.testing.useMockApi = false
    development.profiling.enabled = false
    """)

  static let rules = ShippedValue.rows(
    of: "risk_config.yaml",
    """
    global.strict_mode = false
    global.logging_level = "INFO"
    rules.max_contracts.enabled = true
    rules.max_contracts.limit = 5
    rules.max_contracts.count_type = "net"
    rules.max_contracts_per_instrument.enabled = true
    rules.max_contracts_per_instrument.limits.MNQ = 2
    rules.max_contracts_per_instrument.limits.NQ = 1
    rules.max_contracts_per_instrument.limits.ES = 1
    rules.max_contracts_per_instrument.limits.MES = 3
    rules.max_contracts_per_instrument.enforcement = "reduce_to_limit"
    rules.daily_realized_loss.enabled = true
    rules.daily_realized_loss.loss_limit = 500.00
    rules.daily_realized_loss.action = "CLOSE_ALL_AND_LOCKOUT"
    rules.daily_realized_loss.lockout_until = "daily_reset"
    rules.daily_unrealized_loss.enabled = true
    rules.daily_unrealized_loss.loss_limit = 300.00
    rules.daily_unrealized_loss.scope = "per_position"
    rules.daily_unrealized_loss.action = "CLOSE_POSITION"
    rules.max_unrealized_profit.enabled = true
    rules.max_unrealized_profit.mode = "profit_target"
    rules.max_unrealized_profit.profit_target = 1000.00
    rules.max_unrealized_profit.scope = "per_position"
    rules.trade_frequency_limit.enabled = true
    rules.trade_frequency_limit.max_trades = 30
    rules.trade_frequency_limit.time_window_minutes = 60
    rules.cooldown_after_loss.enabled = true
    rules.cooldown_after_loss.loss_threshold = 100.00
    rules.cooldown_after_loss.cooldown_seconds = 300
    rules.no_stop_loss_grace.enabled = true
    rules.no_stop_loss_grace.grace_period_seconds = 30
    rules.session_block_outside.enabled = true
    rules.session_block_outside.allowed_hours.start = "08:30"
    rules.session_block_outside.allowed_hours.end = "15:00"
    rules.session_block_outside.timezone = "America/Chicago"
    rules.auth_loss_guard.enabled = true
    rules.symbol_blocks.enabled = true
    rules.symbol_blocks.blocked_symbols = ["RTY"]
    rules.symbol_blocks.close_existing = true
    rules.trade_management.enabled = false
    """)
}
