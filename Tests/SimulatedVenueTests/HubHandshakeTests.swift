import RiskModel
import SimulatedVenue
import Testing

struct HubHandshakeTests {
  private func connect(
    _ venue: SimulatedVenueServer, _ hub: VenueHub = .user, _ query: String? = nil
  ) throws -> RawHubClient {
    let token = try #require(try RESTClient(venue).token)
    return try RawHubClient(
      port: venue.port, path: "\(hub.path)?\(query ?? "access_token=\(token)")")
  }

  @Test(arguments: VenueHub.allCases)
  func `both hubs take a token in the query`(hub: VenueHub) throws {
    try withVenue { venue in
      let client = try connect(venue, hub)
      #expect(client.upgradeReply.status == 101)
      #expect(client.upgradeReply.headers["date"]?.hasSuffix(" GMT") == true)
      #expect(client.upgradeReply.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      try client.shakeHands()
      #expect(venue.liveConnections(hub) == 1)
    }
  }

  @Test func `a percent-encoded token is decoded`() throws {
    try withVenue { venue in
      let token = try #require(try RESTClient(venue).token)
      let encoded = token.replacing(".", with: "%2E")
      let client = try connect(venue, .user, "x=%zz+y&access_token=\(encoded)")
      #expect(client.upgradeReply.status == 101)
    }
  }

  @Test(arguments: [
    ("access_token=a.b.c", 401), ("", 401), ("id=unknown&access_token=", 401),
  ])
  func `a bad token is refused before the upgrade`(query: String, status: Int) throws {
    try withVenue { venue in
      let client = try connect(venue, .user, query)
      #expect(client.upgradeReply.status == status)
      #expect(client.upgradeReply.headers["date"] != nil)
    }
  }

  @Test func `another path is not found`() throws {
    try withVenue { venue in
      let client = try RawHubClient(port: venue.port, path: "/hubs/other?access_token=x")
      #expect(client.upgradeReply.status == 404)
    }
  }

  @Test func `negotiation names a connection that opens once`() throws {
    try withVenue { venue in
      let rest = try RESTClient(venue)
      let token = try #require(rest.token)
      try rest.socket.request(
        "POST", "/hubs/user/negotiate?negotiateVersion=1",
        headers: ["Authorization: Bearer \(token)"],
        body: "")
      let reply = try rest.socket.reply()
      #expect(reply.json["negotiateVersion"]?.integer == 1)
      #expect(reply.json["connectionId"]?.text != nil)
      #expect(
        reply.json["availableTransports"]?[0]?["transport"]?.text == "WebSockets")
      let name = try #require(reply.json["connectionToken"]?.text)
      let query = "id=\(name)&access_token=\(token)"
      #expect(try connect(venue, .market, query).upgradeReply.status == 404)
      let open = try connect(venue, .user, query)
      #expect(open.upgradeReply.status == 101)
      #expect(try connect(venue, .user, query).upgradeReply.status == 409)
      try open.shakeHands()
      #expect(try connect(venue, .user, "id=x&access_token=\(token)").upgradeReply.status == 404)
    }
  }

  @Test func `negotiation of version 0 has no connection token`() throws {
    try withVenue { venue in
      let rest = try RESTClient(venue)
      let token = try #require(rest.token)
      try rest.socket.request(
        "POST", "/hubs/market/negotiate?access_token=\(token)", body: "")
      let reply = try rest.socket.reply()
      #expect(reply.json["connectionToken"] == nil)
      let name = try #require(reply.json["connectionId"]?.text)
      let open = try connect(venue, .market, "id=\(name)&access_token=\(token)")
      #expect(open.upgradeReply.status == 101)
    }
  }

  @Test func `negotiation wants a POST and a token`() throws {
    try withVenue { venue in
      let rest = try RESTClient(venue)
      try rest.socket.request("GET", "/hubs/user/negotiate")
      #expect(try rest.socket.reply().status == 405)
      try rest.socket.request("POST", "/hubs/user/negotiate", body: "")
      #expect(try rest.socket.reply().status == 401)
    }
  }

  @Test(arguments: [
    (
      #"{"protocol":"json","version":0}"#,
      "The server does not support version 0 of the 'json' protocol."
    ),
    (#"{"protocol":"messagepack","version":1}"#, "The protocol 'messagepack' is not supported."),
    (#"{"type":6}"#, "Expected a handshake request from the client."),
    ("nonsense", "Expected a handshake request from the client."),
  ])
  func `a wrong handshake is answered with an error and the end`(
    record: String, error: String
  ) throws {
    try withVenue { venue in
      let client = try connect(venue)
      try client.sendRecord(record)
      #expect(try client.nextRecord()["error"]?.text == error)
      #expect(client.awaitEnd() == .ended)
      #expect(client.closeCode == 1000)
    }
  }

  @Test func `a handshake byte by byte, with an invocation right behind it`() throws {
    try withVenue { venue in
      let client = try connect(venue)
      for byte in #"{"protocol":"json","version":1,"extra":[]}"#.utf8 {
        try client.sendFrame(opcode: 1, [byte])
      }
      try client.sendFrame(
        opcode: 1,
        [0x1E]
          + Array(
            #"{"type":1,"invocationId":"a","target":"SubscribeAccounts","arguments":[]}"#.utf8)
          + [0x1E])
      #expect(try client.nextRecord().jsonText == "{}")
      #expect(
        try client.nextRecord().jsonText == #"{"type":3,"invocationId":"a","result":null}"#)
    }
  }

  @Test func `a handshake that does not come ends the connection`() throws {
    try withVenue {
      $0.hub.handshakeTimeout = .milliseconds(50)
    } _: { venue in
      let client = try connect(venue)
      #expect(client.awaitEnd() == .ended)
      #expect(client.leftOver.first?["error"]?.text == "Handshake was canceled.")
    }
  }
}
