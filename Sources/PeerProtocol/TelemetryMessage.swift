// The wire format of a telemetry pipe: from one process to the monitor, and never back.
//
// Frames as in `Frame`: a length of four bytes, big-endian, then one UTF-8 JSON object, here
// {"message": {...}, "startedAt": ns}. What the pipe does not take waits in a ring of bounded size;
// what does not fit there is left out, and so is what was in a pipe that nobody read to its end. The
// sender counts both and says so with `missed`. Nothing is acknowledged or sent again.

package import RiskModel

/// What a process tells the monitor. None of it is needed to protect an account.
package enum TelemetryMessage: Equatable, Sendable, Codable {
  /// A record of the log, for the log files.
  case log(LoggedRecord)
  /// What the process has done, about once a second.
  case reading(ProcessReading)
  /// What a screen shows, as the JSON text of its sender; the monitor hands it on as it is.
  case news(topic: String, body: String)
  /// So many messages of this process were left out since the last one that came.
  case missed(Int64)
}

/// A frame of a telemetry pipe.
package struct TelemetryFrame: Equatable, Sendable, Codable {
  /// Start of the process, in nanoseconds since 1970.
  package var startedAt: Int64
  package var message: TelemetryMessage

  package init(startedAt: Instant, message: TelemetryMessage) {
    self.startedAt = startedAt.nanosSinceEpoch
    self.message = message
  }
}

/// One record of a process's log, rendered.
package struct LoggedRecord: Equatable, Sendable, Codable {
  package enum Level: String, Sendable, Codable, CaseIterable, Comparable {
    case debug = "DEBUG"
    case info = "INFO"
    case warning = "WARNING"
    case error = "ERROR"

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (lhs: Level, rhs: Level) -> Bool { lhs.rank < rhs.rank }
  }

  package var at: Instant
  package var level: Level
  /// The process that speaks.
  package var logger: String
  package var message: String
  /// The kind of the record, for machines.
  package var messageID: String?
  /// Already redacted.
  package var context: [String: String]

  package init(
    at: Instant, level: Level, logger: String, message: String, messageID: String? = nil,
    context: [String: String] = [:]
  ) {
    self.at = at
    self.level = level
    self.logger = logger
    self.message = message
    self.messageID = messageID
    self.context = context
  }
}

/// What a process has done since its start, and how it is now.
///
/// Everything counts from the start of the process: a reading that is left out costs nothing. What a
/// reading does not name is as it was.
package struct ProcessReading: Equatable, Sendable, Codable {
  /// Counters and states of the role, by name; the same that status screens show.
  package var figures: [String: Int64]
  /// By name: how long things took.
  package var latencies: [String: LatencyCounts]

  package init(figures: [String: Int64] = [:], latencies: [String: LatencyCounts] = [:]) {
    self.figures = figures
    self.latencies = latencies
  }
}
