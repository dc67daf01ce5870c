/// Why a text is not JSON, with the line and column (from 1, in bytes) of the first wrong byte.
package struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int
  package var problem: String

  package var description: String { "line \(line), column \(column): \(problem)" }
}

extension JSONValue {
  /// Lists and objects within one another; deeper text is refused so that it cannot exhaust the
  /// stack.
  package static let maximumDepth = 64

  /// Reads one JSON text, white space around it allowed, nothing else after it.
  package init(parsing bytes: some Sequence<UInt8>) throws(JSONSyntaxError) {
    var reader = JSONReader(bytes: Array(bytes))
    self = try reader.document()
  }

  package init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: text.utf8)
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("nothing may follow the value") }
    return value
  }

  private func failure(_ problem: String) -> JSONSyntaxError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return JSONSyntaxError(line: line, column: before.count - lineStart + 1, problem: problem)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < JSONValue.maximumDepth else {
      throw failure("more than \(JSONValue.maximumDepth) lists and objects within one another")
    }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case nil: throw failure("the text ends where a value is due")
    case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
    default: throw failure("a value is due here")
    }
  }

  private mutating func literal(
    _ text: String, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else {
      throw failure("`\(text)` is due here")
    }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    if current == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = position
    while let byte = current, isDigit(byte) { position += 1 }
    guard position > start else { throw failure("a digit is due here") }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    guard !accept("]") else { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      if accept("]") { return .array(elements) }
      guard accept(",") else { throw failure("`,` or `]` is due here") }
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    position += 1
    var members: [JSONMember] = []
    guard !accept("}") else { return .object([JSONMember]()) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw failure("a member name is due here") }
      let name = try string()
      guard !members.contains(where: { $0.name == name }) else {
        throw failure("the member `\(name)` is there twice")
      }
      guard accept(":") else { throw failure("`:` is due here") }
      members.append(JSONMember(name, try value(depth: depth + 1)))
      if accept("}") { return .object(members) }
      guard accept(",") else { throw failure("`,` or `}` is due here") }
    }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw failure("the text is not UTF-8")
        }
        return valid
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      case 0..<0x20:
        throw failure("a control character within a text")
      default:
        text.append(byte)
      }
    }
    throw failure("the text is not closed")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    guard let byte = current else { throw failure("the text is not closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
    default: throw failure("an unknown escape within a text")
    }
  }

  private mutating func scalar() throws(JSONSyntaxError) -> Character {
    let first = try codeUnit()
    var code = first
    if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let second = try codeUnit()
      guard (0xDC00..<0xE000).contains(second) else { throw failure("a broken surrogate pair") }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a broken surrogate pair") }
    return Character(scalar)
  }

  private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      let code = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits are due here") }
    position = end
    return code
  }
}
