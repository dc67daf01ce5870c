import RiskModel

/// The clocks of the simulated machine and of the venue. Time passes only when the agenda moves it.
final class WorldClock: Clock, @unchecked Sendable {
  /// Wednesday 2026-11-18, 10:00 in Chicago: far from a daily reset.
  static let start = Instant(secondsSinceEpoch: 1_795_017_600)

  private(set) var elapsed = TimeSpan.zero
  /// How far somebody has set the machine's civil clock.
  var jump = TimeSpan.zero

  func now() -> Instant { WorldClock.start + elapsed + jump }
  func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: 1_000) + elapsed }

  /// Nobody sets the venue's clock.
  var venueNow: Instant { WorldClock.start + elapsed }

  func move(to elapsed: TimeSpan) {
    precondition(elapsed >= self.elapsed, "Condition failed: time goes on")
    self.elapsed = elapsed
  }
}
