import NIOPosix
import RiskModel
import Testing
import VenueREST

@Suite struct RESTClientTests {
  @Test func aCallAndItsReply() async throws {
    let server = try await ScriptedServer { _ in
      [
        ScriptedServer.reply(
          #"{"success":true}"#,
          headers: ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: 7", "X-Other: 1"])
      ]
    }
    let client = try RESTClient.toServer(server)
    let before = TestClock().monotonicNow()
    let report = await client.call("/api/Order/place", body: #"{"a":"é"}"#, token: "abc.def-_~")
    #expect(
      report.outcome
        == .response(
          HTTPReply(
            status: 200, body: Array(#"{"success":true}"#.utf8),
            date: Instant(secondsSinceEpoch: 784_111_777), retryAfter: .delay(.seconds(7)))))
    let handed = try #require(report.bytesHandedToSocketAt)
    #expect(before <= handed && handed <= report.finishedAt)
    let request = try #require(server.requests.first)
    #expect(
      request.head.split(separator: "\r\n") == [
        "POST /api/Order/place HTTP/1.1", "Host: 127.0.0.1:\(server.port)",
        "User-Agent: riskd/\(RiskdVersion.release)", "Accept: application/json",
        "Authorization: Bearer abc.def-_~", "Content-Type: application/json", "Content-Length: 10",
      ])
    #expect(request.body == Array(#"{"a":"é"}"#.utf8))
    client.close()
  }

  @Test func aGetHasNoBodyAndNeedsNoToken() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("pong")] }
    let client = try RESTClient.toServer(server)
    let report = await withCheckedContinuation { continuation in
      client.send(
        HTTPCall(method: .get, path: "/api/Status/ping"),
        deadline: TestClock().monotonicNow() + .seconds(60), priority: .normal
      ) { continuation.resume(returning: $0) }
    }
    #expect(report.text == "pong")
    let head = try #require(server.requests.first?.head.lowercased())
    #expect(head.hasPrefix("get /api/status/ping http/1.1\r\n"))
    #expect(!head.contains("authorization") && !head.contains("content-"))
    client.close()
  }

  @Test func thePathOfTheAddressGoesFirst() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("")] }
    let client = try RESTClient(
      address: VenueAddress("http://localhost:\(server.port)/gateway/"),
      tls: RESTClient.sharedTLS.get(),
      clock: TestClock(), loop: MultiThreadedEventLoopGroup.singleton.next())
    #expect(await client.call("/api/x").status == 200)
    #expect(server.requests.first?.path == "/gateway/api/x")
    #expect(server.requests.first?.head.contains("Host: localhost:\(server.port)") == true)
    client.close()
  }

  @Test(arguments: [
    ("401 Unauthorized", "", 401), ("429 Too Many Requests", "slow down", 429),
    ("502 Bad Gateway", "<html>maintenance</html>", 502), ("302 Found", "", 302),
    ("500 Internal Server Error", "{", 500),
  ])
  func everyStatusIsAReply(line: String, body: String, status: Int) async throws {
    let server = try await ScriptedServer { _ in
      [ScriptedServer.reply(body, status: line, headers: ["Location: /elsewhere"])]
    }
    let client = try RESTClient.toServer(server)
    let report = await client.call("/api/x")
    #expect(report.status == status)
    #expect(report.text == body)
    #expect(server.requests.count == 1)
    client.close()
  }

  @Test func aReplyInManyPieces() async throws {
    let pieces = [
      "HTTP/1.1 103 Early Hints\r\n\r\nHT", "TP/1.1 200 OK\r\nTransfer-Enc",
      "oding: chunked\r\n\r\n4\r",
      "\n{\"a\"\r\n", "3\r\n:1}\r\n0\r\n", "\r\n",
    ]
    let server = try await ScriptedServer { _ in
      pieces.flatMap { [.hold, .bytes(Array($0.utf8))] }
    }
    let client = try RESTClient.toServer(server, options: RESTOptions(warmConnections: 1))
    let answers = Answers()
    client.start("/slow", answers)
    try await eventually("the reply is complete") {
      server.release()
      return answers["/slow"] != nil
    }
    #expect(answers["/slow"]?.text == #"{"a":1}"#)
    client.close()
  }

  @Test func aReplyThatEndsWithItsConnection() async throws {
    let server = try await ScriptedServer { _ in
      [.bytes(Array("HTTP/1.1 200 OK\r\n\r\nall of it".utf8)), .end]
    }
    let client = try RESTClient.toServer(server)
    #expect(await client.call("/a").text == "all of it")
    #expect(await client.call("/b").text == "all of it")
    client.close()
  }

  @Test func aConnectionIsUsedAgain() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server, options: RESTOptions(warmConnections: 0, mostConnections: 1))
    for number in 0..<5 {
      #expect(await client.call("/\(number)").status == 200)
    }
    #expect(server.accepted == 1)
    #expect(server.requests.map(\.path) == ["/0", "/1", "/2", "/3", "/4"])
    client.close()
    try await eventually("the connection ends") { server.open == 0 }
  }

  @Test func aConnectionThatTheServerWantsToEndIsNotUsedAgain() async throws {
    let server = try await ScriptedServer { _ in
      [ScriptedServer.reply("{}", headers: ["Connection: close"])]
    }
    let client = try RESTClient.toServer(
      server, options: RESTOptions(warmConnections: 0, mostConnections: 1))
    for number in 0..<3 {
      #expect(await client.call("/\(number)").status == 200)
    }
    #expect(server.requests.map(\.connection) == [1, 2, 3])
    client.close()
  }

  @Test func warmingUpOpensConnectionsAndKeepsThem() async throws {
    let server = try await ScriptedServer { request in
      request.path == "/last" ? [ScriptedServer.reply("{}"), .end] : [ScriptedServer.reply("{}")]
    }
    let client = try RESTClient.toServer(server, options: RESTOptions(mostConnections: 4))
    client.warmUp(count: 3)
    try await eventually("three are open") { server.open == 3 }
    #expect(await client.call("/first").status == 200)
    #expect(await client.call("/last").status == 200)
    try await eventually("the one that ended is replaced") {
      server.open >= 3 && server.accepted >= 4
    }
    #expect(await client.call("/more").status == 200)
    client.close()
  }

  @Test func callsAreSpreadOverConnectionsUpToTheMost() async throws {
    let server = try await ScriptedServer { _ in [.hold, ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server,
      options: RESTOptions(warmConnections: 1, mostConnections: 3, reservedForEnforcement: 0))
    let answers = Answers()
    for path in ["/1", "/2", "/3", "/4"] { client.start(path, answers) }
    try await eventually("three are under way") { server.requests.count == 3 }
    #expect(Set(server.requests.map(\.connection)).count == 3)
    #expect(server.accepted == 3)
    try await eventually("all are answered") {
      server.release()
      return ["/1", "/2", "/3", "/4"].allSatisfy { answers[$0]?.status == 200 }
    }
    #expect(server.accepted == 3)
    client.close()
  }

  @Test func enforcementGoesFirst() async throws {
    let server = try await ScriptedServer { _ in [.hold, ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server,
      options: RESTOptions(warmConnections: 1, mostConnections: 1, reservedForEnforcement: 0))
    let answers = Answers()
    client.start("/first", answers)
    try await eventually("the first is under way") { server.requests.count == 1 }
    client.start("/normal-1", answers)
    client.start("/normal-2", answers)
    client.start("/close-1", answers, priority: .enforcement)
    client.start("/close-2", answers, priority: .enforcement)
    // Runs behind the calls above, so all of them wait when it is over.
    #expect(await client.call("/none", within: .zero).outcome == .notSent(.deadline))
    try await eventually("all are answered") {
      server.release()
      return answers["/normal-2"] != nil
    }
    #expect(
      server.requests.map(\.path) == ["/first", "/close-1", "/close-2", "/normal-1", "/normal-2"])
    client.close()
  }

  @Test func normalCallsLeaveConnectionsForEnforcement() async throws {
    let server = try await ScriptedServer { _ in [.hold, ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server,
      options: RESTOptions(warmConnections: 2, mostConnections: 2, reservedForEnforcement: 1))
    let answers = Answers()
    client.start("/normal-1", answers)
    client.start("/normal-2", answers)
    client.start("/close", answers, priority: .enforcement)
    try await eventually("two are under way") { server.requests.count == 2 }
    #expect(Set(server.requests.map(\.path)) == ["/normal-1", "/close"])
    try await eventually("all are answered") {
      server.release()
      return answers["/normal-2"] != nil
    }
    client.close()
  }

  @Test func anIdleConnectionIsReplacedBeforeTheServerEndsIt() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server, options: RESTOptions(warmConnections: 2, idleLimit: .milliseconds(50)))
    client.warmUp(count: 2)
    try await eventually("both are replaced") { server.accepted >= 4 }
    #expect(await client.call("/x").status == 200)
    client.close()
    try await eventually("all end") { server.open == 0 }
  }
}
