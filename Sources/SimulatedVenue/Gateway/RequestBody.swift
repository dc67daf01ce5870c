import RiskModel

/// A request body that the gateway cannot bind to what it expects; it becomes HTTP 400.
struct BindingFailure: Error, Equatable, Sendable {
  /// The member, as a path: `$.filter`.
  var member: String
  var problem: String
}

/// The body of a request, read as the venue's framework reads it: names match in any case, numbers
/// may be texts, unknown members are ignored, a missing required member is an error.
struct RequestBody {
  var value: JSONValue
  var type: String
  var path = "$"

  func optional<Value>(
    _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
  ) throws(BindingFailure) -> Value? {
    guard case .object(let members) = value else {
      throw BindingFailure(
        member: path, problem: "The JSON value could not be converted to \(type).")
    }
    let lowered = name.lowercased()
    guard let member = members.last(where: { $0.name.lowercased() == lowered })?.value,
      !member.isNull
    else { return nil }
    guard let value = read(member) else {
      throw BindingFailure(
        member: "\(path).\(name)", problem: "The JSON value could not be converted to \(kind).")
    }
    return value
  }

  /// Whether the member is there and null.
  func hasNull(_ name: String) -> Bool {
    guard case .object(let members) = value else { return false }
    let lowered = name.lowercased()
    return members.contains { $0.name.lowercased() == lowered && $0.value.isNull }
  }

  func required<Value>(
    _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
  ) throws(BindingFailure) -> Value {
    guard let value = try optional(name, kind, read) else {
      throw BindingFailure(
        member: path,
        problem: "JSON deserialization for type '\(type)' was missing required properties"
          + " including: '\(name)'.")
    }
    return value
  }

  func integer(_ name: String) throws(BindingFailure) -> Int64 {
    try required(name, "System.Int64", lenientInteger)
  }

  func optionalInteger(_ name: String) throws(BindingFailure) -> Int64? {
    try optional(name, "System.Int64", lenientInteger)
  }

  func boolean(_ name: String) throws(BindingFailure) -> Bool {
    try required(name, "System.Boolean", \.boolean)
  }

  func optionalBoolean(_ name: String) throws(BindingFailure) -> Bool? {
    try optional(name, "System.Boolean", \.boolean)
  }

  func text(_ name: String) throws(BindingFailure) -> String {
    try required(name, "System.String", \.text)
  }

  func optionalText(_ name: String) throws(BindingFailure) -> String? {
    try optional(name, "System.String", \.text)
  }

  func account(_ name: String = "accountId") throws(BindingFailure) -> AccountID {
    AccountID(try integer(name))
  }

  func contract(_ name: String = "contractId") throws(BindingFailure) -> ContractID {
    ContractID(try text(name))
  }

  func optionalPrice(_ name: String) throws(BindingFailure) -> Price? {
    try optional(name, "System.Decimal") { value in
      let decimal = value.decimal ?? value.text.flatMap { ExactDecimal($0) }
      return decimal.flatMap(Price.init(exactly:))
    }
  }

  func instant(_ name: String) throws(BindingFailure) -> Instant {
    try required(name, "System.DateTimeOffset", instantValue)
  }

  func optionalInstant(_ name: String) throws(BindingFailure) -> Instant? {
    try optional(name, "System.DateTimeOffset", instantValue)
  }

  func object(_ name: String, _ type: String) throws(BindingFailure) -> RequestBody {
    RequestBody(value: try required(name, type, objectValue), type: type, path: "\(path).\(name)")
  }

  func optionalObject(_ name: String, _ type: String) throws(BindingFailure) -> RequestBody? {
    guard let value = try optional(name, type, objectValue) else { return nil }
    return RequestBody(value: value, type: type, path: "\(path).\(name)")
  }

  func optionalIntegers(_ name: String) throws(BindingFailure) -> [Int64]? {
    try optional(name, "System.Int32[]") { value in
      guard let elements = value.elements else { return nil }
      let numbers = elements.compactMap(lenientInteger)
      return numbers.count == elements.count ? numbers : nil
    }
  }
}

func lenientInteger(_ value: JSONValue) -> Int64? {
  value.integer ?? value.text.flatMap { ExactDecimal($0)?.scaledExactly(by: 0) }
}

private func instantValue(_ value: JSONValue) -> Instant? {
  value.text.flatMap { Instant(venueText: $0) }
}

private func objectValue(_ value: JSONValue) -> JSONValue? {
  if case .object = value { value } else { nil }
}
