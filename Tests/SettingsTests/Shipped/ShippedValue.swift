import Testing

/// One key of a shipped file with a value.
struct ShippedValue: Sendable, Hashable, CustomTestStringConvertible {
  /// Below config/.
  var file: String
  var path: String
  /// As it is written: text in quotes, a list on one line.
  var literal: String

  var testDescription: String { "\(file) \(path)" }

  /// One line for each: the path, `=` and the value.
  static func rows(of file: String, _ table: String) -> [ShippedValue] {
    table.split(separator: "\n").map { line in
      let parts = line.split(separator: " = ", maxSplits: 1).map(String.init)
      return ShippedValue(file: file, path: parts[0], literal: parts.count == 2 ? parts[1] : "")
    }
  }
}

/// A specified value that riskd ships differently, and why.
struct ShippedException: Sendable {
  var file: String
  var path: String
  var literal: String
  var reason: String

  static let all = [
    ShippedException(
      file: "config.yaml", path: "api.baseUrl", literal: "\"https://api.topstepx.com\"",
      reason: "E1: the host that the venue documents; the specification's is accepted like any"),
    ShippedException(
      file: "monitoring.yaml", path: "monitoring.metrics.collect",
      literal: """
        [event_processing_latency_p50, event_processing_latency_p95, \
        event_processing_latency_p99, api_response_time_p50, api_response_time_p95, \
        events_processed_per_second, api_requests_per_minute, orders_placed_per_hour, \
        signalr_connection_uptime_percent, token_refresh_success_rate, api_error_rate, \
        circuit_breaker_open_count, accounts_in_doubt, rule_breach_counts_by_rule, \
        enforcement_action_counts, lockout_counts, limit_warning_counts, memory_usage_mb, \
        cpu_usage_percent, database_size_mb, disk_space_remaining_mb]
        """,
      reason: """
        all of the specification's, and two of riskd's own: accounts_in_doubt, and \
        limit_warning_counts, which the rule Limit Near needs
        """),
  ]
}
