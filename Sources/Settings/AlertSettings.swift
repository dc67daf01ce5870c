package import AlertRules
package import RiskModel

/// What of monitoring.yaml is about alerts.
package struct AlertSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  /// An alert that goes on is told again after this time.
  package var repeatAfter: TimeSpan
  package var rules: [AlertRuleSettings]
  /// `nil` while it is switched off.
  package var mail: MailSettings?
  package var webhook: WebhookSettings?

  package init(
    isEnabled: Bool = true, repeatAfter: TimeSpan = .seconds(900),
    rules: [AlertRuleSettings] = AlertRuleSettings.standard, mail: MailSettings? = nil,
    webhook: WebhookSettings? = nil
  ) {
    self.isEnabled = isEnabled
    self.repeatAfter = repeatAfter
    self.rules = rules
    self.mail = mail
    self.webhook = webhook
  }
}

/// One rule, with the condition as it is written; it has been read.
package struct AlertRuleSettings: Equatable, Sendable, Codable {
  package var name: String
  package var condition: String
  package var severity: AlertSeverity
  package var message: String

  package init(
    _ name: String, _ condition: String, _ severity: AlertSeverity, _ message: String
  ) {
    self.name = name
    self.condition = condition
    self.severity = severity
    self.message = message
  }

  /// `nil` for a condition that cannot be read.
  package var rule: AlertRule? {
    guard let condition = try? AlertCondition(condition) else { return nil }
    return AlertRule(name: name, condition: condition, severity: severity, message: message)
  }

  /// The nine rules of the specification, and one that tells a trader in time.
  package static let standard = [
    AlertRuleSettings(
      "SignalR Connection Lost", "signalr_connection_state == 'DISCONNECTED' for 60s", .critical,
      "SignalR connection lost for >60 seconds"),
    AlertRuleSettings(
      "Token Expiration Imminent", "token_expiry_in_seconds < 1800", .critical,
      "Token expires in <30 minutes, refresh failing"),
    AlertRuleSettings(
      "Circuit Breaker Open", "circuit_breaker_state == 'OPEN'", .critical,
      "Circuit breaker opened, API calls blocked"),
    AlertRuleSettings(
      "Memory Usage High", "memory_usage_mb > 150", .warning,
      "Memory usage >150 MB (target <100 MB)"),
    AlertRuleSettings(
      "Database Size Large", "database_size_mb > 1000", .warning,
      "Database >1 GB, consider cleanup"),
    AlertRuleSettings(
      "Event Processing Slow", "event_processing_latency_p95 > 50", .warning,
      "95th percentile latency >50ms (target <10ms)"),
    AlertRuleSettings(
      "High Error Rate", "api_error_rate > 0.05", .critical, "API error rate >5%"),
    AlertRuleSettings(
      "Frequent Lockouts", "lockout_counts > 5 in 1h", .warning,
      "More than 5 lockouts in 1 hour"),
    AlertRuleSettings(
      "High Enforcement Rate", "enforcement_action_counts > 20 in 1h", .info,
      "More than 20 enforcement actions in 1 hour"),
    AlertRuleSettings(
      "Limit Near", "limit_warning_counts > 0 in 1m", .info,
      "A rule came to 70 % or 90 % of its limit; daemon.log says which"),
  ]
}

/// Where alerts go by mail. User name and password are secrets (see `MailCredentials`).
package struct MailSettings: Equatable, Sendable, Codable {
  package var host: String
  package var port: Int64
  package var from: String
  package var to: [String]
  /// Without it nothing secret is sent, and only to this machine.
  package var usesTLS: Bool

  package init(host: String, port: Int64, from: String, to: [String], usesTLS: Bool = true) {
    self.host = host
    self.port = port
    self.from = from
    self.to = to
    self.usesTLS = usesTLS
  }
}

/// Where alerts are posted as JSON. Whoever knows the URL may post: it is a secret.
package struct WebhookSettings: Equatable, Sendable, Codable {
  package var url: Secret<String>

  package init(url: Secret<String>) {
    self.url = url
  }
}

/// What the mail server asks for; out of .env.
package struct MailCredentials: Equatable, Sendable, Codable {
  package var userName: Secret<String>
  package var password: Secret<String>

  package init(userName: Secret<String>, password: Secret<String>) {
    self.userName = userName
    self.password = password
  }
}
