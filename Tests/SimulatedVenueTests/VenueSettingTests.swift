import Glibc
import RiskModel
import SimulatedVenue
import Testing

/// The switches, through the admin interface.
struct VenueSettingTests {
  private func withAdmin(_ body: (SimulatedVenueServer, RawSocket) throws -> Void) throws {
    try withVenue { venue in try body(venue, try RawSocket(port: venue.adminPort)) }
  }

  private func settings(_ socket: RawSocket) throws -> [JSONMember] {
    try socket.request("GET", "/settings")
    guard case .object(let members) = try socket.reply().json else { return [] }
    return members
  }

  private func set(_ socket: RawSocket, _ body: String) throws -> RawReply {
    try socket.request("POST", "/settings", body: body)
    return try socket.reply()
  }

  /// A value that each setting does not have at the start.
  static let others: [String: String] = [
    "replyLatency": "5", "requestLatency": "6", "tokenLifetime": "60000",
    "validateEndsOldToken": "true", "tokenRefusal": #""code""#,
    "loginObstacle": #""apiSubscriptionNotFound""#,
    "requestLimit":
      #"{"requests":7,"seconds":8,"sliding":true,"retryAfter":true,"countsRefused":true}"#,
    "barLimit":
      #"{"requests":9,"seconds":3,"sliding":false,"retryAfter":false,"countsRefused":false}"#,
    "showsCommissions": "false", "nullMeansUnchanged": "false", "restIdsAsText": "true",
    "restDecimals": #""padded""#, "restTimestampDigits": "3", "restTimestampOffset": #""Z""#,
    "restHidesUpdateTimestamps": "true", "restAddsUnknownMembers": "true",
    "acceptanceDelay": "1", "cancellationDelay": #""never""#, "liquidityPerStep": "2",
    "marketRemainder": #""waits""#, "stopSlippageTicks": "2", "exitsCancelledAfterClose": "50",
    "exitsCancelledAfterPartialClose": "51", "exitsResizedAfterPartialClose": "52",
    "cancellingLegCancelsSibling": "true", "reversalReportsFlat": "true",
    "closedMarketCode": "2", "closedMarketAllowsCancel": "true", "lockedAccountCode": "10",
    "lockedAccountAllowsClose": "false", "minimumBalance": "1000.5", "maximumPosition": "5",
    "hubPayload": #""array""#, "hubWritesNulls": "true", "hubIdsAsText": "true",
    "hubGrouping": #""bytes""#, "hubSendsSnapshots": "true", "hubEventOrder": #""reversed""#,
    "hubAllowsOneConnection": "true", "hubTokenExpiry": #""logs-out""#, "hubKeepAlive": "100",
    "hubClientTimeout": "200", "hubHandshakeTimeout": "300", "hubMaximumRecordSize": "1000",
    "hubMaximumBacklog": "100000", "hubDecimals": #""exponent""#, "hubTimestampDigits": "0",
    "hubTimestampOffset": #""-05:00""#, "hubHidesUpdateTimestamps": "true",
    "hubAddsUnknownMembers": "true",
  ]

  @Test func `every setting is shown, set and set back as it is shown`() throws {
    try withAdmin { venue, socket in
      let defaults = try settings(socket)
      #expect(Set(defaults.map(\.name)) == Set(Self.others.keys))
      #expect(venue.behaviour == VenueBehaviour())
      for member in defaults {
        let other = try #require(Self.others[member.name])
        #expect(try set(socket, #"{"\#(member.name)":\#(other)}"#).status == 200)
        let now = try settings(socket)
        #expect(now.first { $0.name == member.name }?.value.jsonText == other)
        #expect(now.count { !defaults.contains($0) } == 1, "\(member.name) changes itself alone")
        #expect(venue.behaviour != VenueBehaviour())
        let back = try set(socket, #"{"\#(member.name)":\#(member.value.jsonText)}"#)
        #expect(back.status == 200, "\(back.text)")
        #expect(venue.behaviour == VenueBehaviour(), "\(member.name) is set back")
      }
    }
  }

  @Test(arguments: [
    ("{}", "body: at least one setting is needed; there are replyLatency, "),
    (#"{"speed":1}"#, "body: "),
    (#"{"hubGrouping":"none"}"#, "body: hubGrouping: expected one of bursts, bytes, "),
    (#"{"closedMarketCode":11}"#, "body: closedMarketCode: expected a whole number from 1 to 10"),
    (#"{"restTimestampDigits":10}"#, "body: restTimestampDigits: expected a whole number"),
    (#"{"barLimit":{"requests":1}}"#, "body: barLimit: the key `seconds` is missing"),
  ])
  func `a setting that cannot be is named, and nothing changes`(
    body: String, problem: String
  ) throws {
    try withAdmin { venue, socket in
      let reply = try set(socket, body)
      #expect(reply.status == 400)
      #expect(reply.json["problem"]?.text?.hasPrefix(problem) == true, "\(reply.text)")
      #expect(venue.behaviour == VenueBehaviour())
    }
  }

  @Test func `a switch of the hubs takes effect on connections that are open`() throws {
    try withAdmin { venue, socket in
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeTrades", "1001")
      _ = try set(socket, #"{"hubPayload":"bare","hubGrouping":"bytes"}"#)
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try client.nextEvent()["arguments"]?[0]?["size"]?.integer == 1)
      #expect(client.messages.last.map { $0.fragments == $0.text.utf8.count } == true)
      venue.setHub { $0.payload = .wrapped }
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try client.nextEvent().data?["size"]?.integer == 1)
    }
  }

  @Test func `a scenario sets settings at its start and on its way`() throws {
    try withVenue { venue in
      let text = #"""
        {"title":"t","venue":{"hubGrouping":"single"},
         "steps":[{"at":0,"do":"settings","stopSlippageTicks":3,"maximumPosition":2}]}
        """#
      try withTemporaryFile(text) { try venue.run(scenarioFile: $0) }
      #expect(venue.wait { !$0.isBusy })
      #expect(venue.behaviour.hub.grouping == .single)
      #expect(venue.behaviour.exchange.stopSlippageTicks == 3)
      #expect(venue.behaviour.exchange.maximumPosition == 2)
    }
  }

  @Test func `the venue's operators act through the admin interface`() throws {
    try withAdmin { venue, socket in
      func post(_ word: String, _ body: String) throws -> Int {
        try socket.request("POST", "/\(word)", body: body)
        return try socket.reply().status
      }
      let client = try RESTClient(venue)
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try post("void", #"{"trade":3000000001}"#) == 200)
      #expect(venue.trades(first).map(\.isVoided) == [true])
      #expect(try post("void", #"{"trade":3000000001}"#) == 409)
      #expect(try post("clearPrices", #"{"contract":"MNQ"}"#) == 200)
      #expect(throws: Refusal<PlaceCode>.self) {
        try venue.trader.place(first, mnq, .buy, size: 1)
      }
      #expect(try post("pause", #"{"contract":"MES","ms":5000}"#) == 200)
      try socket.request("GET", "/state")
      let markets = try socket.reply().json["markets"]?.elements
      #expect(markets?.count { $0["pausedUntil"]?.isNull == false } == 1)
      let before = venue.now
      #expect(try post("clock", #"{"ms":3600000}"#) == 200)
      #expect(venue.now - before >= .seconds(3_600))
      #expect(try client.post(.searchPositions, #"{"accountId":1001}"#).status == 200)
      #expect(try post("endTokens", "") == 200)
      #expect(try client.post(.searchPositions, #"{"accountId":1001}"#).status == 401)
    }
  }

  @Test func `the README explains every switch and names every test file there is`() throws {
    let tests = #filePath.split(separator: "/").dropLast()
    let root = "/" + tests.dropLast(2).joined(separator: "/")
    let text = try contents("\(root)/Sources/SimulatedVenue/README.md")
    for name in Self.others.keys {
      #expect(text.contains("`\(name)`"), "\(name)")
    }
    let suites = text.split { !$0.isLetter }.filter { $0.hasSuffix("Tests") && $0.count > 5 }
    #expect(suites.count > 50)
    for suite in Set(suites) where suite != "SimulatedVenueTests" {
      #expect(access("/\(tests.joined(separator: "/"))/\(suite).swift", R_OK) == 0, "\(suite)")
    }
  }

  private func contents(_ path: String) throws -> String {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
