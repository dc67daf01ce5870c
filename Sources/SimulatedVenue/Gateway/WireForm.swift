/// The outer form of what the venue writes, where JSON leaves a choice.
package struct WireForm: Equatable, Sendable {
  package var decimals: DecimalForm = .shortest
  /// Digits of a second in timestamps, 0 to 9; `nil` is what was observed live: six at REST and
  /// seven on the hubs, without trailing zeros.
  package var timestampDigits: Int?
  package var timestampOffset: TimestampOffset = .numeric
  /// Writes every `updateTimestamp` as an absent value.
  package var hidesUpdateTimestamps = false
  /// Adds a member that no document knows to every object.
  package var addsUnknownMembers = false

  package init() {}
}

/// How prices and amounts of money are written.
package enum DecimalForm: String, Sendable, CaseIterable {
  /// `30199.25` (observed live).
  case shortest
  /// `6335.250000000` (as in the documentation's samples).
  case padded
  /// `633525e-2`; very small ticks were met in this form.
  case exponent
}

/// How a timestamp names its offset from UTC.
package enum TimestampOffset: String, Sendable, CaseIterable {
  /// `+00:00` (observed live).
  case numeric = "+00:00"
  case zulu = "Z"
  /// The same moment, five hours west.
  case chicagoSummer = "-05:00"

  /// Seconds east of UTC.
  var seconds: Int64 { self == .chicagoSummer ? -5 * 3_600 : 0 }
}

extension DecimalForm {
  /// The number `units × 10^-scale`.
  package func number(units: Int64, scale: Int) -> JSONValue {
    let shortest = decimalText(units: units, scale: scale)
    switch self {
    case .shortest:
      return .number(shortest)
    case .padded:
      let places = shortest.split(separator: ".", omittingEmptySubsequences: false)
      let fraction = places.count == 2 ? places[1] : ""
      return .number("\(places[0]).\(fraction)" + String(repeating: "0", count: 9 - fraction.count))
    case .exponent:
      let places = shortest.split(separator: ".")
      guard places.count == 2 else { return .number(shortest + "e0") }
      let digits = (places[0] + places[1]).drop { $0 == "0" || $0 == "-" }
      let sign = units < 0 ? "-" : ""
      return .number("\(sign)\(digits)e-\(places[1].count)")
    }
  }
}

extension JSONValue {
  /// The same value with a member that no document knows in each of its objects.
  var withUnknownMembers: JSONValue {
    switch self {
    case .object(let members):
      .object(
        members.map { JSONMember($0.name, $0.value.withUnknownMembers) } + [
          JSONMember("laterAddition", .object(["list": .array([.integer(1), .null])]))
        ])
    case .array(let elements):
      .array(elements.map(\.withUnknownMembers))
    case .null, .bool, .number, .string:
      self
    }
  }
}
