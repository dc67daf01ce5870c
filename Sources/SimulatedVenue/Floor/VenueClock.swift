import Glibc
package import RiskModel

/// The time of the simulated venue: the machine's civil time when it started plus an offset, driven
/// by the monotonic clock from then on, so that nobody moves it by setting the machine's clock.
struct VenueClock {
  private var start: Instant
  private let monotonicStart: MonotonicInstant

  init(offset: TimeSpan) {
    start = Instant(nanosSinceEpoch: nanos(of: CLOCK_REALTIME)) + offset
    monotonicStart = VenueClock.monotonicNow()
  }

  func now() -> Instant { start + (VenueClock.monotonicNow() - monotonicStart) }

  /// Moves the venue's time on.
  mutating func shift(by span: TimeSpan) {
    start = start + span
  }

  static func monotonicNow() -> MonotonicInstant {
    MonotonicInstant(nanos: nanos(of: CLOCK_MONOTONIC))
  }
}

private func nanos(of clock: clockid_t) -> Int64 {
  var time = timespec()
  guard clock_gettime(clock, &time) == 0 else {
    preconditionFailure("Invariant: the system has the clock \(clock)")
  }
  return Int64(time.tv_sec) * Instant.nanosPerSecond + Int64(time.tv_nsec)
}

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
