import Glibc
import ProcessControl
import RiskModel

/// Waiting by looking again and again, never for longer than a bound.
enum StageClock {
  private static let interval: UInt32 = 10_000

  static func now() -> Instant { SystemClock().now() }

  /// Returns whether it became so within the time.
  static func poll(atMost limit: TimeSpan, until condition: () throws -> Bool) rethrows -> Bool {
    let clock = SystemClock()
    let deadline = clock.monotonicNow() + limit
    while try !condition() {
      guard clock.monotonicNow() < deadline else { return false }
      usleep(interval)
    }
    return true
  }
}
