package import Logging
package import RiskModel
import Synchronization

/// What all loggers of a process share: how lines look, where they go and which ones pass.
package final class TelemetryOutput: Sendable {
  let sink: LineSink
  let journal: JournalSink?
  private let outlet: TelemetryOutlet?
  private let worker: String
  private let format: LogFormat
  private let withSeverity: Bool
  private let now: @Sendable () -> Instant
  private let level: Mutex<LogLevel>

  package init(
    worker: String, level: LogLevel, format: LogFormat, withSeverity: Bool, sink: LineSink,
    journal: JournalSink? = nil, outlet: TelemetryOutlet? = nil,
    now: @escaping @Sendable () -> Instant
  ) {
    self.worker = worker
    self.level = Mutex(level)
    self.format = format
    self.withSeverity = withSeverity
    self.sink = sink
    self.journal = journal
    self.outlet = outlet
    self.now = now
  }

  /// The least level that passes, for loggers without a level of their own.
  package var threshold: LogLevel {
    get { level.withLock { $0 } }
    set { level.withLock { $0 = newValue } }
  }

  func emit(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    let record = LogRecord(
      at: now(), level: level, worker: worker, message: message, metadata: metadata)
    outlet?.append(.record(record))
    if let journal {
      journal.write(record.journalEntry(format))
      return
    }
    sink.reportDrops { count in
      line(.warning, "log lines were dropped", ["count": .stringConvertible(count)])
    }
    sink.write(record.line(format, withSeverity: withSeverity, most: sink.mostBytes))
  }

  private func line(
    _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
  ) -> [UInt8] {
    LogRecord(at: now(), level: level, worker: worker, message: message, metadata: metadata)
      .line(format, withSeverity: withSeverity, most: sink.mostBytes)
  }
}

/// The swift-log back end of riskd's processes.
package struct TelemetryHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  private let output: TelemetryOutput
  private var ownLevel: Logger.Level?

  package init(_ output: TelemetryOutput) {
    self.output = output
  }

  /// A level of the logger's own, once set; until then the process's.
  package var logLevel: Logger.Level {
    get { ownLevel ?? output.threshold.threshold }
    set { ownLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let error = event.error {
      all["error"] = error is any Redacted ? .string(redaction) : .string("\(error)")
    }
    if let own = event.metadata { all.merge(own) { $1 } }
    output.emit(event.level, "\(event.message)", all)
  }
}
