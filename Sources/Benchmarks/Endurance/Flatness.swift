package import RiskModel

/// Whether memory stays flat.
///
/// Of the samples after the warm-up, whose memory is what a process fills once (the database's
/// cache of pages does within the first minute; the heaps go on for some minutes, less and less: in a
/// run of 27 minutes the sum rose by 2.2 MB in the first five, by 0.23 in the next five and by 0.28
/// in the 17 after that), the sum of all processes may grow by no more than `mostBytesPerHour`,
/// on the straight line that is nearest to them. One MB an hour stays below what a trading day may
/// cost under the 100 MB of the specification, and is ten times what the scatter of half an hour's
/// samples can feign.
package enum Flatness: Equatable, Sendable {
  case flat
  case grows(bytesPerHour: Double)
  /// Too short a time to tell growth from the warm-up.
  case unknown

  package static let warmUp = TimeSpan.seconds(600)
  package static let mostBytesPerHour = 1_000_000.0
  /// Samples over less time than this say nothing about an hour.
  package static let leastSpan = TimeSpan.seconds(600)

  package init(of points: [(moment: TimeSpan, bytes: Int64)]) {
    let warm = points.filter { $0.moment >= Self.warmUp }
    guard let first = warm.first, let last = warm.last,
      last.moment - first.moment >= Self.leastSpan
    else {
      self = .unknown
      return
    }
    let slope = Trend.slope(warm.map { ($0.moment.seconds / 3_600, Double($0.bytes)) })
    self = slope <= Self.mostBytesPerHour ? .flat : .grows(bytesPerHour: slope)
  }
}

extension Flatness: CustomStringConvertible {
  package var description: String {
    func megabytes(_ bytes: Double) -> String { ReportText.decimal(bytes / 1e6, digits: 2) }
    let limit =
      "\(megabytes(Self.mostBytesPerHour)) MB an hour after the first "
      + "\(Self.warmUp.milliseconds / 60_000) minutes"
    return switch self {
    case .flat: "memory is flat: the sum grows by no more than \(limit)"
    case .grows(let slope):
      "memory grows: the sum by \(megabytes(slope)) MB an hour, and no more than \(limit) is allowed"
    case .unknown:
      "memory is not judged: that takes samples of "
        + "\((Self.warmUp + Self.leastSpan).milliseconds / 60_000) minutes"
    }
  }
}
