import HubClient
import RiskModel
import Testing
import VenueREST

@Suite struct HubTransportTests {
  @Test func theUpgradeAsTheVenueWantsIt() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    let head = hub.head
    #expect(
      head.first
        == "GET /hubs/user?access_token=eyJ.a%2Bb%2Fc%3D%26x%20y.%C3%A9~-_ HTTP/1.1")
    let names = head.dropFirst().compactMap { $0.split(separator: ":").first?.lowercased() }
    #expect(
      names.sorted() == [
        "connection", "host", "sec-websocket-key", "sec-websocket-version", "upgrade", "user-agent",
      ])
    #expect(head.contains("Host: 127.0.0.1:\(hub.port)"))
    #expect(head.contains("Sec-WebSocket-Version: 13"))
    session.transport.close()
  }

  @Test func textBothWays() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    let before = TestClock().monotonicNow()
    hub.write(text("{}\u{1E}") + text("é\u{1E}"))
    try await eventually("both frames arrive") { session.log.text == "{}\u{1E}é\u{1E}" }
    let after = TestClock().monotonicNow()
    for case .bytes(_, let readAt) in session.log.all {
      #expect(before <= readAt && readAt <= after)
    }
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000)
    session.transport.send(Array("{\"type\":6}\u{1E}".utf8))
    session.transport.send(long)
    try await eventually("both messages arrive") { hub.frames?.count == 2 }
    #expect(
      hub.frames == [
        ClientFrame(opcode: 1, payload: Array("{\"type\":6}\u{1E}".utf8)),
        ClientFrame(opcode: 1, payload: long),
      ])
    session.transport.close()
  }

  @Test func framesInOnePieceWithTheAnswer() async throws {
    let hub = try await RawHub(.agree(text("{}\u{1E}") + text("more")))
    let session = try await Session.opened(hub)
    try await eventually("both frames arrive") { session.log.text == "{}\u{1E}more" }
    #expect(session.log.all.first == .opened)
    session.transport.close()
  }

  @Test func fragmentsWithAPingBetween() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    let letters = Array("µ🙂".utf8)
    hub.write(frame(1, Array(letters[..<1]), isFinal: false))
    hub.write(frame(0, Array(letters[1..<4]), isFinal: false))
    hub.write(frame(9, [1, 2, 3]))
    hub.write(frame(0, [], isFinal: false) + frame(0, Array(letters[4...])) + text("!"))
    try await eventually("all of it arrives") { session.log.text == "µ🙂!" }
    try await eventually("the ping is answered") {
      hub.frames == [ClientFrame(opcode: 10, payload: [1, 2, 3])]
    }
    session.transport.close()
  }

  @Test func framesByteByByte() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    for byte in text("slow") + frame(10, [7]) + frame(1, [UInt8](repeating: 0x61, count: 300)) {
      hub.write([byte])
    }
    try await eventually("all of it arrives") { session.log.bytes.count == 304 }
    session.transport.close()
  }

  @Test func sendingBeforeItIsOpenHasNoEffect() async throws {
    let hub = try await RawHub(.nothing)
    let session = try Session.start(hub.port)
    try await eventually("the upgrade is asked for") { !hub.head.isEmpty }
    session.transport.send([1])
    hub.agree()
    try await eventually("the transport is open") { session.log.isOpen }
    session.transport.send([2])
    try await eventually("a message arrives") { hub.frames?.isEmpty == false }
    #expect(hub.frames == [ClientFrame(opcode: 1, payload: [2])])
    session.transport.close()
  }

  @Test func closingInGoodOrder() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(
      hub, options: HubTransportOptions(closeTimeout: .seconds(60)))
    session.transport.close()
    session.transport.close()
    session.transport.send([1])
    try await eventually("the close frame arrives") { hub.frames?.isEmpty == false }
    #expect(hub.frames == [ClientFrame(opcode: 8, payload: [0x03, 0xE8])])
    #expect(!session.log.isClosed)
    hub.write(text("too late") + frame(9, [4]))
    try await eventually("a ping is still answered") {
      hub.frames?.last == ClientFrame(opcode: 10, payload: [4])
    }
    hub.write(closeFrame(1000))
    #expect(try await session.end() == nil)
    #expect(session.log.bytes.isEmpty)
    try await eventually("the connection ends") { hub.open == 0 }
  }

  @Test func closingAHubThatDoesNotAnswer() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(
      hub, options: HubTransportOptions(closeTimeout: .milliseconds(100)))
    session.transport.close()
    #expect(try await session.end() == nil)
    try await eventually("the connection ends") { hub.open == 0 }
  }

  @Test func closingAHubThatEndsInstead() async throws {
    let hub = try await RawHub()
    let session = try await Session.opened(hub)
    session.transport.close()
    try await eventually("the close frame arrives") { hub.frames?.isEmpty == false }
    hub.end()
    #expect(try await session.end() == nil)
  }

  @Test func closingWhileConnecting() async throws {
    let hub = try await RawHub(.nothing)
    let session = try Session.start(hub.port)
    session.transport.close()
    #expect(try await session.end() == nil)
    let late = try Session.start(hub.port)
    try await eventually("the upgrade is asked for") { !hub.head.isEmpty }
    late.transport.close()
    #expect(try await late.end() == nil)
    try await eventually("no connection stays") { hub.open == 0 }
  }

  @Test func aTransportThatNobodyHoldsGoesOn() async throws {
    let hub = try await RawHub()
    let log = try await Session.opened(hub).log
    hub.write(text("still here"))
    try await eventually("the frame arrives") { log.text == "still here" }
    hub.write(closeFrame(1000))
    try await eventually("it ends") { log.isClosed }
  }
}
