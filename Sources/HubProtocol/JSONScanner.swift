/// Finds the members of a JSON object (RFC 8259) without building their values.
///
/// The whole text is checked for syntax, so that a payload handed on is one complete JSON value;
/// what it means is the business of its owner, who decodes it once. Strings inside a payload are
/// not checked for UTF-8 here.
struct JSONScanner {
  /// One member of the outermost object; the value is the exact range of its text.
  struct Member {
    var name: String
    var value: ArraySlice<UInt8>
  }

  static let nestingLimit = 64

  private let text: ArraySlice<UInt8>
  private var position: Int

  private init(_ text: ArraySlice<UInt8>) {
    self.text = text
    position = text.startIndex
  }

  static func members(of text: ArraySlice<UInt8>) throws(HubEnvelopeError) -> [Member] {
    var scanner = JSONScanner(text)
    scanner.skipSpace()
    guard scanner.peek == UInt8(ascii: "{") else {
      try scanner.skipValue(depth: 0)
      throw .notAnObject
    }
    scanner.position += 1
    var members: [Member] = []
    try scanner.list(until: UInt8(ascii: "}")) { scanner throws(HubEnvelopeError) in
      let name = try scanner.memberName()
      let start = scanner.position
      try scanner.skipValue(depth: 1)
      guard let name = JSONScanner.string(name) else { throw scanner.malformed }
      members.append(Member(name: name, value: text[start..<scanner.position]))
    }
    scanner.skipSpace()
    guard scanner.peek == nil else { throw scanner.malformed }
    return members
  }

  private var peek: UInt8? { position < text.endIndex ? text[position] : nil }

  private var malformed: HubEnvelopeError { .malformed(offset: position - text.startIndex) }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipValue(depth: Int) throws(HubEnvelopeError) {
    guard depth < JSONScanner.nestingLimit else {
      throw .nestedTooDeep(limit: JSONScanner.nestingLimit)
    }
    switch peek {
    case UInt8(ascii: "{"):
      position += 1
      try list(until: UInt8(ascii: "}")) { scanner throws(HubEnvelopeError) in
        _ = try scanner.memberName()
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      position += 1
      try list(until: UInt8(ascii: "]")) { scanner throws(HubEnvelopeError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "\""): _ = try skipString()
    case UInt8(ascii: "t"): try skipWord("true")
    case UInt8(ascii: "f"): try skipWord("false")
    case UInt8(ascii: "n"): try skipWord("null")
    default: try skipNumber()
    }
  }

  /// Elements with commas between them, up to and including the closing bracket.
  private mutating func list(
    until end: UInt8, _ element: (inout JSONScanner) throws(HubEnvelopeError) -> Void
  ) throws(HubEnvelopeError) {
    skipSpace()
    if take(end) { return }
    while true {
      try element(&self)
      skipSpace()
      if take(end) { return }
      guard take(UInt8(ascii: ",")) else { throw malformed }
      skipSpace()
    }
  }

  /// A name and its colon; the range of the name is without its quotes.
  private mutating func memberName() throws(HubEnvelopeError) -> ArraySlice<UInt8> {
    guard peek == UInt8(ascii: "\"") else { throw malformed }
    let name = try skipString()
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw malformed }
    skipSpace()
    return name
  }

  private mutating func skipWord(_ word: String) throws(HubEnvelopeError) {
    for byte in word.utf8 {
      guard take(byte) else { throw malformed }
    }
  }

  private mutating func skipNumber() throws(HubEnvelopeError) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try skipDigits() }
    if take(UInt8(ascii: ".")) { try skipDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(HubEnvelopeError) {
    let start = position
    while let byte = peek, JSONScanner.isDigit(byte) { position += 1 }
    guard position > start else { throw malformed }
  }

  private mutating func skipString() throws(HubEnvelopeError) -> ArraySlice<UInt8> {
    position += 1
    let start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return text[start..<(position - 1)]
      case UInt8(ascii: "\\"):
        position += 1
        try skipEscape()
      case 0..<0x20:
        throw malformed
      default:
        position += 1
      }
    }
    throw malformed
  }

  private mutating func skipEscape() throws(HubEnvelopeError) {
    guard let byte = peek else { throw malformed }
    if byte == UInt8(ascii: "u") {
      position += 1
      for _ in 0..<4 {
        guard let digit = peek, JSONScanner.hexValue(digit) != nil else { throw malformed }
        position += 1
      }
    } else {
      guard JSONScanner.escapes[byte] != nil else { throw malformed }
      position += 1
    }
  }
}

extension JSONScanner {
  static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  static func hexValue(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The byte after a backslash and the byte that the two stand for.
  static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
  ]

  /// The text between the quotes of a scanned string; `nil` when it is not Unicode.
  static func string(_ raw: ArraySlice<UInt8>) -> String? {
    guard raw.contains(UInt8(ascii: "\\")) else { return String(validating: raw, as: UTF8.self) }
    var units: [UInt8] = []
    var rest = raw
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
        units.append(byte)
        continue
      }
      if let plain = escapes[escaped] {
        units.append(plain)
      } else {
        guard let scalar = unicodeEscape(&rest) else { return nil }
        units += Array(String(scalar).utf8)
      }
    }
    return String(validating: units, as: UTF8.self)
  }

  private static func unicodeEscape(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
    let first = codeUnit(&rest)
    guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
    guard rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
    rest = rest.dropFirst(2)
    let second = codeUnit(&rest)
    guard UTF16.isTrailSurrogate(second) else { return nil }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt16 {
    let digits = rest.prefix(4)
    rest = rest.dropFirst(4)
    return digits.reduce(0) { $0 << 4 | (hexValue($1) ?? 0) }
  }

  /// A JSON string with its quotes.
  static func quoted(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        bytes += Array("\\u00\(hex.utf8.count < 2 ? "0" : "")\(hex)".utf8)
      default:
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return bytes
  }
}
