import LogFiles
import Logging
import MonitorRole
import ProcessControl
import RiskModel

/// The log files of a root.
final class LogFolder: LogShelf {
  private let files: [LogFile: RotatingFile]
  private let logger: Logger
  /// Files that could not be written last time; the journal is told once.
  private var failing: Set<LogFile> = []
  private(set) var unwritten: Int64 = 0

  init(_ rules: [LogFile: LogFileRule], zone: TimeZoneRule, pace: ClockPace, logger: Logger) {
    files = rules.mapValues { RotatingFile($0, zone: zone, civil: pace.civil) }
    self.logger = logger
  }

  /// Whether every file took what was written to it last.
  var isSound: Bool { failing.isEmpty }

  func write(_ line: [UInt8], to file: LogFile, at: Instant) {
    guard let target = files[file] else { return }
    do {
      try target.write(line, at: at)
      failing.remove(file)
    } catch {
      unwritten += 1
      target.close()
      guard failing.insert(file).inserted else { return }
      logger.error("A log file cannot be written", metadata: ["problem": "\(error)"])
    }
  }

  func close() {
    for file in files.values { file.close() }
  }
}
