import NIOCore
import NIOPosix
import RiskModel
import Testing

@testable import VenueREST

@Suite struct MovedCallTests {
  @Test func aCallWhoseConnectionIsGoneIsMovedToAnother() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("{}")] }
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let answers = Answers()
    let address = try VenueAddress("http://127.0.0.1:\(server.port)")
    let tls = try RESTClient.sharedTLS.get()
    let held = try await loop.submit {
      let connections = RESTConnections(
        address: address, tls: tls, clock: TestClock(), options: RESTOptions(warmConnections: 1),
        loop: loop)
      connections.warmUp(1)
      // Stands for the first connection, opened and gone without a word.
      connections.connectionOpened(
        RESTConnection(
          id: ConnectionID(number: 1), isSecure: false, replyLimit: 1, owner: connections))
      connections.send(
        HTTPCall(method: .post, path: "/x"),
        deadline: TestClock().monotonicNow() + .seconds(60), priority: .enforcement,
        completion: answers.keep("/x"))
      return NIOLoopBound(connections, eventLoop: loop)
    }.get()
    try await eventually("it is answered") { answers["/x"] != nil }
    #expect(answers["/x"]?.status == 200)
    #expect(server.requests.count == 1)
    try await loop.submit { held.value.close() }.get()
  }
}
