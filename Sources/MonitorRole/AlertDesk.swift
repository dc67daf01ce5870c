package import AlertRules
import PeerProtocol
package import RiskModel
import Supervision

/// An alert on its way to people.
package struct AlertNotice: Equatable, Sendable {
  package var rule: AlertRule
  package var news: AlertNews
  /// What was measured, as text.
  package var value: String
  package var at: Instant

  package init(rule: AlertRule, news: AlertNews, value: String, at: Instant) {
    self.rule = rule
    self.news = news
    self.value = value
    self.at = at
  }

  /// One line: `CRITICAL Circuit Breaker Open: Circuit breaker opened, API calls blocked`.
  package var line: String {
    switch news {
    case .fired: "\(rule.severity.rawValue.uppercased()) \(rule.name): \(rule.message)"
    case .again:
      "\(rule.severity.rawValue.uppercased()) \(rule.name) (still): \(rule.message)"
    case .resolved: "RESOLVED \(rule.name)"
    }
  }
}

extension AlertNotice {
  /// As the alert's file and the journal have it. The level says how much to mind.
  var record: LoggedRecord {
    let level: LoggedRecord.Level =
      switch (news, rule.severity) {
      case (.resolved, _), (_, .info): .info
      case (_, .warning): .warning
      case (_, .critical): .error
      }
    return LoggedRecord(
      at: at, level: level, logger: TelemetrySource.monitor.rawValue, message: line,
      messageID: MessageID.alert.rawValue,
      context: [
        "rule": rule.name, "news": news.rawValue, "severity": rule.severity.rawValue,
        "condition": "\(rule.condition)", "value": value,
      ])
  }
}
