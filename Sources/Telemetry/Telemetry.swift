import Glibc
import Logging
import RiskModel
import Synchronization

/// The logging of one riskd process: one line per record on standard error.
package enum Telemetry {
  private static let output = Mutex<TelemetryOutput?>(nil)

  /// Makes every `Logger` of the process write through Telemetry. Called once, before the first
  /// logger is made.
  ///
  /// Text lines carry the severity for the journal when `JOURNAL_STREAM` is set, as systemd does.
  /// SIGPIPE is ignored from here on: a log that nobody reads must not end the process. Only tests
  /// pass the last two.
  package static func bootstrap(
    worker: String, level: LogLevel, format: LogFormat,
    sink: LineSink = LineSink(descriptor: STDERR_FILENO),
    withSeverity: Bool = Telemetry.isReadByJournal
  ) {
    signal(SIGPIPE, SIG_IGN)
    let shared = TelemetryOutput(
      worker: worker, level: level, format: format,
      withSeverity: withSeverity, sink: sink, now: systemTime)
    output.withLock { $0 = shared }
    LoggingSystem.bootstrap { _ in TelemetryHandler(shared) }
  }

  /// Whether systemd has connected the process to the journal.
  package static var isReadByJournal: Bool {
    getenv("JOURNAL_STREAM").map { $0.pointee != 0 } ?? false
  }

  /// Changes the level of every logger without one of its own.
  package static func setLevel(_ level: LogLevel) {
    output.withLock { $0?.threshold = level }
  }

  /// Lines dropped since the start because standard error did not take them at once.
  package static var droppedLines: Int {
    output.withLock { $0?.sink.droppedLines ?? 0 }
  }

  private static func systemTime() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(nanosSinceEpoch: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
