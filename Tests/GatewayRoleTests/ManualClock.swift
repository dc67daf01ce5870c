import RiskModel
import Synchronization

@testable import GatewayRole

/// A clock that moves when the test says so. Both of its times move together.
final class ManualClock: Clock {
  private let elapsed = Mutex<Int64>(0)
  private let start: Instant

  init(start: Instant) {
    self.start = start
  }

  func now() -> Instant { start + TimeSpan(nanos: elapsed.withLock { $0 }) }
  func monotonicNow() -> MonotonicInstant {
    MonotonicInstant(nanos: 1_000_000_000 + elapsed.withLock { $0 })
  }

  func move(to instant: MonotonicInstant) {
    elapsed.withLock { $0 = max($0, instant.nanos - 1_000_000_000) }
  }
}

/// Wake-ups of the manual clock.
final class ManualTimers: GatewayTimers {
  private var scheduled: [GatewayTimer: (at: MonotonicInstant, fire: () -> Void)] = [:]
  private var lastNumber: Int64 = 0

  func schedule(at instant: MonotonicInstant, _ fire: @escaping () -> Void) -> GatewayTimer {
    lastNumber += 1
    let timer = GatewayTimer(number: lastNumber)
    scheduled[timer] = (instant, fire)
    return timer
  }

  func cancel(_ timer: GatewayTimer) {
    scheduled[timer] = nil
  }

  var count: Int { scheduled.count }

  /// Takes out the earliest wake-up that is due by an instant.
  func next(by instant: MonotonicInstant) -> (at: MonotonicInstant, fire: () -> Void)? {
    let due = scheduled.filter { $0.value.at <= instant }
    let first = due.min { ($0.value.at, $0.key.number) < ($1.value.at, $1.key.number) }
    guard let first else { return nil }
    scheduled[first.key] = nil
    return first.value
  }
}
