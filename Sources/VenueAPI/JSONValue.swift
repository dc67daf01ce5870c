/// A JSON value as it stood in the text.
///
/// The module reads JSON by itself instead of through a `Decoder`. The venue sends the same member
/// as a number and as a string, gives null, absent and empty different meanings, and mixes types in
/// one argument list; a tree answers all of that in one pass. A number keeps its text until somebody
/// asks for a unit, so no price passes through binary floating point.
enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  struct Member: Equatable, Sendable {
    var name: String
    var value: JSONValue
  }

  /// The member of an object, or `nil` when it is absent or this is no object. The last of several
  /// members with one name counts, as in the venue's own web client.
  func member(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    var index = members.count - 1
    while index >= 0 {
      if members[index].name == name { return members[index].value }
      index -= 1
    }
    return nil
  }

  /// The text of a number, in either of the two forms in which the venue writes one: ids were
  /// observed live as strings.
  var numberText: String? {
    switch self {
    case .number(let text), .string(let text): text
    case .null, .bool, .array, .object: nil
    }
  }

  var integer: Int64? { numberText.flatMap(DecimalText.integer) }
}
