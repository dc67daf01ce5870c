/// What is wrong with the frame around a payload: the stream can no longer be trusted, so the
/// connection is given up and the state is read again.
///
/// A payload that does not decode is another matter and not in here; its stream lives on.
package enum HubEnvelopeError: Error, Equatable, Sendable {
  /// A record did not end within this many bytes.
  case recordTooLong(limit: Int)
  /// Not strict JSON; the offset counts bytes from the start of the record.
  case malformed(offset: Int)
  case nestedTooDeep(limit: Int)
  case notAnObject
  case duplicateMember(String)
  case missingMember(String)
  /// A member that the protocol knows holds a value of a kind that it may not hold.
  case unexpectedValue(member: String)
  /// A completion that says both yes and no.
  case resultAndError(invocation: String)
  /// A hub record where the answer to the handshake had to be.
  case recordBeforeHandshake
}

extension HubEnvelopeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .recordTooLong(let limit): "a hub record is longer than \(limit) bytes"
    case .malformed(let offset): "a hub record is not JSON at byte \(offset)"
    case .nestedTooDeep(let limit): "a hub record is nested deeper than \(limit) levels"
    case .notAnObject: "a hub record is not a JSON object"
    case .duplicateMember(let name): "a hub record has the member \(excerpt(name)) twice"
    case .missingMember(let name): "a hub record lacks the member \(name)"
    case .unexpectedValue(let name): "the member \(name) of a hub record has an unexpected value"
    case .resultAndError(let id): "the completion of \(excerpt(id)) has a result and an error"
    case .recordBeforeHandshake: "a hub record came before the answer to the handshake"
    }
  }
}

/// As much of a text from the other side as a log line should carry.
func excerpt(_ text: String) -> String {
  text.count > 200 ? "\(text.prefix(200))…" : text
}
