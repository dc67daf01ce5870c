package import RiskModel

/// How fast a scenario runs: 1 is real time, 10 is ten times as fast.
package struct ScenarioClock: Equatable, Sendable {
  /// Parts of a thousand of real time.
  package let rate: Int64

  package static let realTime = ScenarioClock(rate: 1_000)

  /// Accepts 0.001 to 1000 times real time.
  package init?(decimal: ExactDecimal) {
    guard let rate = decimal.scaledExactly(by: 3), (1...1_000_000).contains(rate) else {
      return nil
    }
    self.rate = rate
  }

  private init(rate: Int64) {
    self.rate = rate
  }

  /// The real time that a span of the scenario takes.
  package func realSpan(_ span: TimeSpan) -> TimeSpan {
    TimeSpan(nanos: Int64(Int128(span.nanos) * 1_000 / Int128(rate)))
  }
}
