// JSON text (RFC 8259), read strictly: one value, white space around it, nothing else.
//
//   value   = object / array / string / number / true / false / null
//   number  = [-] (0 / 1-9 *digit) [. 1*digit] [(e / E) [+ / -] 1*digit]     kept as text
//   string  = " *( any but " \ and control / \" \\ \/ \b \f \n \r \t / \uXXXX ) "
//
// Nesting is limited to 32 levels; a venue reply has 3. Invalid UTF-8, a lone surrogate, a number
// of more than 64 characters and anything behind the value are errors. An error is the offset of
// the first byte that cannot be.

struct JSONReader {
  static let nestingLimit = 32
  static let numberLengthLimit = 64

  private let bytes: [UInt8]
  private let count: Int
  private var offset = 0
  private var nesting = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    count = bytes.count
  }

  static func read(_ bytes: [UInt8]) throws(VenueError) -> JSONValue {
    var reader = JSONReader(bytes)
    reader.skipSpace()
    let value = try reader.value()
    reader.skipSpace()
    guard reader.offset == reader.count else { throw reader.unexpected }
    return value
  }

  private var unexpected: VenueError { .notJSON(offset: offset) }

  private mutating func skipSpace() {
    while offset < count {
      let byte = bytes[offset]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      offset += 1
    }
  }

  private mutating func value() throws(VenueError) -> JSONValue {
    guard offset < count else { throw unexpected }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try nested { (reader) throws(VenueError) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(VenueError) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws(VenueError) -> JSONValue
  ) throws(VenueError) -> JSONValue {
    guard nesting < JSONReader.nestingLimit else { throw unexpected }
    nesting += 1
    offset += 1
    skipSpace()
    let value = try read(&self)
    nesting -= 1
    return value
  }

  private mutating func object() throws(VenueError) -> JSONValue {
    var members: [JSONValue.Member] = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      guard offset < count, bytes[offset] == UInt8(ascii: "\"") else { throw unexpected }
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected }
      skipSpace()
      members.append(JSONValue.Member(name: name, value: try value()))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw unexpected }
      skipSpace()
    }
  }

  private mutating func array() throws(VenueError) -> JSONValue {
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw unexpected }
      skipSpace()
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(VenueError) -> JSONValue {
    let end = offset + text.utf8CodeUnitCount
    guard end <= count, String(decoding: bytes[offset..<end], as: UTF8.self) == "\(text)" else {
      throw unexpected
    }
    offset = end
    return value
  }

  private mutating func number() throws(VenueError) -> String {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    guard offset - start <= JSONReader.numberLengthLimit else { throw .notJSON(offset: start) }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func digits() throws(VenueError) {
    let start = offset
    while offset < count, bytes[offset] >= UInt8(ascii: "0"), bytes[offset] <= UInt8(ascii: "9") {
      offset += 1
    }
    guard offset > start else { throw unexpected }
  }

  private mutating func string() throws(VenueError) -> String {
    offset += 1
    let start = offset
    while offset < count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
          throw .notJSON(offset: start)
        }
        offset += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      guard byte >= 0x20 else { throw unexpected }
      offset += 1
    }
    throw unexpected
  }

  /// Reads a string that has escapes, which the venue's payloads hardly ever have.
  private mutating func escapedString(from start: Int) throws(VenueError) -> String {
    var plain = Array(bytes[start..<offset])
    while offset < count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: plain, as: UTF8.self) else {
          throw .notJSON(offset: start)
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        offset += 1
        plain.append(contentsOf: String(try escape()).utf8)
      case 0x20...:
        plain.append(byte)
        offset += 1
      default:
        throw unexpected
      }
    }
    throw unexpected
  }

  private mutating func escape() throws(VenueError) -> Character {
    guard offset < count else { throw unexpected }
    let short: Character? =
      switch bytes[offset] {
      case UInt8(ascii: "\""): "\""
      case UInt8(ascii: "\\"): "\\"
      case UInt8(ascii: "/"): "/"
      case UInt8(ascii: "b"): "\u{8}"
      case UInt8(ascii: "f"): "\u{C}"
      case UInt8(ascii: "n"): "\n"
      case UInt8(ascii: "r"): "\r"
      case UInt8(ascii: "t"): "\t"
      default: nil
      }
    if let short {
      offset += 1
      return short
    }
    guard take(UInt8(ascii: "u")) else { throw unexpected }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw unexpected }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw unexpected }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw unexpected }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(VenueError) -> UInt32 {
    guard offset + 4 <= count else { throw unexpected }
    var code: UInt32 = 0
    for byte in bytes[offset..<offset + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected
      }
      code = code << 4 | UInt32(digit)
    }
    offset += 4
    return code
  }
}
