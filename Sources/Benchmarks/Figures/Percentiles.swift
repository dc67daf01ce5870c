import Histogram
package import RiskModel

/// Spans of time and how they are distributed.
package struct LatencyRecorder: Sendable {
  /// Longer spans count as this long.
  private static let longest = TimeSpan.seconds(600)

  private var histogram = Histogram<UInt64>(
    highestTrackableValue: UInt64(LatencyRecorder.longest.nanos),
    numberOfSignificantValueDigits: .three)
  private var maximum = TimeSpan.zero

  package init() {}

  package var count: Int { Int(histogram.totalCount) }

  /// Takes one span on. What is below zero counts as zero: two clocks were read out of step.
  package mutating func record(_ span: TimeSpan) {
    let bounded = min(max(span, .zero), Self.longest)
    histogram.record(UInt64(bounded.nanos))
    maximum = max(maximum, bounded)
  }

  /// `nil` when nothing was recorded.
  package var percentiles: Percentiles? {
    guard count > 0 else { return nil }
    func span(_ percentile: Double) -> TimeSpan {
      min(TimeSpan(nanos: Int64(histogram.valueAtPercentile(percentile))), maximum)
    }
    return Percentiles(
      count: count, p50: span(50), p99: span(99), p999: span(99.9), max: maximum)
  }
}

/// A distribution of spans, each percentile exact to three digits.
package struct Percentiles: Equatable, Sendable, Codable {
  package var count: Int
  package var p50: TimeSpan
  package var p99: TimeSpan
  package var p999: TimeSpan
  package var max: TimeSpan

  package init(count: Int, p50: TimeSpan, p99: TimeSpan, p999: TimeSpan, max: TimeSpan) {
    self.count = count
    self.p50 = p50
    self.p99 = p99
    self.p999 = p999
    self.max = max
  }

  /// The middle of several runs: the median of each percentile, the longest span of all, and how
  /// many spans there were. `nil` for no runs.
  package static func middle(of runs: [Percentiles]) -> Percentiles? {
    guard let longest = runs.map(\.max).max() else { return nil }
    func median(_ percentile: KeyPath<Percentiles, TimeSpan>) -> TimeSpan {
      let sorted = runs.map { $0[keyPath: percentile] }.sorted()
      let upper = sorted[sorted.count / 2]
      let lower = sorted[(sorted.count - 1) / 2]
      return TimeSpan(nanos: lower.nanos + (upper.nanos - lower.nanos) / 2)
    }
    return Percentiles(
      count: runs.map(\.count).reduce(0, +), p50: median(\.p50), p99: median(\.p99),
      p999: median(\.p999), max: longest)
  }

  /// Every percentile of one path after the other. It is what two stages take that do not wait for
  /// each other's bad moments.
  package static func + (lhs: Percentiles, rhs: Percentiles) -> Percentiles {
    Percentiles(
      count: min(lhs.count, rhs.count), p50: lhs.p50 + rhs.p50, p99: lhs.p99 + rhs.p99,
      p999: lhs.p999 + rhs.p999, max: lhs.max + rhs.max)
  }
}
