// A record in the journal's native protocol: one datagram of lines "FIELD=value\n".
//
//   MESSAGE            what people read: a text line from the worker on, or the JSON line
//   PRIORITY           the severity of syslog, 7 (debug) to 2 (critical)
//   SYSLOG_IDENTIFIER  riskd
//   WORKER             the process that speaks; a second one when the record is about a worker
//   TIMESTAMP          when it was said; the journal's own time is that of its arrival
//   MESSAGE_ID         the kind of the record, where it has one (see MessageID)
//   DECISION_ID        of a record about a target: the target's id, from breach to proof
//   LOG_DROPPED        of the record that says so: how many records were dropped before it
//   TRUNCATED          1 when something was left out
//
// Every metadata key is a field too: in capitals, with "_" before a capital within it and for every
// character that is neither letter nor digit. account_id and rule_id are ACCOUNT and RULE; a key
// that would take one of the names above, or begin with a digit or "_", gets "DATA_" before it.
//
// Values are escaped as in text lines, so none has a newline in it and none needs the protocol's
// form with a length. A value is at most 1 KiB, MESSAGE 8 KiB, and the datagram 32 KiB, which every
// socket takes; nothing has to go through a file.

import Logging
import RiskModel

extension LogRecord {
  static let mostEntryBytes = 32 * 1_024
  private static let mostValueBytes = 1_024
  private static let aliases = ["ACCOUNT_ID": "ACCOUNT", "RULE_ID": "RULE"]
  private static let ownFields: Set<String> = [
    "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TIMESTAMP", "MESSAGE_ID", "DECISION_ID",
    "LOG_DROPPED", "TRUNCATED",
  ]

  func journalEntry(_ format: LogFormat) -> [UInt8] {
    let ending = "TRUNCATED=1\n"
    var entry = BoundedLine(limit: Self.mostEntryBytes, reserve: ending.utf8.count)
    entry.append("MESSAGE=\(shownMessage(format))\n")
    entry.append("PRIORITY=\(level.severity)\n")
    entry.append("SYSLOG_IDENTIFIER=riskd\n")
    entry.append("WORKER=\(Self.value(.string(worker)))\n")
    entry.append("TIMESTAMP=\(timestamp)\n")
    if let messageID { entry.append("MESSAGE_ID=\(Self.value(.string(messageID)))\n") }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let text = Self.value(value)
      entry.append("\(Self.field(key))=\(text)\n")
      if key == "target" { entry.append("DECISION_ID=\(text)\n") }
    }
    if let droppedRecords { entry.append("LOG_DROPPED=\(droppedRecords)\n") }
    if entry.isTruncated { entry.finish(ending) }
    return entry.bytes
  }

  private func shownMessage(_ format: LogFormat) -> String {
    switch format {
    case .text: return bareLine(most: BoundedLine.mostBytes)
    case .json:
      return String(decoding: jsonLine(most: BoundedLine.mostBytes).dropLast(), as: UTF8.self)
    }
  }

  private static func value(_ value: Logger.MetadataValue) -> String {
    Escaping.bare.escape(flatText(value), most: mostValueBytes)
  }

  /// The journal's name of a metadata key: at most 64 capitals, digits and "_".
  static func field(_ key: String) -> String {
    var name = ""
    var wasSmall = false
    for character in key.unicodeScalars {
      switch character {
      case "a"..."z":
        name += String(character).uppercased()
      case "A"..."Z":
        if wasSmall { name += "_" }
        name.unicodeScalars.append(character)
      case "0"..."9":
        name.unicodeScalars.append(character)
      default:
        name += "_"
      }
      wasSmall = ("a"..."z").contains(character)
    }
    name = String((aliases[name] ?? name).prefix(59))
    let isFree = name.first.map { $0.isLetter } ?? false
    return isFree && !ownFields.contains(name) ? name : "DATA_\(name)"
  }
}

extension LogRecord {
  /// What the journal is told when records did not reach it.
  static func dropped(_ count: Int, at: Instant, worker: String) -> LogRecord {
    var record = LogRecord(
      at: at, level: .warning, worker: worker, message: "log records were dropped",
      metadata: [
        "count": .stringConvertible(count),
        messageIDKey: .string(MessageID.logDropped.rawValue),
      ])
    record.droppedRecords = count
    return record
  }
}
