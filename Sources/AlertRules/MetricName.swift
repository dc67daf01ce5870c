/// What is measured, by the names of the specification.
package enum MetricName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  // Latency, milliseconds.
  case eventLatencyP50 = "event_processing_latency_p50"
  case eventLatencyP95 = "event_processing_latency_p95"
  case eventLatencyP99 = "event_processing_latency_p99"
  case apiTimeP50 = "api_response_time_p50"
  case apiTimeP95 = "api_response_time_p95"
  // Throughput.
  case eventsPerSecond = "events_processed_per_second"
  case requestsPerMinute = "api_requests_per_minute"
  /// Orders that riskd itself placed or closed with.
  case ordersPerHour = "orders_placed_per_hour"
  // Reliability.
  case connectionUptime = "signalr_connection_uptime_percent"
  case tokenRefreshSuccess = "token_refresh_success_rate"
  case apiErrorRate = "api_error_rate"
  case breakerOpenings = "circuit_breaker_open_count"
  /// Accounts about which the venue's stream, its lists and our own trades disagree.
  case accountsInDoubt = "accounts_in_doubt"
  // Business.
  case ruleBreaches = "rule_breach_counts_by_rule"
  case enforcementActions = "enforcement_action_counts"
  case lockouts = "lockout_counts"
  /// Rules that came to 70 or 90 percent of their limit.
  case limitWarnings = "limit_warning_counts"
  // Resources.
  case memory = "memory_usage_mb"
  case cpu = "cpu_usage_percent"
  case databaseSize = "database_size_mb"
  case diskSpace = "disk_space_remaining_mb"
  // States, for alerts.
  case connectionState = "signalr_connection_state"
  case tokenExpiry = "token_expiry_in_seconds"
  case breakerState = "circuit_breaker_state"

  /// What `metrics.collect` may name: everything but the states.
  package static let collectable = allCases.filter { !states.contains($0) }
  package static let states: Set<MetricName> = [.connectionState, .tokenExpiry, .breakerState]

  /// Whether it counts things that happened, so that `in 1h` means something.
  package var isCount: Bool {
    switch self {
    case .breakerOpenings, .ruleBreaches, .enforcementActions, .lockouts, .limitWarnings: true
    default: false
    }
  }

  /// Whether its value is a word.
  package var isText: Bool { self == .connectionState || self == .breakerState }
}

/// One measured value.
package enum MetricValue: Hashable, Sendable {
  case number(MetricNumber)
  case text(String)
}

extension MetricValue: CustomStringConvertible {
  package var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }
}

/// A number in millionths.
package struct MetricNumber: Hashable, Comparable, Sendable, Codable {
  package var millionths: Int64

  package init(millionths: Int64) {
    self.millionths = millionths
  }

  package init(_ whole: Int64) {
    self.init(millionths: whole * 1_000_000)
  }

  /// `nil` for a division by zero.
  package init?(_ part: Int64, of whole: Int64) {
    guard whole != 0 else { return nil }
    let (high, low) = part.multipliedFullWidth(by: 1_000_000)
    guard high == 0 || high == -1 else { return nil }
    self.init(millionths: Int64(bitPattern: low) / whole)
  }

  package static func < (lhs: MetricNumber, rhs: MetricNumber) -> Bool {
    lhs.millionths < rhs.millionths
  }
}

extension MetricNumber: CustomStringConvertible {
  /// The shortest exact decimal text: `0.05`, `12`.
  package var description: String {
    let sign = millionths < 0 ? "-" : ""
    let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest != 0 else { return "\(sign)\(whole)" }
    var fraction = String(rest + 1_000_000).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return "\(sign)\(whole).\(fraction)"
  }
}
