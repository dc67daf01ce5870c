import RiskModel
import Supervision

extension TimeSpan {
  /// `45 s`, `12 min`, `3 h 5 min`.
  var inWords: String {
    let seconds = nanos / Instant.nanosPerSecond
    if seconds < 120 { return "\(seconds) s" }
    let minutes = seconds / 60
    return minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }

  static func minutes(_ count: Int64) -> TimeSpan { .seconds(count * 60) }
  static func hours(_ count: Int64) -> TimeSpan { .seconds(count * 3_600) }
}

extension Instant {
  /// `2026-11-22 14:30:00`, in UTC.
  var secondText: String {
    let text = timestamp
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }
}

/// Millionths with one decimal.
func oneDecimal(_ millionths: Int64) -> String {
  let tenths = (millionths.magnitude + 50_000) / 100_000
  return "\(millionths < 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
}

/// Millionths with two decimals.
func twoDecimals(_ millionths: Int64) -> String {
  let hundredths = (millionths.magnitude + 5_000) / 10_000
  let rest = hundredths % 100
  let sign = millionths < 0 && hundredths > 0 ? "-" : ""
  return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

/// Bytes as megabytes.
func megabytes(_ bytes: Int64) -> String { "\(oneDecimal(bytes)) MB" }

/// `1 problem`, `2 problems`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// The first of some lines and how many more there are.
func excerpt(_ lines: [String]) -> String {
  guard let first = lines.first else { return "" }
  return lines.count == 1 ? first : "\(first) (and \(lines.count - 1) more)"
}

extension [MetricFacts.Sample] {
  var average: Int64 {
    isEmpty ? 0 : reduce(into: Int64(0)) { $0 += $1.millionths } / Int64(count)
  }

  /// Millionths an hour, of the line through the samples with the least squares.
  var slopePerHour: Int64 {
    guard let first else { return 0 }
    let points = map { sample in
      (x: Int128((sample.at - first.at).milliseconds), y: Int128(sample.millionths))
    }
    let count = Int128(points.count)
    let sumX = points.reduce(0) { $0 + $1.x }
    let sumY = points.reduce(0) { $0 + $1.y }
    let spread = count * points.reduce(0) { $0 + $1.x * $1.x } - sumX * sumX
    guard spread > 0 else { return 0 }
    let common = count * points.reduce(0) { $0 + $1.x * $1.y } - sumX * sumY
    return Int64(clamping: common * 3_600_000 / spread)
  }

  var largest: Int64 { map(\.millionths).max() ?? 0 }

  func since(_ moment: Instant) -> [MetricFacts.Sample] { filter { $0.at >= moment } }
}
