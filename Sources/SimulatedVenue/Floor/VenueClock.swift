import Glibc
import RiskModel

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
