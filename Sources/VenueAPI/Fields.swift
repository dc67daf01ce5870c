import RiskModel

/// The members of one JSON object, read in the units that they have.
///
/// Absent and null are the same for an optional member and two errors for a required one.
struct Fields {
  private let object: JSONValue
  private let name: String

  init(_ value: JSONValue, _ name: String) throws(VenueError) {
    guard case .object = value else { throw .memberMalformed(name) }
    object = value
    self.name = name
  }

  private func path(_ member: StaticString) -> String { "\(name).\(member)" }

  func value(_ member: StaticString) throws(VenueError) -> JSONValue {
    guard let value = object.member("\(member)") else { throw .memberMissing(path(member)) }
    guard value != .null else { throw .memberNull(path(member)) }
    return value
  }

  func optional(_ member: StaticString) -> JSONValue? {
    let value = object.member("\(member)")
    return value == .null ? nil : value
  }

  func array(_ member: StaticString) throws(VenueError) -> [JSONValue] {
    guard case .array(let elements) = try value(member) else {
      throw .memberMalformed(path(member))
    }
    return elements
  }

  func flag(_ member: StaticString) throws(VenueError) -> Bool {
    guard case .bool(let flag) = try value(member) else { throw .memberMalformed(path(member)) }
    return flag
  }

  func optionalFlag(_ member: StaticString) throws(VenueError) -> Bool? {
    optional(member) == nil ? nil : try flag(member)
  }

  func text(_ member: StaticString) throws(VenueError) -> String {
    guard case .string(let text) = try value(member) else { throw .memberMalformed(path(member)) }
    return text
  }

  func optionalText(_ member: StaticString) throws(VenueError) -> String? {
    optional(member) == nil ? nil : try text(member)
  }

  func integer(_ member: StaticString) throws(VenueError) -> Int64 {
    guard let integer = try value(member).integer else { throw .memberMalformed(path(member)) }
    return integer
  }

  func optionalInteger(_ member: StaticString) throws(VenueError) -> Int64? {
    optional(member) == nil ? nil : try integer(member)
  }

  /// A number of contracts.
  func size(_ member: StaticString) throws(VenueError) -> Int64 {
    let size = try integer(member)
    guard (0...Int64(Int32.max)).contains(size) else { throw .memberMalformed(path(member)) }
    return size
  }

  /// A number of an enumeration. It may be one that no documentation lists.
  func ordinal(_ member: StaticString) throws(VenueError) -> Int {
    let number = try integer(member)
    guard let ordinal = Int32(exactly: number) else { throw .memberMalformed(path(member)) }
    return Int(ordinal)
  }

  func price(_ member: StaticString) throws(VenueError) -> Price {
    let decimal = try value(member).numberText.flatMap(DecimalText.roundable)
    guard let price = decimal.flatMap(Price.init(roundingToNanos:)) else {
      throw .memberMalformed(path(member))
    }
    return price
  }

  func optionalPrice(_ member: StaticString) throws(VenueError) -> Price? {
    optional(member) == nil ? nil : try price(member)
  }

  func money(_ member: StaticString) throws(VenueError) -> Money {
    let decimal = try value(member).numberText.flatMap(DecimalText.roundable)
    guard let money = decimal.flatMap(Money.init(roundingToMicros:)) else {
      throw .memberMalformed(path(member))
    }
    return money
  }

  func optionalMoney(_ member: StaticString) throws(VenueError) -> Money? {
    optional(member) == nil ? nil : try money(member)
  }

  /// A positive price that must not be rounded.
  func tickSize(_ member: StaticString) throws(VenueError) -> Price {
    let decimal = try value(member).numberText.flatMap { ExactDecimal($0) }
    guard let price = decimal.flatMap(Price.init(exactly:)), price.nanos > 0 else {
      throw .memberMalformed(path(member))
    }
    return price
  }

  /// A positive amount that must not be rounded.
  func tickValue(_ member: StaticString) throws(VenueError) -> Money {
    let decimal = try value(member).numberText.flatMap { ExactDecimal($0) }
    guard let money = decimal.flatMap(Money.init(exactly:)), money.micros > 0 else {
      throw .memberMalformed(path(member))
    }
    return money
  }

  func instant(_ member: StaticString) throws(VenueError) -> Instant {
    guard let instant = VenueTimestamp.instant(try text(member)) else {
      throw .memberMalformed(path(member))
    }
    return instant
  }

  /// The venue's "no time" counts as absent.
  func optionalInstant(_ member: StaticString) throws(VenueError) -> Instant? {
    guard let text = try optionalText(member), !VenueTimestamp.isNone(text) else { return nil }
    return try instant(member)
  }

  func contract(
    _ member: StaticString, unless known: ContractID? = nil
  ) throws(VenueError) -> ContractID {
    if let known { return known }
    let text = try self.text(member)
    guard !text.isEmpty else { throw .memberMalformed(path(member)) }
    return ContractID(text)
  }

  func side(_ member: StaticString) throws(VenueError) -> Side {
    switch try integer(member) {
    case 0: .buy
    case 1: .sell
    default: throw .memberMalformed(path(member))
    }
  }
}
