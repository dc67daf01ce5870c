import SimulatedVenue
import Testing

/// A small WebSocket client that speaks the hub protocol by hand.
final class RawHubClient {
  let socket: RawSocket
  private(set) var upgradeReply: RawReply
  /// Text messages as they came, fragments joined, with the number of fragments.
  private(set) var messages: [(text: String, fragments: Int)] = []
  private var buffer: [UInt8] = []
  private var records: [JSONValue] = []
  private var nextInvocation = 0
  /// The code of the close frame that came.
  private(set) var closeCode: Int?

  init(port: Int, path: String, patience: Int32 = 10_000) throws {
    socket = try RawSocket(port: port, patience: patience)
    try socket.request(
      "GET", path,
      headers: [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ])
    upgradeReply = try socket.reply()
  }

  /// Connects to a hub with a fresh token and shakes hands.
  convenience init(_ venue: SimulatedVenueServer, _ hub: VenueHub, patience: Int32 = 10_000) throws
  {
    let token = try #require(try RESTClient(venue).token)
    try self.init(
      port: venue.port, path: "\(hub.path)?access_token=\(token)", patience: patience)
    try #require(upgradeReply.status == 101)
    try shakeHands()
  }

  func shakeHands() throws {
    try sendRecord(#"{"protocol":"json","version":1}"#)
    #expect(try nextRecord().jsonText == "{}")
  }

  func sendRecord(_ text: String) throws {
    try sendFrame(opcode: 1, Array(text.utf8) + [0x1E])
  }

  func sendFrame(opcode: UInt8, isFinal: Bool = true, _ payload: [UInt8]) throws {
    let mask: [UInt8] = [1, 2, 3, 4]
    var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65_536:
      frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default:
      frame.append(0x80 | 127)
      frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    frame += mask
    frame += payload.enumerated().map { $1 ^ mask[$0 % 4] }
    try socket.send(frame)
  }

  /// The next frame: its opcode, whether it is final, its payload.
  func nextFrame() throws -> (opcode: UInt8, isFinal: Bool, payload: [UInt8]) {
    let head = try socket.take(2)
    var length = Int(head[1] & 127)
    if length == 126 { length = try socket.take(2).reduce(0) { $0 << 8 | Int($1) } }
    if length == 127 { length = try socket.take(8).reduce(0) { $0 << 8 | Int($1) } }
    return (head[0] & 15, head[0] & 0x80 != 0, try socket.take(length))
  }

  private func readMessage() throws {
    var payload: [UInt8] = []
    var fragments = 0
    while true {
      let frame = try nextFrame()
      if frame.opcode == 8 {
        closeCode = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        throw SocketFailure.ended
      }
      payload += frame.payload
      fragments += 1
      if frame.isFinal { break }
    }
    messages.append((String(decoding: payload, as: UTF8.self), fragments))
    buffer += payload
    let parts = buffer.split(separator: 0x1E, omittingEmptySubsequences: false)
    for part in parts.dropLast() { records.append(try JSONValue(parsing: part)) }
    buffer = parts.last.map(Array.init) ?? []
  }

  func nextRecord() throws -> JSONValue {
    while records.isEmpty { try readMessage() }
    return records.removeFirst()
  }

  /// Skips pings and returns the next record.
  func nextEvent() throws -> JSONValue {
    while true {
      let record = try nextRecord()
      if record["type"]?.integer != 6 { return record }
    }
  }

  func nextEvents(_ count: Int) throws -> [JSONValue] {
    try (0..<count).map { _ in try nextEvent() }
  }

  /// Invokes a method and returns its completion.
  @discardableResult
  func invoke(_ target: String, _ arguments: String = "") throws -> JSONValue {
    nextInvocation += 1
    try sendRecord(
      #"{"type":1,"invocationId":"\#(nextInvocation)","target":"\#(target)","arguments":[\#(arguments)]}"#
    )
    let completion = try nextEvent()
    #expect(completion["type"]?.integer == 3)
    #expect(completion["invocationId"]?.text == "\(nextInvocation)")
    return completion
  }

  func subscribeUser(_ account: Int = 1001) throws {
    for target in ["SubscribeOrders", "SubscribePositions", "SubscribeTrades"] {
      #expect(try invoke(target, "\(account)")["error"] == nil)
    }
    #expect(try invoke("SubscribeAccounts")["error"] == nil)
  }

  /// How the connection ends; records that come before are kept in `leftOver`.
  func awaitEnd() -> SocketFailure {
    do {
      while true { try readMessage() }
    } catch {
      leftOver = records
      return error as? SocketFailure ?? .unexpected("\(error)")
    }
  }

  private(set) var leftOver: [JSONValue] = []
}

extension JSONValue {
  /// The target of an invocation.
  var target: String? { self["target"]?.text }
  /// The object of a wrapped user event.
  var data: JSONValue? { self["arguments"]?[0]?["data"] }
}
