package import AlertRules
package import RiskModel

/// What the monitor is told to do.
package struct MonitorSettings: Equatable, Sendable {
  package var logs: LogBook
  /// Empty where health is not checked.
  package var checks: [HealthCheck] = []
  package var healthInterval = TimeSpan.seconds(30)
  /// Empty where nothing is recorded.
  package var metrics: [MetricName] = []
  package var metricsInterval = TimeSpan.seconds(60)
  package var metricsKept = TimeSpan.seconds(8 * 86_400)
  package var alertRules: [AlertRule] = []
  /// Thousandths of real time at which the clock of the ports goes, the monotonic one too: intervals
  /// and windows follow it, what waits for processes does not.
  package var clockRate: Int64 = 1_000
  /// An alert that goes on is told again after this time.
  package var repeatAfter = TimeSpan.seconds(900)

  package init(logs: LogBook) {
    self.logs = logs
  }
}
