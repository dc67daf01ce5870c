/// How many of some measured values are as they have to be. The checklist, `riskctl metrics analyze
/// --assert` and `riskctl failure analyze` judge by it alike: one value of twenty may be off.
package struct MeasuredShare: Equatable, Sendable {
  /// Of a hundred values, so many have to agree.
  package static let needed = 95

  package let agreeing: Int
  package let count: Int

  package init(agreeing: Int, count: Int) {
    self.agreeing = agreeing
    self.count = count
  }

  /// Without any value nothing holds.
  package var holds: Bool { count > 0 && agreeing * 100 >= count * Self.needed }
}

/// The 95th percentiles of an event's latency, a value a minute, against a limit.
package struct LatencyVerdict: Equatable, Sendable {
  package enum Limit: Sendable {
    /// Check 20: below 10 ms.
    case aim
    /// Above 100 ms is a reason to go back to the release before.
    case rollback

    fileprivate func agrees(_ millionths: Int64) -> Bool {
      switch self {
      case .aim: millionths < 10_000_000
      case .rollback: millionths <= 100_000_000
      }
    }

    fileprivate var words: String {
      switch self {
      case .aim: "below 10 ms"
      case .rollback: "within 100 ms"
      }
    }
  }

  package let share: MeasuredShare
  package let limit: Limit
  private let largest: Int64

  package init(_ samples: [MetricFacts.Sample], _ limit: Limit) {
    share = MeasuredShare(
      agreeing: samples.reduce(0) { $0 + (limit.agrees($1.millionths) ? 1 : 0) },
      count: samples.count)
    largest = samples.largest
    self.limit = limit
  }

  package var holds: Bool { share.holds }

  package var text: String {
    "\(share.agreeing) of \(counted(share.count, "minute")) \(limit.words), "
      + "the worst \(oneDecimal(largest)) ms"
  }
}
