import RiskModel
import SimulatedVenue
import Testing

/// What a hub can say that a client does not expect.
struct HubRecordFaultTests {
  private func connect(_ venue: SimulatedVenueServer, _ hub: VenueHub = .user) throws
    -> RawHubClient
  {
    let token = try #require(try RESTClient(venue).token)
    let client = try RawHubClient(port: venue.port, path: "\(hub.path)?access_token=\(token)")
    try client.sendRecord(#"{"protocol":"json","version":1}"#)
    return client
  }

  @Test func `records share the message of the handshake's answer`() throws {
    try withVenue { venue in
      venue.addFault(
        .hub(.user, .handshake, .records([#"{"type":6}"#, #"{"type":42,"x":[1]}"#])))
      let client = try connect(venue)
      #expect(try client.nextRecord().jsonText == "{}")
      #expect(try client.nextRecord()["type"]?.integer == 6)
      #expect(try client.nextRecord()["type"]?.integer == 42)
      #expect(client.messages.count == 1)
    }
  }

  @Test func `the answer to a handshake comes byte by byte, or late`() throws {
    try withVenue {
      $0.hub.grouping = .bytes
    } _: { venue in
      let client = try connect(venue)
      #expect(try client.nextRecord().jsonText == "{}")
      #expect(client.messages.map(\.fragments) == [3])
      venue.addFault(.hub(.user, .handshake, .delay(.milliseconds(80))))
      let late = try connect(venue)
      #expect(late.socket.isSilent(for: 30))
      #expect(try late.nextRecord().jsonText == "{}")
    }
  }

  /// Records of kinds that are unknown, out of place or broken.
  static let oddities = [
    #"{"type":8,"sequenceId":1}"#, #"{"type":9,"sequenceId":1}"#, #"{"type":42}"#,
    #"{"type":1,"arguments":[]}"#, #"{"type":3,"invocationId":"999","result":null}"#,
    #"{"type":3,"invocationId":"999","error":"no"}"#,
    #"{"type":1,"target":"GatewayNews","arguments":[{}]}"#,
    #"{"type":1,"invocationId":"s1","target":"GatewayAsk","arguments":[]}"#,
    #"{"arguments":[],"target":"gatewayuserorder","type":1}"#,
  ]

  @Test(arguments: VenueHub.allCases)
  func `any record can be sent at once, and the connection goes on`(hub: VenueHub) throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, hub)
      venue.addFault(.hub(hub, .records(Self.oddities)))
      #expect(try client.nextEvents(Self.oddities.count).map(\.jsonText) == Self.oddities)
      _ = try client.invoke("x")
      venue.addFault(.hub(hub, .records(["", "not json"])))
      #expect(throws: JSONSyntaxError.self) { try client.nextEvent() }
    }
  }

  @Test func `records come before a completion and before an event`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      venue.addFault(.hub(.user, .invocation, .records([#"{"type":42}"#])))
      try client.sendRecord(
        #"{"type":1,"invocationId":"a","target":"SubscribeTrades","arguments":[1001]}"#)
      #expect(try client.nextEvents(2).map { $0["type"]?.integer } == [42, 3])
      venue.addFault(.hub(.user, .event(.trade), .records([#"{"type":43}"#])))
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try client.nextEvents(2).map { $0["type"]?.integer } == [43, 1])
    }
  }

  @Test func `a completion can be late`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      venue.addFault(.hub(.user, .invocation, .delay(.milliseconds(80))))
      try client.sendRecord(
        #"{"type":1,"invocationId":"a","target":"SubscribeTrades","arguments":[1001]}"#)
      #expect(client.socket.isSilent(for: 30))
      #expect(try client.nextEvent()["invocationId"]?.text == "a")
    }
  }

  @Test func `a binary message is sent as it is`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .market)
      venue.addFault(.hub(.market, .binary([0, 255, 0x1E])))
      let frame = try client.nextFrame()
      #expect(frame.opcode == 2 && frame.isFinal && frame.payload == [0, 255, 0x1E])
    }
  }

  @Test func `a ping of WebSocket is counted when it is answered`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      venue.addFault(.hub(.user, .webSocketPing))
      let ping = try client.nextFrame()
      #expect(ping.opcode == 9 && venue.pongs(.user) == 0)
      try client.sendFrame(opcode: 10, ping.payload)
      #expect(venue.wait { $0.pongs(.user) == 1 })
    }
  }

  @Test(arguments: [UInt16(1_000), 1_001, 1_011])
  func `a hub closes with a code of WebSocket and no record`(code: UInt16) throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      venue.addFault(.hub(.user, .webSocketClose(code: code)))
      #expect(client.awaitEnd() == .ended)
      #expect(client.closeCode == Int(code) && client.leftOver.isEmpty)
    }
  }

  @Test func `a token that expires by the venue's clock ends the connection at once`() throws {
    try withVenue {
      $0.hub.tokenExpiry = .logsOut
    } _: { venue in
      let user = try RawHubClient(venue, .user)
      let market = try RawHubClient(venue, .market)
      venue.shiftClock(by: .seconds(24 * 3_600))
      for client in [user, market] {
        #expect(client.awaitEnd() == .ended)
        #expect(client.leftOver.first?.target == "GatewayLogout")
      }
    }
  }

  @Test(
    arguments: [
      (.asHappened, ["Order", "Order", "Trade", "Position", "Account"]),
      (.tradesFirst, ["Trade", "Order", "Order", "Position", "Account"]),
      (.reversed, ["Account", "Position", "Trade", "Order", "Order"]),
    ] as [(EventOrder, [String])])
  func `the events of a fill come in the set order`(order: EventOrder, names: [String]) throws {
    try withVenue {
      $0.hub.eventOrder = order
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try client.nextEvents(5).compactMap(\.target) == names.map { "GatewayUser" + $0 })
    }
  }

  @Test func `a market hub freezes: pings go on, quotes stay away until the fault is gone`() throws
  {
    try withVenue {
      $0.hub.keepAlive = .milliseconds(30)
    } _: { venue in
      let client = try RawHubClient(venue, .market)
      _ = try client.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      venue.addFault(.hub(.market, .event(nil), .lose, count: nil))
      for _ in 0..<3 { venue.emitQuotes(5, contract: mnq) }
      for _ in 0..<3 { #expect(try client.nextRecord()["type"]?.integer == 6) }
      venue.clearFaults()
      try venue.setPrice(mnq, last: points("21007"))
      #expect(try client.nextEvent()["arguments"]?[1]?["lastPrice"] == .number("21007"))
    }
  }

  @Test func `a fill is told before the reply to its placement`() throws {
    try withVenue {
      $0.gateway.replyLatency = .milliseconds(100)
    } _: { venue in
      let rest = try RESTClient(venue)
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeTrades", "1001")
      try rest.send(
        .placeOrder, #"{"accountId":1001,"contractId":"\#(mnq.text)","type":2,"side":0,"size":1}"#)
      #expect(try client.nextEvent().target == "GatewayUserTrade")
      #expect(rest.socket.isSilent(for: 20))
      #expect(try rest.socket.reply().json["orderId"]?.integer == 3_400_000_001)
    }
  }
}
