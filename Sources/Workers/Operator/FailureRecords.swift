// What a failed service left, in a folder of `ops/rollback` or in a root:
//
//   history.jsonl, data/history.jsonl    the supervisor's history, one HistoryEntry a line
//   journal_failed.jsonl                 journalctl --output=json: __REALTIME_TIMESTAMP (µs since
//                                        1970), PRIORITY, MESSAGE, MESSAGE_ID, WORKER, all as text
//   errors_failed.log, daemon_failed.log, logs/errors.log, logs/daemon.log
//                                        lines of the log files (JSON), or of journalctl with
//                                        --output=short-iso-precise: "time host name[pid]: text"
//   metrics.db, data/metrics.db          the monitor's values
//   data/audit.log                       the chain of audit records
//
// The log files are read where there is no journal. A line without a time is counted as unread.

import FoundationEssentials
import RiskModel
import Supervision
import VenueAPI

/// One warning or error.
struct FailureRecord: Equatable, Codable {
  var at: String
  var isError: Bool
  /// The process that spoke, as it names itself.
  var source: String
  var text: String
  /// The kind of the record, where it has one.
  var messageID: String?

  var kind: MessageID? { messageID.flatMap(MessageID.init) }
}

/// Everything of a folder that could be read.
struct FailureRecords {
  /// What was read from a file.
  struct File: Equatable, Codable {
    var name: String
    var records: Int
    /// Lines that say nothing to this program.
    var unread: Int
  }

  private static let logs = [
    "errors_failed.log", "daemon_failed.log", "logs/errors.log", "logs/daemon.log",
  ]

  private(set) var files: [File] = []
  /// Oldest first.
  private(set) var history: [HistoryEntry] = []
  /// Warnings and errors, oldest first.
  private(set) var records: [FailureRecord] = []

  init(folder: String) {
    for name in ["history.jsonl", "data/history.jsonl"] where history.isEmpty {
      history = lines(folder, name) { line in
        guard let entry = try? JSONDecoder().decode(HistoryEntry.self, from: Data(line.utf8)) else {
          return .unread
        }
        return .kept(entry)
      }
    }
    records = lines(folder, "journal_failed.jsonl") { line in
      Self.journalRecord(line).map { .kept($0) } ?? .unread
    }
    if records.isEmpty { takeLogs(folder) }
    records.sort { $0.at < $1.at }
    history.sort { $0.time < $1.time }
  }

  /// A record of errors.log stands in daemon.log too.
  private mutating func takeLogs(_ folder: String) {
    var known: Set<[String]> = []
    for name in Self.logs {
      let isErrors = name.contains("errors")
      let found: [FailureRecord] = lines(folder, name) { line in
        if let record = Self.logRecord(line) ?? Self.textRecord(line, isError: isErrors) {
          return .kept(record)
        }
        return Self.isInformation(line, isErrors: isErrors) ? .passed : .unread
      }
      records += found.filter { known.insert([$0.at, $0.text]).inserted }
    }
  }

  private enum Line<Record> {
    case kept(Record)
    /// Understood, and of no interest here.
    case passed
    case unread
  }

  private mutating func lines<Record>(
    _ folder: String, _ name: String, _ read: (Substring) -> Line<Record>
  ) -> [Record] {
    guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return [] }
    var file = File(name: name, records: 0, unread: 0)
    var records: [Record] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      switch read(line) {
      case .kept(let record):
        records.append(record)
        file.records += 1
      case .passed: file.records += 1
      case .unread: file.unread += 1
      }
    }
    files.append(file)
    return records
  }

  private struct JournalLine: Decodable {
    var __REALTIME_TIMESTAMP: String
    var MESSAGE: String
    var PRIORITY: String?
    var MESSAGE_ID: String?
    var WORKER: String?
  }

  private static func journalRecord(_ line: Substring) -> FailureRecord? {
    guard let entry = try? JSONDecoder().decode(JournalLine.self, from: Data(line.utf8)),
      let microseconds = Int64(entry.__REALTIME_TIMESTAMP)
    else { return nil }
    return FailureRecord(
      at: Instant(nanosSinceEpoch: microseconds * 1_000).timestamp,
      isError: (entry.PRIORITY.flatMap { Int($0) } ?? 6) <= 3, source: entry.WORKER ?? "systemd",
      text: printable(entry.MESSAGE, limit: 400), messageID: entry.MESSAGE_ID)
  }

  private struct LogLine: Decodable {
    var timestamp: String
    var level: String
    var logger: String
    var message: String
    var messageId: String?
  }

  private static func logRecord(_ line: Substring) -> FailureRecord? {
    guard line.hasPrefix("{"),
      let entry = try? JSONDecoder().decode(LogLine.self, from: Data(line.utf8)),
      ["WARNING", "ERROR"].contains(entry.level)
    else { return nil }
    return FailureRecord(
      at: entry.timestamp, isError: entry.level == "ERROR", source: entry.logger,
      text: printable(entry.message, limit: 400), messageID: entry.messageId)
  }

  /// A line of journalctl; only a file of errors tells how bad it is.
  private static func textRecord(_ line: Substring, isError: Bool) -> FailureRecord? {
    let parts = line.split(separator: " ", maxSplits: 3)
    guard isError, parts.count == 4, let at = instant(parts[0]) else { return nil }
    let name = parts[2].prefix { $0 != "[" && $0 != ":" }
    return FailureRecord(
      at: at.timestamp, isError: true, source: String(name),
      text: printable(String(parts[3]), limit: 400), messageID: nil)
  }

  /// Lines below a warning are read and not kept.
  private static func isInformation(_ line: Substring, isErrors: Bool) -> Bool {
    if line.hasPrefix("{") {
      return (try? JSONDecoder().decode(LogLine.self, from: Data(line.utf8))) != nil
    }
    return !isErrors && line.split(separator: " ", maxSplits: 1).first.flatMap(instant) != nil
  }

  /// `2026-11-22T21:00:00.123456+00:00`; older journals leave the colon of the zone out.
  private static func instant(_ text: Substring) -> Instant? {
    if let instant = VenueTimestamp.instant(String(text)) { return instant }
    guard text.count > 5 else { return nil }
    return VenueTimestamp.instant("\(text.dropLast(2)):\(text.suffix(2))")
  }
}
