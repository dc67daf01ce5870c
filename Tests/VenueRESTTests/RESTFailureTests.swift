import RiskModel
import Testing
import VenueREST

@Suite struct RESTFailureTests {
  private let single = RESTOptions(
    warmConnections: 1, mostConnections: 1, reservedForEnforcement: 0)

  private func outcome(
    of deeds: [ScriptedServer.Deed], options: RESTOptions = RESTOptions()
  ) async throws -> HTTPOutcome {
    let server = try await ScriptedServer { _ in deeds }
    let client = try RESTClient.toServer(server, options: options)
    let report = await client.call("/api/Position/closeContract")
    #expect(server.requests.count == 1)
    client.close()
    return report.outcome
  }

  @Test func theConnectionEndsBeforeTheReply() async throws {
    #expect(try await outcome(of: [.end]) == .unknownOutcome(.endBeforeReply))
  }

  @Test func theConnectionIsReset() async throws {
    let outcome = try await outcome(of: [.reset])
    guard case .unknownOutcome(.connectionFailed) = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nConte",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
  ])
  func theConnectionEndsWithinTheReply(half: String) async throws {
    #expect(
      try await outcome(of: [.bytes(Array(half.utf8)), .end]) == .unknownOutcome(.endWithinReply))
  }

  @Test(arguments: [
    "garbage\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
  ])
  func whatIsNotHTTP(text: String) async throws {
    let outcome = try await outcome(of: [.bytes(Array(text.utf8))])
    guard case .unknownOutcome(.malformedReply) = outcome else {
      Issue.record("\(text): \(outcome)")
      return
    }
  }

  @Test func aBodyThatIsAnnouncedTooLong() async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: \(20 << 20)\r\n\r\n"
    #expect(
      try await outcome(of: [.bytes(Array(head.utf8))])
        == .unknownOutcome(.replyTooLong(limit: 16 << 20)))
  }

  @Test func aBodyThatGrowsTooLong() async throws {
    let megabyte = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    let deeds: [ScriptedServer.Deed] =
      [.bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))]
      + (0..<20).map { _ in .bytes(megabyte) }
    #expect(
      try await outcome(of: deeds) == .unknownOutcome(.replyTooLong(limit: 16 << 20)))
  }

  @Test func aBodyUpToTheLimit() async throws {
    let outcome = try await outcome(
      of: [ScriptedServer.reply("12345678")], options: RESTOptions(replyLimit: 8))
    #expect(outcome == .response(HTTPReply(status: 200, body: Array("12345678".utf8))))
    #expect(
      try await self.outcome(
        of: [ScriptedServer.reply("123456789")], options: RESTOptions(replyLimit: 8))
        == .unknownOutcome(.replyTooLong(limit: 8)))
  }

  @Test func aLateReplyIsNotTakenForAnother() async throws {
    let server = try await ScriptedServer { request in
      [.hold, ScriptedServer.reply(request.path)]
    }
    let client = try RESTClient.toServer(server, options: single)
    let late = await client.call("/late", within: .milliseconds(1_500))
    #expect(late.outcome == .unknownOutcome(.deadline))
    #expect(late.bytesHandedToSocketAt != nil)
    let answers = Answers()
    client.start("/next", answers)
    try await eventually("the next is answered") {
      server.release()
      return answers["/next"] != nil
    }
    #expect(answers["/next"]?.text == "/next")
    #expect(server.requests.map(\.connection) == [1, 2])
    client.close()
  }

  @Test func aCallThatWaitedInVainWasNotSent() async throws {
    let server = try await ScriptedServer { _ in [.hold] }
    let client = try RESTClient.toServer(server, options: single)
    let answers = Answers()
    client.start("/first", answers)
    try await eventually("the first is under way") { server.requests.count == 1 }
    let second = await client.call("/second", within: .milliseconds(200))
    #expect(second.outcome == .notSent(.deadline))
    #expect(second.bytesHandedToSocketAt == nil)
    #expect(await client.call("/third", within: .zero).outcome == .notSent(.deadline))
    #expect(server.requests.count == 1)
    client.close()
  }

  @Test func noServer() async throws {
    let server = try await ScriptedServer.onQuietPort { _ in [ScriptedServer.reply("{}")] }
    try await server.stop()
    let client = try RESTClient.toServer(server)
    for _ in 0..<3 {
      let outcome = await client.call("/x").outcome
      guard case .notSent(.connectFailed) = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
    let revived = try await ScriptedServer(port: server.port) { _ in [ScriptedServer.reply("{}")] }
    #expect(await client.call("/x").status == 200)
    try await eventually("connections are warm again") { revived.open >= 2 }
    client.close()
  }

  /// The resolver refuses a label of 64 letters without asking anybody.
  private static let impossibleName = String(repeating: "a", count: 64) + ".invalid"

  @Test func noSuchName() async throws {
    let client = try RESTClient.toServer(1, scheme: "https", host: Self.impossibleName)
    let outcome = await client.call("/x").outcome
    guard case .notSent(.connectFailed) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    client.close()
  }

  @Test func aServerThatEndsConnectionsAtOnce() async throws {
    let server = try await ScriptedServer(greeting: [.end]) { _ in [] }
    let client = try RESTClient.toServer(server)
    client.warmUp(count: 4)
    try await eventually("it is tried again") { server.accepted >= 6 }
    let report = await client.call("/x", within: .seconds(2))
    #expect(report.status == nil)
    client.close()
  }

  @Test func bytesThatNobodyAskedForEndAConnection() async throws {
    let server = try await ScriptedServer { request in
      [ScriptedServer.reply(request.path), .bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))]
    }
    let client = try RESTClient.toServer(
      server, options: RESTOptions(warmConnections: 0, mostConnections: 1))
    #expect(await client.call("/a").text == "/a")
    try await eventually("the connection is given up") { server.open == 0 }
    #expect(await client.call("/b").text == "/b")
    client.close()
  }

  @Test(
    arguments: [
      ("/with space", nil), ("/with\r\nHost: x", nil), ("no-slash", nil), ("", nil), ("/é", nil),
      ("/ok", ""), ("/ok", "a b"), ("/ok", "a\r\nX: y"),
    ] as [(String, String?)])
  func aCallThatCannotBeWritten(path: String, token: String?) async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(server)
    #expect(await client.call(path, token: token).outcome == .notSent(.invalidCall))
    #expect(server.accepted == 0)
    client.close()
  }

  @Test func closingEndsEveryCall() async throws {
    let server = try await ScriptedServer { _ in [.hold] }
    let client = try RESTClient.toServer(server, options: single)
    let answers = Answers()
    client.start("/sent", answers)
    try await eventually("it is under way") { server.requests.count == 1 }
    client.start("/waiting", answers)
    client.close()
    #expect(await client.call("/after").outcome == .notSent(.clientClosed))
    #expect(answers["/sent"]?.outcome == .unknownOutcome(.clientClosed))
    #expect(answers["/waiting"]?.outcome == .notSent(.clientClosed))
    client.warmUp(count: 2)
    try await eventually("the connection ends") { server.open == 0 }
    #expect(server.accepted == 1)
  }

  @Test func closingFromWithinACompletion() async throws {
    let server = try await ScriptedServer.onQuietPort { _ in [] }
    try await server.stop()
    let client = try RESTClient.toServer(server, options: single)
    let answers = Answers()
    client.send(
      HTTPCall(method: .post, path: "/first"),
      deadline: TestClock().monotonicNow() + .seconds(60), priority: .enforcement
    ) { report in
      answers.keep("/first")(report)
      client.close()
    }
    client.start("/second", answers)
    try await eventually("both are over") { answers["/first"] != nil && answers["/second"] != nil }
    for path in ["/first", "/second"] {
      guard case .notSent = answers[path]?.outcome else {
        Issue.record("\(path): \(String(describing: answers[path]))")
        continue
      }
    }
  }

  @Test func closingWhileConnecting() async throws {
    let server = try await ScriptedServer { _ in [] }
    let client = try RESTClient.toServer(server)
    let answers = Answers()
    client.start("/x", answers)
    client.close()
    try await eventually("it is over") { answers["/x"] != nil }
    try await eventually("nothing stays open") { server.open == 0 }
    #expect(answers["/x"]?.status == nil)
  }
}
