/// A trading account of the venue (a 32-bit integer on the wire).
package struct AccountID: Hashable, Comparable, Sendable, IntegerCoded {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package init(integer: Int64) {
    self.init(integer)
  }

  package var integer: Int64 { number }

  package static func < (lhs: AccountID, rhs: AccountID) -> Bool { lhs.number < rhs.number }
}

/// An order of the venue. Live ids exceed 2³¹ (observed live, about 3.4 × 10⁹).
package struct OrderID: Hashable, Comparable, Sendable, IntegerCoded {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package init(integer: Int64) {
    self.init(integer)
  }

  package var integer: Int64 { number }

  package static func < (lhs: OrderID, rhs: OrderID) -> Bool { lhs.number < rhs.number }
}

/// One execution of the venue.
package struct TradeID: Hashable, Comparable, Sendable, IntegerCoded {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package init(integer: Int64) {
    self.init(integer)
  }

  package var integer: Int64 { number }

  package static func < (lhs: TradeID, rhs: TradeID) -> Bool { lhs.number < rhs.number }
}

/// One dated future, `CON.F.US.MNQ.Z25` on the wire.
package struct ContractID: Hashable, Comparable, Sendable, Codable {
  package var text: String

  package init(_ text: String) {
    self.text = text
  }

  package init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// The product that the contract is a month of: `MNQ`, or the whole text when the id is not in
  /// the documented five-part form, so that a malformed id still matches itself.
  package var root: SymbolRoot {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "CON" else { return SymbolRoot(text) }
    return SymbolRoot(String(parts[3]))
  }

  package static func < (lhs: ContractID, rhs: ContractID) -> Bool { lhs.text < rhs.text }
}

/// The product of a contract in the venue's spelling (`MNQ`, `EP`), upper case.
///
/// Traders write `ES` and `NQ` where the venue writes `EP` and `ENQ`; both spellings are equal here.
package struct SymbolRoot: Hashable, Comparable, Sendable, Codable {
  package let text: String

  /// The exchange spelling of roots that the venue spells differently (venue catalogue, 2026-08).
  package static let aliases: [String: String] = ["ES": "EP", "NQ": "ENQ"]

  package init(_ text: String) {
    let upper = text.uppercased()
    self.text = SymbolRoot.aliases[upper] ?? upper
  }

  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package static func < (lhs: SymbolRoot, rhs: SymbolRoot) -> Bool { lhs.text < rhs.text }
}

extension AccountID: CustomStringConvertible {
  package var description: String { "\(number)" }
}

extension OrderID: CustomStringConvertible {
  package var description: String { "\(number)" }
}

extension TradeID: CustomStringConvertible {
  package var description: String { "\(number)" }
}

extension ContractID: CustomStringConvertible {
  package var description: String { text }
}

extension SymbolRoot: CustomStringConvertible {
  package var description: String { text }
}
