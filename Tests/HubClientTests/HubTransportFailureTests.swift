import HubClient
import RiskModel
import Testing
import VenueREST

@Suite struct HubTransportFailureTests {
  @Test(arguments: [
    ("401 Unauthorized", 401), ("404 Not Found", 404), ("409 Conflict", 409),
    ("503 Service Unavailable", 503), ("302 Found", 302), ("200 OK", 200),
  ])
  func theUpgradeIsRefused(line: String, status: Int) async throws {
    let hub = try await RawHub(.bytes("HTTP/1.1 \(line)\r\nContent-Length: 2\r\n\r\nno"))
    let session = try Session.start(hub.port)
    #expect(try await session.end() == .upgradeRefused(status: status))
    #expect(session.log.all.count == 1)
    try await eventually("the connection ends") { hub.open == 0 }
  }

  @Test(arguments: [
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "SSH-2.0-OpenSSH_9.6\r\n",
  ])
  func whatAnswersIsNotAHub(answer: String) async throws {
    let hub = try await RawHub(.bytes(answer))
    let error = try await Session.start(hub.port).end()
    guard case .upgradeInvalid = error else {
      Issue.record("\(answer): \(String(describing: error))")
      return
    }
  }

  @Test func theConnectionEndsBeforeTheAnswer() async throws {
    let hub = try await RawHub(.end)
    #expect(try await Session.start(hub.port).end() == .endOfStream)
  }

  @Test func theConnectionIsResetBeforeTheAnswer() async throws {
    let hub = try await RawHub(.reset)
    let error = try await Session.start(hub.port).end()
    guard case .connectFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["ws", "wss"])
  func nothingAnswers(scheme: String) async throws {
    let hub = try await RawHub(.nothing)
    let session = try Session.start(
      hub.port, scheme: scheme,
      options: HubTransportOptions(connectTimeout: .milliseconds(200)))
    #expect(try await session.end() == .connectTimedOut)
    try await eventually("no connection stays") { hub.open == 0 }
  }

  @Test func nobodyListens() async throws {
    let error = try await Session.start(1).end()
    guard case .connectFailed(let problem) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problem.lowercased().contains("refused"))
  }

  @Test func thereIsNoSuchName() async throws {
    // The resolver refuses a label of 64 letters without asking anybody.
    let name = String(repeating: "a", count: 64) + ".invalid"
    let session = try Session.start(443, scheme: "wss", host: name)
    #expect(try await session.end() == .nameNotResolved(host: name))
  }

  @Test(
    arguments: [
      (1000, nil), (1001, .closedByServer(code: 1001)), (1011, .closedByServer(code: 1011)),
      (4001, .closedByServer(code: 4001)),
    ] as [(UInt16, HubTransportError?)])
  func theHubCloses(code: UInt16, expected: HubTransportError?) async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.write(text("last") + closeFrame(code) + text("after the end"))
    #expect(try await session.end() == expected)
    #expect(session.log.text == "last")
    try await eventually("the close frame is answered") { hub.frames?.isEmpty == false }
    #expect(
      hub.frames == [ClientFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)])])
  }

  @Test func theHubClosesWithoutACode() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.write(frame(8, []))
    #expect(try await session.end() == .closedByServer(code: nil))
  }

  @Test func theHubEndsWithoutACloseFrame() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.write(text("last"))
    hub.end()
    #expect(try await session.end() == .endOfStream)
    #expect(session.log.text == "last")
  }

  @Test func theConnectionIsReset() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.reset()
    let error = try await session.end()
    guard case .connectionFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aBinaryFrame() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.write(frame(2, [1]))
    #expect(try await session.end() == .binaryFrame)
    try await eventually("the hub is told") { hub.frames?.first?.payload == [0x03, 0xEB] }
  }

  @Test func aFrameThatIsTooLong() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub, options: HubTransportOptions(frameLimit: 1_000))
    hub.write(frame(1, [UInt8](repeating: 0x61, count: 1_000)))
    hub.write(Array(frame(1, [UInt8](repeating: 0x61, count: 1_001)).prefix(10)))
    #expect(try await session.end() == .frameTooLong(limit: 1_000))
    #expect(session.log.bytes.count == 1_000)
    try await eventually("the hub is told") { hub.frames?.first?.payload == [0x03, 0xF1] }
  }

  @Test(arguments: [
    ("masked", frame(1, [1], isMasked: true)), ("extension", frame(1, [1], reserved: 0x40)),
    ("unknown kind", frame(3, [1])), ("continuation of nothing", frame(0, [1])),
    ("message within a message", frame(1, [], isFinal: false) + frame(1, [1])),
    ("fragmented ping", frame(9, [1], isFinal: false)),
    ("long ping", frame(9, [UInt8](repeating: 1, count: 126))),
  ])
  func theProtocolIsBroken(what: String, bytes: [UInt8]) async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    hub.write(bytes)
    let error = try await session.end()
    guard case .protocolViolation = error else {
      Issue.record("\(what): \(String(describing: error))")
      return
    }
    try await eventually("the hub is told") { hub.frames?.first?.payload == [0x03, 0xEA] }
  }

  @Test func errorsSpeakPlainly() {
    let errors: [HubTransportError] = [
      .nameNotResolved(host: "h"), .connectFailed("p"), .connectTimedOut, .tlsFailed("p"),
      .upgradeRefused(status: 401), .upgradeInvalid("p"), .closedByServer(code: nil),
      .closedByServer(code: 1011), .endOfStream, .connectionFailed("p"), .binaryFrame,
      .frameTooLong(limit: 5), .protocolViolation("p"),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
