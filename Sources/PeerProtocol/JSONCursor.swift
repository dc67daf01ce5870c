/// Walks over JSON text without building values of it.
///
/// It accepts what RFC 8259 accepts, down to 64 levels, and reports the offset of the first byte
/// that does not fit. The text must be valid UTF-8.
struct JSONCursor {
  struct Fault: Error {
    var offset: Int
  }

  private static let deepest = 64

  private let text: [UInt8]
  private(set) var offset = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// Calls `visit` with the key and the place of the value for each member of the one object that
  /// is the whole text. Keys are as written, escapes included.
  mutating func forEachMember(
    _ visit: (ArraySlice<UInt8>, Range<Int>) -> Void
  ) throws(Fault) {
    skipWhitespace()
    try expect("{")
    try skipMembers(depth: 1, visit)
    skipWhitespace()
    guard offset == text.count else { throw Fault(offset: offset) }
  }

  private mutating func skipMembers(
    depth: Int, _ visit: (ArraySlice<UInt8>, Range<Int>) -> Void
  ) throws(Fault) {
    skipWhitespace()
    if take("}") { return }
    repeat {
      skipWhitespace()
      let key = try skipString()
      skipWhitespace()
      try expect(":")
      skipWhitespace()
      let start = offset
      try skipValue(depth: depth)
      visit(text[key], start..<offset)
      skipWhitespace()
    } while take(",")
    try expect("}")
  }

  private mutating func skipValue(depth: Int) throws(Fault) {
    guard depth <= JSONCursor.deepest else { throw Fault(offset: offset) }
    switch byte {
    case UInt8(ascii: "{"):
      offset += 1
      try skipMembers(depth: depth + 1) { _, _ in }
    case UInt8(ascii: "["):
      offset += 1
      try skipElements(depth: depth + 1)
    case UInt8(ascii: "\""):
      _ = try skipString()
    case UInt8(ascii: "t"):
      try skipLiteral("true")
    case UInt8(ascii: "f"):
      try skipLiteral("false")
    case UInt8(ascii: "n"):
      try skipLiteral("null")
    default:
      try skipNumber()
    }
  }

  private mutating func skipElements(depth: Int) throws(Fault) {
    skipWhitespace()
    if take("]") { return }
    repeat {
      skipWhitespace()
      try skipValue(depth: depth)
      skipWhitespace()
    } while take(",")
    try expect("]")
  }

  /// Returns the place of the text between the quotes.
  private mutating func skipString() throws(Fault) -> Range<Int> {
    try expect("\"")
    let start = offset
    while let byte {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return start..<(offset - 1)
      case UInt8(ascii: "\\"):
        offset += 1
        try skipEscape()
      case 0..<0x20:
        throw Fault(offset: offset)
      default:
        offset += 1
      }
    }
    throw Fault(offset: offset)
  }

  private mutating func skipEscape() throws(Fault) {
    guard let byte, "\"\\/bfnrtu".utf8.contains(byte) else { throw Fault(offset: offset) }
    offset += 1
    guard byte == UInt8(ascii: "u") else { return }
    for _ in 0..<4 {
      guard let digit = self.byte, Character(UnicodeScalar(digit)).isHexDigit, digit < 0x80 else {
        throw Fault(offset: offset)
      }
      offset += 1
    }
  }

  private mutating func skipNumber() throws(Fault) {
    _ = take("-")
    if !take("0") { try skipDigits() }
    if take(".") { try skipDigits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(Fault) {
    let start = offset
    while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    guard offset > start else { throw Fault(offset: offset) }
  }

  private mutating func skipLiteral(_ literal: StaticString) throws(Fault) {
    for index in 0..<literal.utf8CodeUnitCount {
      guard byte == literal.utf8Start[index] else { throw Fault(offset: offset) }
      offset += 1
    }
  }

  private mutating func skipWhitespace() {
    while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private var byte: UInt8? { offset < text.count ? text[offset] : nil }

  private mutating func take(_ scalar: UnicodeScalar) -> Bool {
    guard byte == UInt8(ascii: scalar) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ scalar: UnicodeScalar) throws(Fault) {
    guard take(scalar) else { throw Fault(offset: offset) }
  }
}
