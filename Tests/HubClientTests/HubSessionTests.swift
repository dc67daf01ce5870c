import HubClient
import HubProtocol
import NIOConcurrencyHelpers
import NIOPosix
import RiskModel
import Testing
import VenueREST

/// The machine and the transport together, as a worker joins them.
@Suite struct HubSessionTests {
  private struct Joined: Sendable {
    var connection = HubConnection()
    var transport: HubTransport?
    var delivered: [String] = []
    var completed: [HubInvocationOutcome] = []
    var isConnected = false
    var reason: HubCloseReason?

    mutating func run(_ actions: [HubAction]) {
      for action in actions {
        switch action {
        case .send(let bytes): transport?.send(bytes)
        case .closeTransport: transport?.close()
        case .probe: transport?.ping()
        case .connected: isConnected = true
        case .deliver(_, let arguments, _):
          delivered.append(String(decoding: arguments, as: UTF8.self))
        case .completed(_, let outcome): completed.append(outcome)
        case .closed(let reason): self.reason = reason
        case .openTransport, .schedule: break
        }
      }
    }
  }

  private let attempt = HubAttempt(number: 1)

  private func start(_ hub: RawHub) throws -> NIOLockedValueBox<Joined> {
    let joined = NIOLockedValueBox(Joined())
    let connector = try HubTransportConnector(
      group: MultiThreadedEventLoopGroup.singleton, tls: Session.sharedTLS.get(),
      clock: TestClock(),
      options: Session.patient)
    let address = try VenueAddress("ws://localhost:\(hub.port)/hubs/user")
    joined.withLockedValue {
      $0.run($0.connection.connect())
      $0.transport = connector.connect(address, token: Secret("t")) { [attempt] event in
        joined.withLockedValue {
          switch event {
          case .opened:
            $0.run($0.connection.transportOpened(attempt, at: TestClock().monotonicNow()))
          case .bytes(let bytes, let readAt):
            $0.run($0.connection.received(bytes, attempt, at: readAt))
          case .pong(let readAt):
            $0.run($0.connection.probeAnswered(attempt, at: readAt))
          case .closed(let error):
            $0.run($0.connection.transportClosed(attempt, detail: error?.description))
          }
        }
      }
    }
    return joined
  }

  private func sent(_ hub: RawHub) -> String {
    String(decoding: hub.frames?.flatMap { $0.payload } ?? [], as: UTF8.self)
  }

  @Test func aWholeSession() async throws {
    let hub = try await RawHub()
    let joined = try start(hub)
    try await eventually("the handshake arrives") {
      sent(hub) == "{\"protocol\":\"json\",\"version\":1}\u{1E}"
    }
    hub.write(text("{}\u{1E}{\"type\":6}\u{1E}"))
    try await eventually("it is connected") { joined.withLockedValue { $0.isConnected } }
    joined.withLockedValue {
      $0.run(
        $0.connection.invoke(
          "SubscribeOrders", [.integer(7)], at: TestClock().monotonicNow()
        ).actions)
    }
    try await eventually("the call arrives") {
      sent(hub).hasSuffix(
        "{\"type\":6}\u{1E}"
          + "{\"type\":1,\"invocationId\":\"1\",\"target\":\"SubscribeOrders\",\"arguments\":[7]}\u{1E}"
      )
    }
    hub.write(
      text("{\"type\":3,\"invocationId\":\"1\"}\u{1E}{\"type\":1,\"target\":\"GatewayUserOrder\",")
        + text("\"arguments\":[{\"id\":1}]}\u{1E}{\"type\":7}\u{1E}"))
    try await eventually("it is over") { joined.withLockedValue { $0.reason != nil } }
    let end = joined.withLockedValue { $0 }
    #expect(end.completed == [.succeeded])
    #expect(end.delivered == [#"[{"id":1}]"#])
    #expect(end.reason == .closedByServer(error: nil, allowReconnect: false))
    try await eventually("the transport is closed in good order") {
      hub.frames?.last == ClientFrame(opcode: 8, payload: [0x03, 0xE8])
    }
  }

  @Test func aPingOfOursIsAnsweredAndHeard() async throws {
    let hub = try await RawHub()
    let joined = try start(hub)
    try await eventually("the handshake arrives") { sent(hub).hasSuffix("\u{1E}") }
    hub.write(text("{}\u{1E}"))
    try await eventually("it is connected") { joined.withLockedValue { $0.isConnected } }
    joined.withLockedValue { $0.run([.probe]) }
    try await eventually("the ping arrives") {
      hub.frames?.contains(ClientFrame(opcode: 9, payload: [])) == true
    }
    hub.write([0x8A, 0x00])
    try await eventually("the pong is heard") {
      joined.withLockedValue { $0.connection.counters.probesAnswered } == 1
    }
    #expect(joined.withLockedValue { $0.reason } == nil)
  }

  @Test func aRefusedUpgradeEndsTheAttempt() async throws {
    let hub = try await RawHub(.bytes("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"))
    let joined = try start(hub)
    try await eventually("it is over") { joined.withLockedValue { $0.reason != nil } }
    #expect(
      joined.withLockedValue { $0.reason }
        == .transportLost("the hub refused the connection with HTTP 401"))
  }
}
