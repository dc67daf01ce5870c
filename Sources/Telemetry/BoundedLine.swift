/// A line under construction that never grows past its limit.
///
/// Pieces are taken whole or not at all, so that a line that had to leave something out is still
/// well-formed.
struct BoundedLine {
  /// The longest line in bytes, the newline included.
  static let mostBytes = 8 * 1_024

  private(set) var bytes: [UInt8] = []
  private(set) var isTruncated = false
  private let limit: Int
  /// What the end of the line will need.
  private let reserve: Int

  init(limit: Int, reserve: Int) {
    self.limit = limit
    self.reserve = reserve
    bytes.reserveCapacity(256)
  }

  /// The longest message, and the longest value of one metadata key, after escaping.
  var mostMessageBytes: Int { limit / 2 }
  var mostValueBytes: Int { limit / 8 }

  /// Adds a piece if it fits.
  mutating func append(_ piece: String) {
    if bytes.count + piece.utf8.count + reserve <= limit {
      bytes += piece.utf8
    } else {
      isTruncated = true
    }
  }

  /// Adds a piece that `reserve` has made room for.
  mutating func finish(_ piece: String) {
    bytes += piece.utf8
  }
}

/// How characters that must not pass are written.
enum Escaping {
  /// A JSON string's content.
  case json
  /// A bare text: only what could move the cursor, end the line or reorder it.
  case bare
  /// A text within double quotes.
  case quoted

  /// The text with its special characters escaped, cut to a number of bytes.
  func escape(_ text: String, most: Int) -> String {
    var escaped = ""
    var count = 0
    for character in text.unicodeScalars {
      let piece = escape(character)
      count += piece?.utf8.count ?? UTF8.width(character)
      guard count <= most else { return escaped + "…" }
      if let piece { escaped += piece } else { escaped.unicodeScalars.append(character) }
    }
    return escaped
  }

  private func escape(_ character: Unicode.Scalar) -> String? {
    switch character {
    case "\"", "\\": return self == .bare ? nil : "\\\(character)"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default: break
    }
    if character.isASCII { return (0x20..<0x7F).contains(character.value) ? nil : code(character) }
    switch character.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return code(character)
    default: return nil
    }
  }

  private func code(_ character: Unicode.Scalar) -> String {
    guard self == .json else { return "\\u{\(String(character.value, radix: 16))}" }
    return String(character).utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
