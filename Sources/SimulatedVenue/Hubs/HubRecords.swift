// The SignalR JSON hub protocol as the venue speaks it.
//
// A record is one JSON object that ends with the byte 0x1E, in WebSocket text messages that may
// hold several records or a part of one. The first record of a client is the handshake
// `{"protocol":"json","version":1}`, answered with `{}` or `{"error":"…"}`. After that the member
// `type` tells a record's kind:
//
//   1 invocation   target, arguments, invocationId?     both ways
//   3 completion   invocationId, result? or error?      venue to client
//   6 ping                                              both ways
//   7 close        error?, allowReconnect?              both ways
//
// 2, 4 and 5 belong to streams, which the venue has none of; they end the connection. Unknown kinds
// are skipped. An invocation without invocationId gets no completion, not even for an error.

/// The byte after each record.
let recordSeparator: UInt8 = 0x1E

/// What a client sent.
enum HubInput: Equatable {
  case handshake(protocol: String, version: Int64)
  case invocation(id: String?, target: String, arguments: [JSONValue])
  case completion
  case ping
  case close
  case skipped
  /// The text says why the connection must end.
  case violation(String)
}

/// Cuts the bytes of a client into records and reads them.
struct HubRecordReader {
  private let maximumSize: Int
  private var bytes: [UInt8] = []
  private var expectsHandshake = true

  init(maximumSize: Int) {
    self.maximumSize = maximumSize
  }

  mutating func read(_ added: some Sequence<UInt8>) -> [HubInput] {
    bytes.append(contentsOf: added)
    var inputs: [HubInput] = []
    while let end = bytes.firstIndex(of: recordSeparator) {
      let record = Array(bytes[..<end])
      bytes.removeFirst(end + 1)
      inputs.append(input(record))
    }
    if bytes.count > maximumSize {
      bytes = []
      inputs.append(.violation("The maximum message size of \(maximumSize)B was exceeded."))
    }
    return inputs
  }

  private mutating func input(_ record: [UInt8]) -> HubInput {
    guard record.count <= maximumSize else {
      return .violation("The maximum message size of \(maximumSize)B was exceeded.")
    }
    guard let value = try? JSONValue(parsing: record), case .object = value else {
      return .violation("Invalid JSON in a record.")
    }
    if expectsHandshake {
      expectsHandshake = false
      guard let name = value["protocol"]?.text, let version = value["version"]?.integer else {
        return .violation("Expected a handshake request from the client.")
      }
      return .handshake(protocol: name, version: version)
    }
    guard let type = value["type"]?.integer else {
      return .violation("A record has no integer type.")
    }
    return switch type {
    case 1: invocation(value)
    case 3: .completion
    case 6: .ping
    case 7: .close
    case 2, 4, 5: .violation("Unexpected record of type \(type).")
    default: .skipped
    }
  }

  private func invocation(_ value: JSONValue) -> HubInput {
    guard let target = value["target"]?.text, let arguments = value["arguments"]?.elements else {
      return .violation("An invocation lacks its target or its arguments.")
    }
    switch value["invocationId"] {
    case nil, .null: return .invocation(id: nil, target: target, arguments: arguments)
    case .string(let id): return .invocation(id: id, target: target, arguments: arguments)
    default: return .violation("Expected 'invocationId' to be of type String.")
    }
  }
}

/// What the venue sends.
enum HubRecord {
  static let handshakeAccepted = JSONValue.object([JSONMember]())
  static let ping = JSONValue.object(["type": .integer(6)])

  static func handshakeRefused(_ error: String) -> JSONValue {
    .object(["error": .string(error)])
  }

  static func invocation(_ target: String, _ arguments: [JSONValue]) -> JSONValue {
    .object([
      "type": .integer(1), "target": .string(target), "arguments": .array(arguments),
    ])
  }

  static func completion(_ id: String, error: String? = nil) -> JSONValue {
    guard let error else {
      return .object(["type": .integer(3), "invocationId": .string(id), "result": .null])
    }
    return .object(["type": .integer(3), "invocationId": .string(id), "error": .string(error)])
  }

  static func close(error: String? = nil, allowReconnect: Bool? = nil) -> JSONValue {
    var members = [JSONMember("type", .integer(7))]
    if let error { members.append(JSONMember("error", .string(error))) }
    if let allowReconnect { members.append(JSONMember("allowReconnect", .bool(allowReconnect))) }
    return .object(members)
  }

  /// The bytes of a record with its separator.
  static func bytes(_ record: JSONValue) -> [UInt8] {
    var bytes = record.jsonBytes
    bytes.append(recordSeparator)
    return bytes
  }
}
