/// Takes canonical JSON apart, in the order in which it was written.
package struct CanonicalReader {
  private let bytes: [UInt8]
  private var offset = 0
  private let general: any GeneralJSON

  package init(_ bytes: [UInt8], general: any GeneralJSON) {
    self.bytes = bytes
    self.general = general
  }

  /// Whether the whole text is read.
  package var isAtEnd: Bool { offset == bytes.count }

  package mutating func begin() throws(NotCanonical) { try expect(UInt8(ascii: "{")) }
  package mutating func end() throws(NotCanonical) { try expect(UInt8(ascii: "}")) }

  package mutating func member<Value: CanonicalValue>(
    _ name: StaticString
  ) throws(NotCanonical) -> Value {
    guard takeName(name) else { throw NotCanonical() }
    return try Value(from: &self)
  }

  /// A member that is left out when there is no value.
  package mutating func optional<Value: CanonicalValue>(
    _ name: StaticString
  ) throws(NotCanonical) -> Value? {
    guard takeName(name) else { return nil }
    return try Value(from: &self)
  }

  /// A member that is read the general way.
  package mutating func general<Value: Decodable>(
    _ name: StaticString
  ) throws(NotCanonical) -> Value {
    guard takeName(name) else { throw NotCanonical() }
    return try generalValue()
  }

  /// Begins a case of an enumeration, which `endCase` ends.
  ///
  /// - Returns: The name of the case.
  package mutating func beginCase() throws(NotCanonical) -> String {
    try begin()
    let name = try text()
    try expect(UInt8(ascii: ":"))
    try begin()
    return name
  }

  package mutating func endCase() throws(NotCanonical) {
    try end()
    try end()
  }

  package mutating func array<Element: CanonicalValue>() throws(NotCanonical) -> [Element] {
    var elements: [Element] = []
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try Element(from: &self))
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return elements
  }

  package mutating func flag() throws(NotCanonical) -> Bool {
    if take("true") { return true }
    if take("false") { return false }
    throw NotCanonical()
  }

  package mutating func integer() throws(NotCanonical) -> Int64 {
    let isNegative = take(UInt8(ascii: "-"))
    let start = offset
    var number: Int64 = 0
    while offset < bytes.count, case let digit = bytes[offset] &- UInt8(ascii: "0"), digit < 10 {
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      // Downwards, since there is one more negative number.
      let (next, isBeyond) = tens.subtractingReportingOverflow(Int64(digit))
      guard !isTooLarge, !isBeyond else { throw NotCanonical() }
      number = next
      offset += 1
    }
    let digits = offset - start
    guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0"),
      number != 0 || !isNegative, isNegative || number != .min
    else { throw NotCanonical() }
    return isNegative ? number : -number
  }

  package mutating func text() throws(NotCanonical) -> String {
    let start = offset
    try expect(UInt8(ascii: "\""))
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        defer { offset += 1 }
        return String(decoding: bytes[(start + 1)..<offset], as: UTF8.self)
      }
      guard (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") else {
        offset = start
        return try generalValue()
      }
      offset += 1
    }
    throw NotCanonical()
  }

  package mutating func generalValue<Value: Decodable>() throws(NotCanonical) -> Value {
    let start = offset
    try skipValue()
    do {
      return try general.value(Value.self, from: Array(bytes[start..<offset]))
    } catch {
      throw NotCanonical()
    }
  }

  /// Finds the end of a value; whether it is one, its decoder says.
  private mutating func skipValue() throws(NotCanonical) {
    var depth = 0
    repeat {
      guard offset < bytes.count else { throw NotCanonical() }
      switch bytes[offset] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of what the value is a member of.
        guard depth > 0 else { return }
        depth -= 1
      case UInt8(ascii: ",") where depth == 0: return
      case UInt8(ascii: "\""): try skipText()
      default: break
      }
      offset += 1
    } while offset < bytes.count || depth > 0
  }

  /// Up to the quotation mark at the end.
  private mutating func skipText() throws(NotCanonical) {
    offset += 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard offset < bytes.count else { throw NotCanonical() }
  }

  private mutating func takeName(_ name: StaticString) -> Bool {
    let start = offset
    if offset > 0, bytes[offset - 1] != UInt8(ascii: "{") {
      guard take(UInt8(ascii: ",")) else { return false }
    }
    guard take(UInt8(ascii: "\"")), take(name), take(UInt8(ascii: "\"")), take(UInt8(ascii: ":"))
    else {
      offset = start
      return false
    }
    return true
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let end = offset + text.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for index in offset..<end where bytes[index] != text.utf8Start[index - offset] { return false }
    offset = end
    return true
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(NotCanonical) {
    guard take(byte) else { throw NotCanonical() }
  }
}
