import Foundation

/// The lines of the deployment's specification: by section how many there are, or the keys of each.
enum SpecificationLines {
  enum Section {
    /// Lines that are told apart by their place alone.
    case counted(Int)
    /// Lines that have names in the specification; each has one or more.
    case named([String])
    /// Steps with numbers of their own, such as 1.1, and parts of a step, such as 4 a.
    case steps(String)
  }

  /// In the order of the specification.
  static let sections: [(number: String, section: Section)] = [
    ("1.1", .counted(7)), ("1.2", .counted(20)), ("1.3", .counted(7)), ("1.4", .counted(11)),
    ("2.1", .named(mainKeys)), ("2.2", .named(ruleKeys)), ("2.3", .named(variables)),
    ("2.4", .counted(6)),
    ("3.1", .counted(6)), ("3.2", .counted(6)), ("3.3", .counted(4)), ("3.4", .counted(5)),
    ("3.5", .counted(4)), ("3.6", .counted(2)),
    ("4.1", .named(["30 s"] + healthChecks)), ("4.2", .named(["every minute"] + metrics)),
    ("4.3", .counted(3)), ("4.4", .named(alerts)), ("4.5", .counted(7)), ("4.6", .counted(3)),
    ("5", .steps("1.1 1.2 1.3 2.1 2.2 2.3 2.4 3.1 3.2 3.3 3.4 3.5 4.1 4.2 4.3 5.1 5.2 5.3")),
    ("5.5.4", .steps("a b c d e f g")),
    ("5", .steps("5.5 6.1 6.2 7.1 7.2")),
    ("5.7.3", .steps("a b c d e f")),
    ("6", .counted(20)),
    ("7.1", .counted(6)),
    (
      "7.2",
      .steps("1.1 1.2 2.1 2.2 2.3 2.4 3.1 3.2 3.3 3.4 4.1 4.2 4.3 5.1 5.2 5.3 5.4 5.5")
    ),
    ("8.1", .counted(3)), ("8.2", .counted(4)), ("8.3", .counted(4)), ("8.4", .counted(4)),
    ("8.5", .counted(4)), ("8.6", .counted(4)), ("8.7", .counted(4)),
    ("9", .counted(5)),
  ]

  /// Every line's number, in order.
  static var numbers: [String] {
    sections.flatMap { number, section in
      switch section {
      case .counted(let count): (1...count).map { "\(number).\($0)" }
      case .named(let lines): lines.indices.map { "\(number).\($0 + 1)" }
      case .steps(let steps):
        steps.split(separator: " ").map { step in
          step.allSatisfy(\.isLetter) ? "\(number) \(step)" : "\(number).\(step)"
        }
      }
    }
  }

  /// What each line has to name.
  static var names: [(line: String, names: [String])] {
    sections.flatMap { number, section -> [(String, [String])] in
      guard case .named(let lines) = section else { return [] }
      return lines.enumerated().map { index, line in
        ("\(number).\(index + 1)", expanded(line))
      }
    }
  }

  /// `a.b: c, d` is a.b.c and a.b.d; without a colon, commas part names.
  private static func expanded(_ line: String) -> [String] {
    let parts = line.components(separatedBy: ": ")
    guard parts.count == 2 else { return line.components(separatedBy: ", ") }
    return parts[1].components(separatedBy: ", ").map { "\(parts[0]).\($0)" }
  }

  static let mainKeys = [
    "api: baseUrl, timeout",
    "authentication.tokenRefresh: bufferSeconds, maxRetries",
    "authentication.storage: type, encryption, keySource, storePath",
    "signalr.userHub: url, enabled",
    "signalr.marketHub: url, enabled",
    "signalr.reconnection: enabled, maxAttempts, delays",
    "signalr.health: enabled, pingInterval, pingTimeout, staleThreshold",
    "errorHandling.retries: enabled, maxAttempts, backoffBase, backoffMultiplier",
    "errorHandling.rateLimit: enabled, history.requests, history.windowSeconds, general.requests, "
      + "general.windowSeconds",
    "errorHandling.circuitBreaker: enabled, failureThreshold, timeout",
    "orderManagement.verification: enabled, timeout",
    "orderManagement.idempotency: enabled, cacheTTL",
    "orderManagement.partialFills: enabled, trackingTimeout",
    "stateReconciliation: enabled, onReconnect, minInterval",
    "database: path, schemaVersion",
    "database.connection: timeout, journal_mode, synchronous",
    "database.retention: dailyUnrealizedPnl, enforcementLogs, orderHistory, tradeHistory",
    "database.backup: enabled, interval, path, keepCount",
    "logging: level, format, rotation.enabled, rotation.when, rotation.backupCount",
    "monitoring: enabled, metrics.enabled, metrics.interval",
    "system: timezone, dailyReset.enabled, dailyReset.time, dailyReset.timezone",
    "system.shutdown: gracePeriod, forceKillAfter",
    "development: devMode, debugLogging, saveRawEvents, testing.useMockApi, profiling.enabled",
  ]

  static let ruleKeys = [
    "global: strict_mode, logging_level",
    "rules.max_contracts: enabled, limit, count_type",
    "rules.max_contracts_per_instrument: enabled, limits, enforcement",
    "rules.daily_realized_loss: enabled, loss_limit, action, lockout_until",
    "rules.daily_unrealized_loss: enabled, loss_limit, scope, action",
    "rules.max_unrealized_profit: enabled, mode, profit_target, scope",
    "rules.trade_frequency_limit: enabled, max_trades, time_window_minutes",
    "rules.cooldown_after_loss: enabled, loss_threshold, cooldown_seconds",
    "rules.no_stop_loss_grace: enabled, grace_period_seconds",
    "rules.session_block_outside: enabled, allowed_hours.start, allowed_hours.end, timezone",
    "rules.auth_loss_guard: enabled",
    "rules.symbol_blocks: enabled, blocked_symbols, close_existing",
    "rules.trade_management: enabled",
  ]

  static let variables = [
    "TOPSTEPX_API_KEY", "TOPSTEPX_USERNAME", "TOKEN_ENCRYPTION_KEY", "ADMIN_PASSWORD_HASH",
    "LOG_LEVEL", "DATABASE_PATH", "CONFIG_PATH", "DEV_MODE",
  ]

  static let healthChecks = [
    "signalr_connection", "token_validity", "database_connection", "circuit_breaker_state",
    "memory_usage", "disk_space",
  ]

  static let metrics = [
    "event_processing_latency_p50", "event_processing_latency_p95",
    "event_processing_latency_p99", "api_response_time_p50", "api_response_time_p95",
    "events_processed_per_second", "api_requests_per_minute", "orders_placed_per_hour",
    "signalr_connection_uptime_percent", "token_refresh_success_rate", "api_error_rate",
    "circuit_breaker_open_count", "rule_breach_counts_by_rule", "enforcement_action_counts",
    "lockout_counts", "memory_usage_mb", "cpu_usage_percent", "database_size_mb",
    "disk_space_remaining_mb",
  ]

  static let alerts = [
    "SignalR Connection Lost", "Token Expiration Imminent", "Circuit Breaker Open",
    "Memory Usage High", "Database Size Large", "Event Processing Slow", "High Error Rate",
    "Frequent Lockouts", "High Enforcement Rate",
  ]
}
