import RiskModel

// The canonical request body: one object, members in the order of the venue's documentation, no
// white space, absent members left out, prices as the shortest exact decimal. Equal requests give
// equal bytes.

struct JSONWriter {
  private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

  static func object(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    write(&writer)
    writer.bytes.append(UInt8(ascii: "}"))
    return writer.bytes
  }

  mutating func member(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    begin(name)
    bytes.append(contentsOf: JSONWriter.quoted(text))
  }

  mutating func member(_ name: StaticString, _ number: Int64?) {
    guard let number else { return }
    raw(name, "\(number)")
  }

  mutating func member(_ name: StaticString, _ price: Price?) {
    guard let price else { return }
    raw(name, price.description)
  }

  mutating func member(_ name: StaticString, _ flag: Bool) {
    raw(name, flag ? "true" : "false")
  }

  mutating func member(_ name: StaticString, _ numbers: [Int]) {
    raw(name, "[" + numbers.map(String.init).joined(separator: ",") + "]")
  }

  mutating func member(_ name: StaticString, _ instant: Instant?) {
    guard let instant else { return }
    member(name, VenueTimestamp.text(instant))
  }

  mutating func member(_ name: StaticString, object write: (inout JSONWriter) -> Void) {
    begin(name)
    bytes.append(contentsOf: JSONWriter.object(write))
  }

  private mutating func raw(_ name: StaticString, _ text: String) {
    begin(name)
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func begin(_ name: StaticString) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(contentsOf: "\"\(name)\":".utf8)
  }

  static func quoted(_ text: String) -> [UInt8] {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        quoted += [UInt8(ascii: "\\"), byte]
      case ..<0x20:
        quoted += Array("\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default:
        quoted.append(byte)
      }
    }
    quoted.append(UInt8(ascii: "\""))
    return quoted
  }
}
