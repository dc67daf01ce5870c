package import AlertRules
package import RiskModel

/// What metrics.db has of a count: how far it had come at a moment.
package struct KeptCount: Equatable, Sendable {
  package var at: Instant
  package var metric: MetricName
  package var label: String
  package var value: MetricNumber

  package init(at: Instant, metric: MetricName, label: String, value: MetricNumber) {
    self.at = at
    self.metric = metric
    self.label = label
    self.value = value
  }
}

/// What happened, out of how far a count had come: counts only grow, and begin at zero with each
/// monitor.
struct CountSteps {
  private var former: Int64?
  private(set) var steps: [(at: Instant, count: Int64)] = []

  /// `former` is how far the count had come before; `nil` where nobody knows.
  init(after former: Int64? = nil) {
    self.former = former
  }

  mutating func take(_ value: Int64, at: Instant) {
    // What the first value had counted happened before anybody asks.
    let count = former.map { value >= $0 ? value - $0 : value } ?? 0
    former = value
    if count > 0 { steps.append((at, count)) }
  }
}

extension Measurements {
  /// Alerts look back a day at most, and the value before that says where it began.
  static let keptWindow = TimeSpan.seconds(86_400 + 3_600)

  /// Takes in what an earlier monitor counted, oldest first, so that `in 1h` goes on.
  mutating func restore(_ kept: [KeptCount], civil: Instant, at now: MonotonicInstant) {
    var courses: [MetricName: [String: CountSteps]] = [:]
    var begun: Set<MetricName> = []
    for entry in kept where entry.at <= civil {
      // Labels come with what they name; a monitor without any says that all are at zero.
      let first = CountSteps(after: begun.contains(entry.metric) ? 0 : nil)
      courses[entry.metric, default: [:]][entry.label, default: first]
        .take(entry.value.millionths / 1_000_000, at: entry.at)
      if entry.label.isEmpty { begun.insert(entry.metric) }
    }
    for (metric, course) in courses {
      for (label, steps) in course {
        let earlier = steps.steps.map { step in
          (at: now + (step.at - civil), count: step.count)
        }
        restore(metric, label, earlier)
      }
    }
  }
}

extension MonitorRole {
  /// Counts are kept as soon as they change, so that a monitor that dies takes little with it.
  func keepCounts(at now: MonotonicInstant) {
    guard let book = ports.metrics, !keptMetrics.isEmpty else { return }
    let counts = measurements.samples(of: keptMetrics, at: now)
    guard counts != keptCounts else { return }
    let changed = counts.filter { !keptCounts.contains($0) }
    keptCounts = counts
    figures.samples += Int64(changed.count)
    book.record(changed, at: ports.clock.now())
  }

  func restoreCounts() {
    guard let book = ports.metrics, !keptMetrics.isEmpty else { return }
    let civil = ports.clock.now()
    let kept = book.counts(keptMetrics, since: civil - Measurements.keptWindow)
    measurements.restore(kept, civil: civil, at: startedAt)
    // A new beginning: what comes next is counted from zero.
    book.record(
      keptMetrics.map { Measurements.Sample(metric: $0, label: "", value: MetricNumber(0)) },
      at: civil)
    keptCounts = measurements.samples(of: keptMetrics, at: startedAt)
  }

  /// What is counted in windows of alerts.
  static func keptMetrics(_ settings: MonitorSettings) -> [MetricName] {
    let metrics = settings.alertRules.map(\.condition).filter { $0.window != nil }.map(\.metric)
    return MetricName.allCases.filter(metrics.contains)
  }
}
