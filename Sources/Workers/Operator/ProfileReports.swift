import AlertRules
import MetricsStore
import RiskModel
import Supervision

/// What `riskctl profile memory` prints. The JSON form is an interface: keys are only ever added;
/// what this user may not see is absent.
struct MemoryProfile: Equatable, Codable {
  struct Process: Equatable, Codable {
    var name: String
    var pid: Int32
    var rssKiB: Int64?
    var pssKiB: Int64?
    var descriptors: Int?
    var threads: Int64?

    init(_ name: String, _ view: ProcessView) {
      self.name = name
      pid = view.pid
      rssKiB = view.residentKiB
      pssKiB = view.proportionalKiB
      descriptors = view.descriptors
      threads = view.threads
    }
  }

  /// How all of it changed over the values of the last day.
  struct Trend: Equatable, Codable {
    var values: Int
    var leastMiB: String
    var mostMiB: String
    /// The slope of the line through the values with the least squares.
    var mebibytesPerHour: String

    init?(_ values: [StoredMetric]) {
      guard let first = values.first, let last = values.last, first.at < last.at else { return nil }
      let hours = values.map { Double(($0.at - first.at).nanos) / 3_600e9 }
      let sizes = values.map { Double($0.millionths) / 1e6 }
      let count = Double(values.count)
      let (hourMean, sizeMean) = (hours.reduce(0, +) / count, sizes.reduce(0, +) / count)
      let covariance = zip(hours, sizes).reduce(0) { $0 + ($1.0 - hourMean) * ($1.1 - sizeMean) }
      let variance = hours.reduce(0) { $0 + ($1 - hourMean) * ($1 - hourMean) }
      self.values = values.count
      leastMiB = Self.text(sizes.min() ?? 0)
      mostMiB = Self.text(sizes.max() ?? 0)
      mebibytesPerHour = Self.text(covariance / variance)
    }

    /// To the hundredth.
    private static func text(_ number: Double) -> String {
      "\(MetricNumber(millionths: Int64((number * 100).rounded()) * 10_000))"
    }
  }

  var processes: [Process]
  /// Of all processes; absent when one of them may not be seen.
  var totalPssKiB: Int64?
  /// Below 100 MiB.
  var isWithinBound: Bool
  var trend: Trend?

  init(_ processes: [Process], trend: Trend?) {
    self.processes = processes
    self.trend = trend
    let sizes = processes.compactMap(\.pssKiB)
    totalPssKiB = sizes.count == processes.count ? sizes.reduce(0, +) : nil
    isWithinBound = sizes.reduce(0, +) < ServiceProfile.memoryBoundKiB
  }

  var text: String {
    let header = ["PROCESS", "PID", "RSS KiB", "PSS KiB", "FDS", "THREADS"]
    let rows = processes.map { process in
      [
        process.name, "\(process.pid)", shown(process.rssKiB), shown(process.pssKiB),
        shown(process.descriptors), shown(process.threads),
      ]
    }
    let total = totalPssKiB.map { "\($0) KiB, \(isWithinBound ? "below" : "NOT below") 100 MiB" }
    let change = trend.map { trend in
      "last day: \(trend.leastMiB) to \(trend.mostMiB) MiB, \(trend.mebibytesPerHour) MiB an hour "
        + "over \(trend.values) values\n"
    }
    return ColumnText.render([header] + rows, right: [1, 2, 3, 4, 5])
      + "all together: \(total ?? "not known; only root and riskd's user see it")\n"
      + (change ?? "last day: no values\n")
  }
}

/// What `riskctl profile performance` prints. The JSON form is an interface: keys are only ever added.
struct PerformanceProfile: Equatable, Codable {
  struct Process: Equatable, Codable {
    var name: String
    var pid: Int32
    /// Of one processor, within the span, in tenths of a percent; absent for a process that began in
    /// it.
    var processorPerMille: Int64?
    /// Since its start.
    var processorMilliseconds: Int64?
    var threads: Int64?
    var inputs: Int64?
    var backlog: Int64?
    var oldestMilliseconds: Int64?
    var answerMilliseconds: Int64?

    init(
      _ name: String, _ view: ProcessView, since earlier: ProcessView?, milliseconds: Int64,
      worker: StatusReport.Worker?
    ) {
      self.name = name
      pid = view.pid
      processorMilliseconds = view.processorMilliseconds
      if let now = view.processorMilliseconds, let before = earlier?.processorMilliseconds {
        processorPerMille = max(0, now - before) * 1_000 / milliseconds
      }
      threads = view.threads
      inputs = worker?.progress?.inputs
      backlog = worker?.progress?.backlog
      oldestMilliseconds = worker?.progress?.oldestAgeMilliseconds
      answerMilliseconds = worker?.answerMilliseconds
    }

    fileprivate var row: [String] {
      let share = processorPerMille.map { "\($0 / 10).\($0 % 10)" }
      let oldest = oldestMilliseconds.map { "\($0) ms" }
      let answer = answerMilliseconds.map { "\($0) ms" }
      return [
        name, "\(pid)", share ?? "-", shown(processorMilliseconds), shown(threads), shown(inputs),
        shown(backlog), oldest ?? "-", answer ?? "-",
      ]
    }
  }

  var milliseconds: Int64
  var processes: [Process]
  /// The last message from the gateway to the enforcer.
  var canaryMicroseconds: Int64?
  /// Of the last hour, in milliseconds.
  var latencies: [MetricSummary]

  var text: String {
    let header = [
      "PROCESS", "PID", "CPU %", "CPU ms", "THREADS", "INPUTS", "BACKLOG", "OLDEST", "ANSWER",
    ]
    let rows = processes.map(\.row)
    let metrics = latencies.map { [$0.name, $0.p50, $0.p95, $0.max, "\($0.count)"] }
    return "within \(milliseconds) ms\n"
      + ColumnText.render([header] + rows, right: Set(1...8))
      + "gateway to enforcer: \(canaryMicroseconds.map { "\($0) µs" } ?? "not known")\n"
      + (metrics.isEmpty
        ? "last hour: no values\n"
        : "last hour, in ms:\n"
          + ColumnText.render(
            [["METRIC", "P50", "P95", "MAX", "COUNT"]] + metrics, right: [1, 2, 3, 4]))
  }
}

private func shown(_ number: (some BinaryInteger)?) -> String { number.map { "\($0)" } ?? "-" }
