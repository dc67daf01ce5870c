import Logging
import ProcessControl
import RiskModel
import Telemetry

/// `development.profiling.enabled`: what a worker's time went into, as a line of the log from time to
/// time.
final class WorkProfile {
  static let interval = TimeSpan.seconds(10)

  private let reactor: Reactor
  private let logger: Logger
  private let interval: TimeSpan
  private var last: (moment: MonotonicInstant, processor: Int64, loops: Int64)

  init(_ reactor: Reactor, _ logger: Logger, every interval: TimeSpan = WorkProfile.interval) {
    self.reactor = reactor
    self.logger = logger
    self.interval = interval
    last = (reactor.clock.monotonicNow(), Self.processorTime, Int64(reactor.loops))
  }

  func start() {
    reactor.schedule(after: interval) { [self] in
      tell()
      start()
    }
  }

  private static var processorTime: Int64 {
    ProcessVitals.figures()["cpuMicroseconds"] ?? 0
  }

  private func tell() {
    let vitals = ProcessVitals.figures()
    let now = reactor.clock.monotonicNow()
    let processor = vitals["cpuMicroseconds"] ?? 0
    let loops = Int64(reactor.loops)
    let span = max(1, (now - last.moment).nanos / 1_000)
    let used = processor - last.processor
    logger.info(
      """
      Profile: \(used) µs of processor time in \(span) µs (\(used * 100 / span) %), \
      \(loops - last.loops) turns
      """,
      metadata: [
        "pssKiB": "\(vitals["pssKiB"] ?? 0)", "backlog": "\(reactor.backlog)",
        "oldestAgeMs": "\(reactor.oldestAge.milliseconds)",
      ])
    last = (now, processor, loops)
  }
}
