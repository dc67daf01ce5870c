/// A value that travels as one JSON integer.
package protocol IntegerCoded: Codable {
  init(integer: Int64)
  var integer: Int64 { get }
}

extension IntegerCoded {
  package init(from decoder: any Decoder) throws {
    self.init(integer: try decoder.singleValueContainer().decode(Int64.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(integer)
  }
}

/// A JSON object key made from the text of a value, so that dictionaries keyed by it have one
/// canonical form.
struct TextKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) {
    nil
  }
}

extension IntegerCoded {
  package var codingKey: any CodingKey { TextKey(stringValue: "\(integer)") }

  package init?<T: CodingKey>(codingKey: T) {
    guard let integer = Int64(codingKey.stringValue) else { return nil }
    self.init(integer: integer)
  }
}

extension AccountID: CodingKeyRepresentable {}
extension OrderID: CodingKeyRepresentable {}
extension TradeID: CodingKeyRepresentable {}

extension ContractID: CodingKeyRepresentable {
  package var codingKey: any CodingKey { TextKey(stringValue: text) }

  package init?<T: CodingKey>(codingKey: T) {
    self.init(codingKey.stringValue)
  }
}

extension SymbolRoot: CodingKeyRepresentable {
  package var codingKey: any CodingKey { TextKey(stringValue: text) }

  package init?<T: CodingKey>(codingKey: T) {
    self.init(codingKey.stringValue)
  }
}

extension TargetID: CodingKeyRepresentable {
  package var codingKey: any CodingKey { TextKey(stringValue: description) }

  package init?<T: CodingKey>(codingKey: T) {
    self.init(codingKey.stringValue)
  }
}

extension CivilDate: CodingKeyRepresentable {
  package var codingKey: any CodingKey { TextKey(stringValue: description) }

  package init?<T: CodingKey>(codingKey: T) {
    let parts = codingKey.stringValue.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    self.init(year: parts[0], month: parts[1], day: parts[2])
  }
}
