// A text line:
//
//   ["<" severity ">"] timestamp " " level " " worker ": " message
//     ["  " key "=" value {" " key "=" value}]
//
// The level is padded to five characters. Keys are sorted; characters other than letters, digits,
// "_", "." and "-" become "_" in them. A value that is empty or holds a blank, "=", "\"" or "\\"
// stands in double quotes. Characters that could end the line or move the cursor are escaped
// everywhere. `truncated=true` ends a line that had to leave something out.

import Logging

extension LogRecord {
  func textLine(withSeverity: Bool, most limit: Int) -> [UInt8] {
    let ending = " truncated=true"
    var line = BoundedLine(limit: limit, reserve: ending.utf8.count + 1)
    if withSeverity { line.append("<\(level.severity)>") }
    let shownLevel = LogLevel(of: level).rawValue
    let padding = String(repeating: " ", count: max(0, 5 - shownLevel.utf8.count))
    line.append("\(timestamp) \(shownLevel)\(padding) ")
    appendBody(to: &line)
    line.finish(line.isTruncated ? ending + "\n" : "\n")
    return line.bytes
  }

  /// The line from the worker on, for readers that know time and severity already.
  func bareLine(most limit: Int) -> String {
    let ending = " truncated=true"
    var line = BoundedLine(limit: limit, reserve: ending.utf8.count)
    appendBody(to: &line)
    if line.isTruncated { line.finish(ending) }
    return String(decoding: line.bytes, as: UTF8.self)
  }

  private func appendBody(to line: inout BoundedLine) {
    let shownWorker = Escaping.bare.escape(worker, most: line.mostValueBytes)
    line.append("\(shownWorker): ")
    line.append(Escaping.bare.escape(message, most: line.mostMessageBytes))
    var separator = "  "
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      line.append(
        "\(separator)\(LogRecord.plainKey(key))=\(LogRecord.text(value, most: line.mostValueBytes))"
      )
      separator = " "
    }
  }

  private static func plainKey(_ key: String) -> String {
    String(
      key.prefix(64).map { character in
        character.isASCII
          && (character.isLetter || character.isNumber || "_.-".contains(character))
          ? character : "_"
      })
  }

  private static func text(_ value: Logger.MetadataValue, most: Int) -> String {
    let flat = flatText(value)
    let isPlain =
      !flat.isEmpty && !flat.contains(where: { $0.isWhitespace || "=\"\\".contains($0) })
    return isPlain
      ? Escaping.bare.escape(flat, most: most) : "\"\(Escaping.quoted.escape(flat, most: most))\""
  }

  static func flatText(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .string(let text): text
    case .stringConvertible(let value): value is any Redacted ? redaction : value.description
    case .array(let values): "[" + values.map(flatText).joined(separator: ", ") + "]"
    case .dictionary(let entries):
      "{"
        + entries.sorted { $0.key < $1.key }.map { "\($0.key): \(flatText($0.value))" }
        .joined(separator: ", ") + "}"
    }
  }
}
