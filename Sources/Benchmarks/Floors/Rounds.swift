import Glibc
import ProcessControl
package import RiskModel

/// How often something is repeated: so many times, as far as the time goes.
package struct Rounds: Equatable, Sendable {
  package var count: Int
  package var limit: TimeSpan
  /// Rounds before the first one that counts.
  package var warmUp: Int
  /// Before each round: what is not asked for often meets a processor that slept.
  package var pause: TimeSpan

  package init(_ count: Int, limit: TimeSpan, warmUp: Int = 50, pause: TimeSpan = .zero) {
    self.count = count
    self.limit = limit
    self.warmUp = warmUp
    self.pause = pause
  }

  /// Times the body again and again.
  func measure(
    _ body: () throws(BenchmarkError) -> Void
  ) throws(BenchmarkError) -> Percentiles {
    let clock = SystemClock()
    let deadline = clock.monotonicNow() + limit
    for _ in 0..<warmUp { try body() }
    var recorder = LatencyRecorder()
    for _ in 0..<count {
      if pause > .zero { usleep(UInt32(clamping: pause.nanos / 1_000)) }
      let start = clock.monotonicNow()
      try body()
      let end = clock.monotonicNow()
      recorder.record(end - start)
      if end > deadline { break }
    }
    guard let percentiles = recorder.percentiles else {
      throw .timedOut("a single round within \(limit.milliseconds) ms")
    }
    return percentiles
  }
}
