/// Puts canonical JSON together. Members are written in the order of their names.
package struct CanonicalWriter {
  package private(set) var bytes: [UInt8] = []
  /// `false` once something could not be written the general way either.
  package private(set) var isComplete = true
  private let general: any GeneralJSON

  /// `capacity` is what the text will take, in bytes, as far as that is known.
  package init(general: any GeneralJSON, capacity: Int = 512) {
    self.general = general
    bytes.reserveCapacity(capacity)
  }

  package mutating func begin() { bytes.append(UInt8(ascii: "{")) }
  package mutating func end() { bytes.append(UInt8(ascii: "}")) }

  package mutating func name(_ name: StaticString) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  package mutating func member(_ name: StaticString, _ value: some CanonicalValue) {
    self.name(name)
    value.write(to: &self)
  }

  package mutating func member(_ name: StaticString, _ value: (some CanonicalValue)?) {
    if let value { member(name, value) }
  }

  /// A member that is written the general way.
  package mutating func member(_ name: StaticString, general value: some Encodable) {
    self.name(name)
    append(general: value)
  }

  /// A case of an enumeration, its values written by `members`.
  package mutating func enumeration(
    _ name: StaticString, _ members: (inout CanonicalWriter) -> Void
  ) {
    begin()
    self.name(name)
    begin()
    members(&self)
    end()
    end()
  }

  /// A case of an enumeration with one value, which has no label.
  package mutating func enumeration(_ name: StaticString, _ value: some CanonicalValue) {
    enumeration(name) { $0.member("_0", value) }
  }

  package mutating func array(_ values: [some CanonicalValue]) {
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      value.write(to: &self)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  package mutating func append(_ flag: Bool) {
    bytes.append(contentsOf: flag ? Self.yes : Self.no)
  }

  private static let yes = Array("true".utf8)
  private static let no = Array("false".utf8)

  package mutating func append(_ number: Int64) {
    var rest = number.magnitude
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  /// Text beyond printable ASCII, and what must be escaped, goes the general way.
  package mutating func append(_ text: String) {
    let start = bytes.count
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      guard (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\")
      else {
        bytes.removeSubrange(start...)
        return append(general: text)
      }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func append(general value: some Encodable) {
    do {
      bytes.append(contentsOf: try general.text(of: value))
    } catch {
      isComplete = false
    }
  }
}
