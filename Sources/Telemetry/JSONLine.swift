// A JSON line: one object with the members `timestamp` (ISO 8601, UTC, milliseconds), `level`,
// `worker` and `message`, in this order, `message_id` where the record has one, then the metadata by
// key; a key of one of these names gets
// an underscore at its end. Values are strings, arrays and objects, as in the metadata.
// `"truncated":true` ends a line that had to leave something out. Control characters are escaped.

import Logging

extension LogRecord {
  private static let ownKeys: Set<String> = [
    "timestamp", "level", "worker", "message", "message_id", "truncated",
  ]

  func jsonLine(most limit: Int) -> [UInt8] {
    let ending = ",\"truncated\":true"
    var line = BoundedLine(limit: limit, reserve: ending.utf8.count + 2)
    let shownLevel = LogLevel(of: level).rawValue
    line.append("{\"timestamp\":\"\(timestamp)\",\"level\":\"\(shownLevel)\"")
    line.append(",\"worker\":" + LogRecord.json(worker, most: line.mostValueBytes))
    line.append(",\"message\":" + LogRecord.json(message, most: line.mostMessageBytes))
    if let messageID {
      line.append(",\"message_id\":" + LogRecord.json(messageID, most: line.mostValueBytes))
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let name = LogRecord.ownKeys.contains(key) ? key + "_" : key
      line.append(
        ",\(LogRecord.json(name, most: 64)):\(LogRecord.json(value, most: line.mostValueBytes))")
    }
    line.finish(line.isTruncated ? ending + "}\n" : "}\n")
    return line.bytes
  }

  private static func json(_ text: String, most: Int) -> String {
    "\"\(Escaping.json.escape(text, most: most))\""
  }

  private static func json(_ value: Logger.MetadataValue, most: Int) -> String {
    switch value {
    case .string(let text): return json(text, most: most)
    case .stringConvertible(let value):
      return json(value is any Redacted ? redaction : value.description, most: most)
    case .array(let values):
      return "[" + values.map { json($0, most: most) }.joined(separator: ",") + "]"
    case .dictionary(let entries):
      let members = entries.sorted { $0.key < $1.key }.map { key, value in
        json(key, most: 64) + ":" + json(value, most: most)
      }
      return "{" + members.joined(separator: ",") + "}"
    }
  }
}
