package import RiskModel

/// A JSON value that keeps numbers as they were written and members in their order.
///
/// The venue answers with prices as plain numbers; a number that passes through binary floating
/// point on the way would no longer be the price.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// The text of a number, for instance `21000.25`.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  package static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }
  package static func price(_ value: Price) -> JSONValue { .number(value.description) }

  /// The exact amount in dollars, without padding: `6.5`, `-49`.
  package static func money(_ value: Money) -> JSONValue {
    .number(decimalText(units: value.micros, scale: 6))
  }

  package static func optional<Wrapped>(
    _ value: Wrapped?, _ transform: (Wrapped) -> JSONValue
  ) -> JSONValue {
    value.map(transform) ?? .null
  }

  package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { JSONMember($0.key, $0.value) })
  }

  /// The member of that exact name; `nil` when this is no object or has no such member.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  package subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  package var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  package var boolean: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  package var decimal: ExactDecimal? {
    guard case .number(let text) = self else { return nil }
    return ExactDecimal(text)
  }

  package var integer: Int64? { decimal?.scaledExactly(by: 0) }

  package var isNull: Bool { self == .null }

  /// What kind of value this is, for people who have to correct a file.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// One member of a JSON object.
package struct JSONMember: Equatable, Sendable {
  package var name: String
  package var value: JSONValue

  package init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// The shortest exact decimal text of `units × 10^-scale`.
func decimalText(units: Int64, scale: Int) -> String {
  var digits = "\(units.magnitude)"
  if digits.utf8.count <= scale {
    digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
  }
  let point = digits.index(digits.endIndex, offsetBy: -scale)
  let fraction = digits[point...]
  let kept = fraction.lastIndex { $0 != "0" }.map { fraction[...$0] } ?? ""
  let sign = units < 0 ? "-" : ""
  return sign + digits[..<point] + (kept.isEmpty ? "" : "." + kept)
}
