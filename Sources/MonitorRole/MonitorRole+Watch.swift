import AlertRules
import Logging
import PeerProtocol
import RiskModel
import Supervision

// Health, metrics and alerts, once a second.
extension MonitorRole {
  /// Called about once a second.
  package func tick() {
    let now = ports.clock.monotonicNow()
    if now >= nextMachineLook, let machine = ports.machine {
      measurements.machine = machine.figures()
      nextMachineLook = now + Self.machineInterval
    }
    measurements.look(at: now)
    keepCounts(at: now)
    alert(at: now)
    if !settings.checks.isEmpty, now >= nextHealth {
      nextHealth = next(after: nextHealth, settings.healthInterval, now)
      checkHealth(at: now)
    }
    if !settings.metrics.isEmpty, now >= nextMetrics {
      nextMetrics = next(after: nextMetrics, settings.metricsInterval, now)
      recordMetrics(at: now)
    }
  }

  /// Rounds keep their distance; what was missed is not made up for.
  private func next(
    after due: MonotonicInstant, _ interval: TimeSpan, _ now: MonotonicInstant
  ) -> MonotonicInstant {
    due + interval > now ? due + interval : now + interval
  }

  private func checkHealth(at now: MonotonicInstant) {
    let findings = measurements.check(settings.checks, at: now)
    let problems = findings.filter { $0.problem != nil }
    health = findings
    figures.healthChecks += 1
    figures.failedChecks = Int64(problems.count)
    guard !problems.isEmpty else {
      let measured = findings.compactMap(\.figures).joined(separator: "; ")
      logger.info(
        "Health check passed\(measured.isEmpty ? "" : ": ")\(measured)",
        metadata: ["checks": "\(findings.count)"])
      return
    }
    let names = problems.map(\.check.rawValue).joined(separator: ", ")
    let details = problems.map { ($0.check.rawValue, Logger.MetadataValue("\($0.problem ?? "")")) }
    logger.warning(
      "Health check failed: \(names)",
      metadata: Dictionary(details, uniquingKeysWith: { first, _ in first }))
  }

  private func recordMetrics(at now: MonotonicInstant) {
    let time = ports.clock.now()
    let samples = measurements.samples(of: settings.metrics, at: now)
    figures.samples += Int64(samples.count)
    ports.metrics?.record(samples, at: time)
    if now >= nextForgetting {
      nextForgetting = now + .seconds(3_600)
      ports.metrics?.forget(before: time - settings.metricsKept)
    }
  }

  private func alert(at now: MonotonicInstant) {
    // Right after the start nobody has told anything yet.
    guard now - startedAt >= measurements.real(Self.patience) else { return }
    for index in alerts.indices {
      let condition = alerts[index].rule.condition
      let value = measurements.value(of: condition.metric, in: condition.window, at: now)
      guard let news = alerts[index].look(value, at: now) else { continue }
      tell(
        AlertNotice(
          rule: alerts[index].rule, news: news, value: value.map { "\($0)" } ?? "",
          at: ports.clock.now()))
    }
  }

  private func tell(_ notice: AlertNotice) {
    figures.alerts += 1
    let record = notice.record
    // Whatever the level: an alert that nobody sees is none.
    ports.logs.write(settings.logs.line(record), to: .alerts, at: notice.at)
    let level: Logger.Level =
      switch record.level {
      case .debug, .info: .notice
      case .warning: .warning
      case .error: .critical
      }
    var metadata = Logger.Metadata(
      uniqueKeysWithValues: record.context.map { ($0.key, .string($0.value)) })
    metadata["message_id"] = .string(MessageID.alert.rawValue)
    logger.log(level: level, "\(record.message)", metadata: metadata)
    ports.alerts?.deliver(notice)
  }
}
