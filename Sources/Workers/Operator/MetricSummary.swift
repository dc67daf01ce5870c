import AlertRules
import Checklist
import MetricsStore
import RiskModel

/// The values of one metric, by nearest rank.
struct MetricSummary: Equatable, Codable {
  var name: String
  /// What the values are about; empty where there is no more than one.
  var label: String
  var count: Int
  var min: String
  var p50: String
  var p95: String
  var p99: String
  var max: String

  /// One for each label.
  static func all(of values: [StoredMetric]) -> [MetricSummary] {
    Dictionary(grouping: values, by: \.label).sorted { $0.key < $1.key }.compactMap {
      MetricSummary($0.value)
    }
  }

  /// `nil` without values.
  init?(_ values: [StoredMetric]) {
    guard let first = values.first else { return nil }
    let sorted = values.map(\.millionths).sorted()
    func rank(_ percent: Int) -> String {
      let index = Swift.max(1, (sorted.count * percent + 99) / 100) - 1
      return "\(MetricNumber(millionths: sorted[index]))"
    }
    name = first.name
    label = first.label
    count = sorted.count
    min = rank(0)
    p50 = rank(50)
    p95 = rank(95)
    p99 = rank(99)
    max = rank(100)
  }
}

/// Whether values are as somebody says. It holds when at least 95 of 100 of them agree.
struct MetricAssertion: Equatable, Codable {
  var condition: String
  var holds: Bool
  /// Values that agree, of how many.
  var agreeing: Int
  var count: Int
  /// The value that is farthest from it, absent where all agree.
  var worst: String?

  /// Values of every label count. With `in`, the increase of a count within so long is meant.
  init(_ condition: AlertCondition, _ values: [StoredMetric]) {
    self.condition = "\(condition)"
    let numbers =
      condition.window.map { Self.increases(values, within: $0) } ?? values.map(\.millionths)
    let others = numbers.filter { number in
      !condition.holds(for: .number(MetricNumber(millionths: number)))
    }
    count = numbers.count
    agreeing = count - others.count
    holds = MeasuredShare(agreeing: agreeing, count: count).holds
    let isUpper = condition.comparison == .below || condition.comparison == .atMost
    worst = (isUpper ? others.max() : others.min()).map { "\(MetricNumber(millionths: $0))" }
  }

  /// At every value, how much was counted in the time before it. A count that begins again with the
  /// monitor counts from zero.
  private static func increases(_ values: [StoredMetric], within span: TimeSpan) -> [Int64] {
    var steps: [(at: Instant, increase: Int64)] = []
    var before: [String: Int64] = [:]
    for value in values {
      let known = before.updateValue(value.millionths, forKey: value.label)
      let increase = known.map { value.millionths >= $0 ? value.millionths - $0 : value.millionths }
      steps.append((value.at, increase ?? 0))
    }
    var sums: [Int64] = []
    var first = 0
    var sum: Int64 = 0
    for step in steps {
      sum += step.increase
      while steps[first].at <= step.at - span {
        sum -= steps[first].increase
        first += 1
      }
      sums.append(sum)
    }
    return sums
  }
}

extension MetricAssertion: CustomStringConvertible {
  var description: String {
    let share = "\(agreeing) of \(count) values"
    guard holds else {
      let farthest = worst.map { ", one is \($0)" } ?? ""
      return "❌ \(condition): " + (count == 0 ? "there are no values" : share + farthest)
    }
    return "✅ \(condition): \(share)"
  }
}
