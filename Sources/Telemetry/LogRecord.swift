import Logging
import RiskModel

/// One record with everything that a line shows.
struct LogRecord: Sendable {
  var at: Instant
  var level: Logger.Level
  /// The process that speaks: `supervisor`, `evaluator`.
  var worker: String
  var message: String
  var metadata: Logger.Metadata
  /// The kind of the record, for machines; people are spared it.
  var messageID: String?
  /// Of a record that says so: how many were dropped before it.
  var droppedRecords: Int?

  init(
    at: Instant, level: Logger.Level, worker: String, message: String,
    metadata: Logger.Metadata = [:]
  ) {
    self.at = at
    self.level = level
    self.worker = worker
    self.message = message
    self.metadata = metadata
    if case .string(let id)? = self.metadata.removeValue(forKey: LogRecord.messageIDKey) {
      messageID = id
    }
  }

  /// The metadata key of `messageID`.
  static let messageIDKey = "message_id"

  /// The line of the record, newline included.
  ///
  /// A long message or value is cut and ends with `…`; what does not fit at all is left out, and
  /// the line says `truncated`.
  ///
  /// `withSeverity` puts `<N>`, the severity of syslog, before a text line, which is how the
  /// journal learns it.
  func line(_ format: LogFormat, withSeverity: Bool, most limit: Int) -> [UInt8] {
    switch format {
    case .text: textLine(withSeverity: withSeverity, most: limit)
    case .json: jsonLine(most: limit)
    }
  }

  /// `2026-11-22T13:00:00.123Z`
  var timestamp: String {
    let milliseconds = at.nanosSinceEpoch / 1_000_000
    let second = Int(milliseconds / 1_000)
    let date = CivilDate(daysSinceEpoch: second / 86_400)
    let parts = [second / 3_600 % 24, second / 60 % 60, second % 60].map { padded($0, 2) }
    return "\(date)T\(parts.joined(separator: ":")).\(padded(Int(milliseconds % 1_000), 3))Z"
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
