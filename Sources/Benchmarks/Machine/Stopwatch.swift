import ProcessControl
import RiskModel

/// The time since it was made.
struct Stopwatch {
  private let clock = SystemClock()
  private let start: MonotonicInstant

  init() { start = clock.monotonicNow() }

  var elapsed: TimeSpan { clock.monotonicNow() - start }
}

extension TimeSpan {
  var seconds: Double { Double(nanos) / Double(Instant.nanosPerSecond) }
}
