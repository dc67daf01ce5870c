import Glibc
import ProcessControl
import RiskModel

/// The time of the simulated venue: the civil time of its pace when it started plus an offset, driven
/// by the monotonic clock from then on, so that nobody moves it by setting the machine's clock.
struct VenueClock {
  private var start: Instant
  private let monotonicStart: MonotonicInstant
  private let pace: ClockPace

  init(offset: TimeSpan, pace: ClockPace = .machine) {
    start = pace.civil(at: Instant(nanosSinceEpoch: nanos(of: CLOCK_REALTIME))) + offset
    monotonicStart = VenueClock.monotonicNow()
    self.pace = pace
  }

  func now() -> Instant {
    start + pace.civilSpan(VenueClock.monotonicNow() - monotonicStart)
  }

  /// How long it takes until then; zero for a moment that has passed.
  func realSpan(until moment: Instant) -> TimeSpan {
    max(.zero, pace.realSpan(moment - now()))
  }

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
