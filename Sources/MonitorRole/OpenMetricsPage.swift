// OpenMetrics 1.0: one family per metric, all of them gauges, named riskd_NAME; the states are gauges
// of 0 and 1. `# EOF` ends the page.

import AlertRules
import RiskModel

/// The page that Prometheus reads.
package enum OpenMetricsPage {
  package static func text(
    _ samples: [Measurements.Sample], health: [HealthFinding], firing: [(String, Bool)]
  ) -> String {
    var lines: [String] = []
    var last: MetricName?
    for sample in samples {
      let name = "riskd_\(sample.metric.rawValue)"
      if sample.metric != last { lines.append("# TYPE \(name) gauge") }
      last = sample.metric
      lines.append("\(name)\(label("rule", sample.label)) \(sample.value)")
    }
    if !health.isEmpty { lines.append("# TYPE riskd_health_check gauge") }
    for finding in health {
      let value = finding.problem == nil ? 1 : 0
      lines.append("riskd_health_check\(label("check", finding.check.rawValue)) \(value)")
    }
    if !firing.isEmpty { lines.append("# TYPE riskd_alert_firing gauge") }
    for (name, isFiring) in firing {
      lines.append("riskd_alert_firing\(label("alert", name)) \(isFiring ? 1 : 0)")
    }
    return (lines + ["# EOF", ""]).joined(separator: "\n")
  }

  private static func label(_ name: String, _ value: String) -> String {
    guard !value.isEmpty else { return "" }
    let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
    return "{\(name)=\"\(escaped)\"}"
  }
}

extension MonitorRole {
  /// The page as it is now.
  package var openMetrics: String {
    let now = ports.clock.monotonicNow()
    var samples = measurements.samples(of: MetricName.collectable + [.tokenExpiry], at: now)
    for metric in [MetricName.connectionState, .breakerState] {
      guard case .text(let text)? = measurements.value(of: metric, in: nil, at: now) else {
        continue
      }
      let isWell = text == "CONNECTED" || text == "CLOSED"
      samples.append(
        Measurements.Sample(
          metric: metric, label: "",
          value: MetricNumber((metric == .connectionState) == isWell ? 1 : 0)))
    }
    return OpenMetricsPage.text(
      samples, health: health, firing: alerts.map { ($0.rule.name, $0.isFiring) })
  }
}
