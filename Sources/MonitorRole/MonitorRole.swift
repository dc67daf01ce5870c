import AlertRules
package import Logging
package import PeerProtocol
import RiskModel
package import Supervision

/// The monitor: what the other processes tell becomes log files, metrics, health and alerts.
///
/// Nothing here is needed to protect an account, and nobody waits for it.
package final class MonitorRole {
  let settings: MonitorSettings
  let ports: MonitorPorts
  let logger: Logger

  /// The first readings take this long to come.
  static let patience = TimeSpan.seconds(5)
  /// Sizes of files and disks are looked at this often: an alert of theirs is out within five seconds
  /// of its cause, the round of the rules and the delivery included.
  static let machineInterval = TimeSpan.seconds(2)

  package internal(set) var measurements: Measurements
  /// What the last round of health checks found.
  package internal(set) var health: [HealthFinding] = []
  package internal(set) var figures = MonitorFigures()
  var alerts: [AlertWatch]
  /// The counts that outlive a monitor, and what of them is kept already.
  let keptMetrics: [MetricName]
  var keptCounts: [Measurements.Sample] = []
  let startedAt: MonotonicInstant
  var nextMachineLook: MonotonicInstant
  var nextHealth: MonotonicInstant
  var nextMetrics: MonotonicInstant
  var nextForgetting: MonotonicInstant

  package init(settings: MonitorSettings, ports: MonitorPorts, logger: Logger) {
    self.settings = settings
    self.ports = ports
    self.logger = logger
    startedAt = ports.clock.monotonicNow()
    measurements = Measurements(
      startedAt: ports.clock.now(), clockRate: settings.clockRate)
    alerts = settings.alertRules.map { AlertWatch($0, repeatAfter: settings.repeatAfter) }
    keptMetrics = Self.keptMetrics(settings)
    nextMachineLook = startedAt
    nextHealth = startedAt + settings.healthInterval
    nextMetrics = startedAt + settings.metricsInterval
    nextForgetting = startedAt
    restoreCounts()
  }

  /// One frame of a telemetry pipe.
  package func received(_ frame: TelemetryFrame, of source: TelemetrySource) {
    figures.frames += 1
    switch frame.message {
    case .log(let record):
      write(record)
    case .reading(let reading):
      measurements.readings[source, default: SourceReading()].take(
        reading, startedAt: frame.startedAt)
      measurements.took(source, at: ports.clock.monotonicNow())
    case .news(let topic, let body):
      figures.news += 1
      ports.screens.publish(topic: topic, body: body, from: source)
    case .missed(let count):
      missed(count, of: source)
    }
  }

  /// A pipe whose bytes make no sense, or that has come to its end.
  package func ended(_ source: TelemetrySource, because problem: String?) {
    guard let problem else { return }
    figures.brokenPipes += 1
    logger.warning(
      "What a process tells cannot be read",
      metadata: ["source": "\(source.rawValue)", "problem": "\(problem)"])
  }

  private func write(_ record: LoggedRecord) {
    figures.records += 1
    let files = settings.logs.files(of: record)
    guard !files.isEmpty else { return }
    let line = settings.logs.line(record)
    for file in files { ports.logs.write(line, to: file, at: record.at) }
  }

  /// The journal has them; these files do not.
  private func missed(_ count: Int64, of source: TelemetrySource) {
    figures.missed += count
    write(
      LoggedRecord(
        at: ports.clock.now(), level: .warning, logger: TelemetrySource.monitor.rawValue,
        message: "\(count) messages of \(source.rawValue) did not come and are not in these files; "
          + "the journal has its records",
        messageID: MessageID.logDropped.rawValue,
        context: ["source": source.rawValue, "missed": "\(count)"]))
  }
}

/// What one process told about itself last.
struct SourceReading: Equatable {
  var startedAt: Int64 = 0
  var figures: [String: Int64] = [:]
  var latencies: [String: LatencyCounts] = [:]

  mutating func take(_ reading: ProcessReading, startedAt: Int64) {
    if startedAt != self.startedAt {
      self = SourceReading(startedAt: startedAt)
    }
    figures.merge(reading.figures) { $1 }
    latencies.merge(reading.latencies) { $1 }
  }
}

/// What the monitor has counted since its start, for status screens.
package struct MonitorFigures: Equatable, Sendable {
  package var frames: Int64 = 0
  package var records: Int64 = 0
  package var news: Int64 = 0
  /// Messages of other processes that never came.
  package var missed: Int64 = 0
  package var brokenPipes: Int64 = 0
  /// Rounds of health checks, and how many checks of the last one failed.
  package var healthChecks: Int64 = 0
  package var failedChecks: Int64 = 0
  package var samples: Int64 = 0
  /// News of alert rules.
  package var alerts: Int64 = 0

  package init() {}
}
