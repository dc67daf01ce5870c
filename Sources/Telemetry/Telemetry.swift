import Glibc
import Logging
package import RiskModel
import Synchronization

/// The logging of one riskd process: records of the journal where systemd has connected the process
/// to it, else one line per record on standard error.
package enum Telemetry {
  private static let output = Mutex<TelemetryOutput?>(nil)

  /// Makes every `Logger` of the process write through Telemetry. Called once, before the first
  /// logger is made.
  ///
  /// `JOURNAL_STREAM`, which systemd sets, says that the journal is read: records go to its socket;
  /// where that cannot be used, text lines carry the severity for the journal. What is still to be
  /// sent when the process calls `exit` is waited for, for a moment. The records carry the time of
  /// `clock`. SIGPIPE is ignored from here
  /// on: a log that nobody reads must not end the process. Only tests pass the last three.
  package static func bootstrap(
    worker: String, level: LogLevel, format: LogFormat,
    sink: LineSink = LineSink(descriptor: STDERR_FILENO),
    withSeverity: Bool = Telemetry.isReadByJournal,
    clock: any Clock,
    outlet: TelemetryOutlet? = nil,
    journalSocket: String? = Telemetry.isReadByJournal ? JournalSink.standardPath : nil
  ) {
    signal(SIGPIPE, SIG_IGN)
    let journal = journalSocket.flatMap { path in
      JournalSink(path: path) { count in
        LogRecord.dropped(count, at: clock.now(), worker: worker).journalEntry(format)
      }
    }
    let shared = TelemetryOutput(
      worker: worker, level: level, format: format,
      withSeverity: withSeverity, sink: sink, journal: journal, outlet: outlet,
      now: clock.now)
    output.withLock { $0 = shared }
    if journal != nil { atexit { Telemetry.flush() } }
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

  /// Lines dropped since the start because standard error did not take them at once, or records
  /// because too many waited for the journal.
  package static var droppedLines: Int {
    output.withLock { ($0?.sink.droppedLines ?? 0) + ($0?.journal?.droppedRecords ?? 0) }
  }

  /// Waits until the journal has what was logged, for a quarter of a second at most.
  package static func flush() {
    let journal = output.withLock { $0?.journal }
    journal?.flush(milliseconds: 250)
  }
}
