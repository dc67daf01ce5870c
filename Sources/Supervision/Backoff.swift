import RiskModel

/// The pauses between the restarts of one worker.
struct Backoff: Equatable, Sendable {
  /// Restarts in a row.
  private(set) var restarts = 0

  /// The pause before the next restart, with up to a quarter of itself added by chance.
  mutating func nextPause(_ pauses: [TimeSpan], random: UInt64) -> TimeSpan {
    guard let last = pauses.last else { return .zero }
    let pause = restarts < pauses.count ? pauses[restarts] : last
    restarts += 1
    return pause.stretched(by: random)
  }

  mutating func reset() {
    restarts = 0
  }
}

extension TimeSpan {
  /// This span plus up to a quarter of itself.
  func stretched(by random: UInt64) -> TimeSpan {
    TimeSpan(nanos: nanos + nanos / 4 * Int64(random % 1_024) / 1_023)
  }
}
