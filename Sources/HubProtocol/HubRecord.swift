// The JSON hub protocol of ASP.NET Core SignalR, version 1, as a client speaks it.
//
// A connection carries records. Each is one JSON object in UTF-8 followed by 0x1E; WebSocket
// messages are text and their borders mean nothing.
//
//   client, first      {"protocol":"json","version":1}
//   server, first      {}                 or {"error":"…"} and the end of the connection
//
// After that every object has an integer member "type":
//
//   1  invocation      target, arguments [], invocationId? (a string; asks for a completion)
//   2  stream item     3  completion      invocationId, error? xor result?
//   4  stream call     5  cancel          6  ping
//   7  close           error?, allowReconnect?
//   8  acknowledge     9  sequence        (stateful reconnect, version 2, never asked for)
//
// Members come in any order, members that are not listed are skipped, numbers that are not listed
// are records to skip. An optional member that is null is absent.

/// One record after the handshake.
package enum HubRecord: Equatable, Sendable {
  /// The server calls a method of the client. `arguments` is the text of a JSON array.
  case invocation(target: HubTarget, arguments: ArraySlice<UInt8>, replyTo: String?)
  /// The answer to an invocation of the client; `error` is `nil` on success.
  case completion(invocation: String, error: String?)
  case ping
  case close(error: String?, allowReconnect: Bool)
  /// A kind that has no meaning for this client: 2, 4, 5, 8, 9 and every other number.
  case unused(type: Int64)

  package init(_ record: ArraySlice<UInt8>) throws(HubEnvelopeError) {
    let members = try HubMembers(record)
    switch try members.requiredInteger("type") {
    case 1:
      let arguments = try members.required("arguments")
      guard arguments.first == UInt8(ascii: "[") else {
        throw .unexpectedValue(member: "arguments")
      }
      let target = try members.requiredText("target")
      guard !target.isEmpty else { throw .unexpectedValue(member: "target") }
      self = .invocation(
        target: HubTarget(target), arguments: arguments, replyTo: try members.text("invocationId"))
    case 3:
      let invocation = try members.requiredText("invocationId")
      let error = try members.text("error")
      guard error == nil || members.value("result") == nil else {
        throw .resultAndError(invocation: invocation)
      }
      self = .completion(invocation: invocation, error: error)
    case 6:
      self = .ping
    case 7:
      self = .close(
        error: try members.text("error"),
        allowReconnect: try members.flag("allowReconnect") ?? false)
    case let type:
      self = .unused(type: type)
    }
  }
}

/// The answer to the handshake of the client.
package enum HubHandshakeAnswer: Equatable, Sendable {
  case accepted
  case refused(String)

  package init(_ record: ArraySlice<UInt8>) throws(HubEnvelopeError) {
    let members = try HubMembers(record)
    guard members.value("type") == nil else { throw .recordBeforeHandshake }
    if let error = try members.text("error") {
      self = .refused(error)
    } else {
      self = .accepted
    }
  }
}

/// The name of a method. Stock servers and clients ignore the case of ASCII letters in it.
package struct HubTarget: Hashable, Sendable, CustomStringConvertible {
  /// The name as it was written.
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package var description: String { text }

  package static func == (lhs: HubTarget, rhs: HubTarget) -> Bool {
    lhs.text.utf8.elementsEqual(rhs.text.utf8) { folded($0) == folded($1) }
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(HubTarget.folded(byte)) }
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

/// The top-level members of a record that the protocol knows.
private struct HubMembers {
  private static let known: Set<String> = [
    "type", "target", "arguments", "invocationId", "result", "error", "allowReconnect",
  ]

  private var members: [JSONScanner.Member] = []

  init(_ record: ArraySlice<UInt8>) throws(HubEnvelopeError) {
    for member in try JSONScanner.members(of: record) where HubMembers.known.contains(member.name) {
      guard !members.contains(where: { $0.name == member.name }) else {
        throw .duplicateMember(member.name)
      }
      members.append(member)
    }
  }

  /// The text of a member; `nil` when it is absent or null.
  func value(_ name: String) -> ArraySlice<UInt8>? {
    guard let value = members.first(where: { $0.name == name })?.value,
      value.first != UInt8(ascii: "n")
    else { return nil }
    return value
  }

  func required(_ name: String) throws(HubEnvelopeError) -> ArraySlice<UInt8> {
    guard let value = value(name) else { throw .missingMember(name) }
    return value
  }

  func text(_ name: String) throws(HubEnvelopeError) -> String? {
    guard let value = value(name) else { return nil }
    guard value.first == UInt8(ascii: "\""),
      let text = JSONScanner.string(value.dropFirst().dropLast())
    else { throw .unexpectedValue(member: name) }
    return text
  }

  func requiredText(_ name: String) throws(HubEnvelopeError) -> String {
    guard let text = try text(name) else { throw .missingMember(name) }
    return text
  }

  func requiredInteger(_ name: String) throws(HubEnvelopeError) -> Int64 {
    let value = try required(name)
    guard let number = Int64(String(decoding: value, as: UTF8.self)) else {
      throw .unexpectedValue(member: name)
    }
    return number
  }

  func flag(_ name: String) throws(HubEnvelopeError) -> Bool? {
    switch value(name)?.first {
    case nil: nil
    case UInt8(ascii: "t"): true
    case UInt8(ascii: "f"): false
    default: throw .unexpectedValue(member: name)
    }
  }
}
