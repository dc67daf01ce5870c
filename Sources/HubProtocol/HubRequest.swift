/// What the client sends. `bytes` ends with the separator, ready for one WebSocket message.
package enum HubRequest: Equatable, Sendable {
  /// Version 1 of the protocol; servers have closed connections that asked for version 0.
  case handshake
  /// Always with an id: a stock server drops a call of an unknown method silently without one.
  case invocation(id: HubInvocationID, target: String, arguments: [HubArgument])
  /// The answer to a call of the server that waits for one; this client has no results to give.
  case refusal(invocation: String, error: String)
  case ping
  case close

  package var bytes: [UInt8] {
    let json: [UInt8]
    switch self {
    case .handshake:
      json = Array(#"{"protocol":"json","version":1}"#.utf8)
    case .invocation(let id, let target, let arguments):
      let list = arguments.map(\.bytes).joined(separator: [UInt8(ascii: ",")])
      json =
        Array(#"{"type":1,"invocationId":"\#(id.number)","target":"#.utf8)
        + JSONScanner.quoted(target) + Array(#","arguments":["#.utf8) + list + Array("]}".utf8)
    case .refusal(let invocation, let error):
      json =
        Array(#"{"type":3,"invocationId":"#.utf8) + JSONScanner.quoted(invocation)
        + Array(#","error":"#.utf8) + JSONScanner.quoted(error) + Array("}".utf8)
    case .ping:
      json = Array(#"{"type":6}"#.utf8)
    case .close:
      json = Array(#"{"type":7}"#.utf8)
    }
    return json + [RecordSplitter.separator]
  }
}

/// The name of a call of the client, unique within one `HubConnection`. On the wire it is a string
/// of decimal digits.
package struct HubInvocationID: Hashable, Sendable {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  init?(wire text: String) {
    guard let number = Int64(text), String(number) == text else { return nil }
    self.init(number)
  }
}

/// One argument of a call; the venue's methods take scalars only.
package enum HubArgument: Equatable, Sendable {
  case integer(Int64)
  case text(String)

  var bytes: [UInt8] {
    switch self {
    case .integer(let number): Array(String(number).utf8)
    case .text(let text): JSONScanner.quoted(text)
    }
  }
}
