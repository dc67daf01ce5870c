import RiskModel
import SimulatedVenue
import Testing

struct HubProtocolTests {
  @Test func `methods answer, names match in any case`() throws {
    try withVenue { venue in
      let user = try RawHubClient(venue, .user)
      #expect(
        try user.invoke("subscribeORDERS", "1001").jsonText
          == #"{"type":3,"invocationId":"1","result":null}"#)
      for target in [
        "SubscribeAccounts", "UnsubscribeAccounts", "SubscribePositions", "UnsubscribePositions",
        "SubscribeTrades", "UnsubscribeTrades", "UnsubscribeOrders",
      ] {
        let arguments = target.hasSuffix("Accounts") ? "" : "1001"
        #expect(try user.invoke(target, arguments)["error"] == nil)
      }
      let market = try RawHubClient(venue, .market)
      for target in ["Quotes", "Trades", "MarketDepth"] {
        #expect(
          try market.invoke("SubscribeContract\(target)", #""CON.F.US.MNQ.Z26""#)["error"] == nil)
        #expect(
          try market.invoke("UnsubscribeContract\(target)", #""CON.F.US.MNQ.Z26""#)["error"] == nil)
      }
    }
  }

  @Test(arguments: [
    ("Quote", "1001", "Unknown hub method 'Quote'"),
    ("SubscribeContractQuotes", "\"x\"", "Unknown hub method 'SubscribeContractQuotes'"),
    ("SubscribeOrders", "", "Failed to invoke 'SubscribeOrders' due to an error on the server."),
    (
      "SubscribeOrders", "[1001]",
      "Failed to invoke 'SubscribeOrders' due to an error on the server."
    ),
    (
      "SubscribeAccounts", "1001",
      "Failed to invoke 'SubscribeAccounts' due to an error on the server."
    ),
  ])
  func `a wrong call is completed with an error`(
    target: String, arguments: String, error: String
  ) throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      #expect(try client.invoke(target, arguments)["error"]?.text == error)
      #expect(try client.invoke("SubscribeAccounts")["error"] == nil)
    }
  }

  @Test func `a call without an id gets no answer, not even for an error`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendRecord(#"{"type":1,"target":"Nothing","arguments":[]}"#)
      try client.sendRecord(#"{"type":1,"target":"SubscribeTrades","arguments":[1001]}"#)
      try client.sendRecord(#"{"type":42}"#)
      try client.sendRecord(#"{"type":3,"invocationId":"9","result":null}"#)
      #expect(try client.invoke("SubscribeAccounts")["invocationId"]?.text == "1")
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try client.nextEvent().target == "GatewayUserTrade")
    }
  }

  @Test(arguments: [
    "not json", "[1]", #"{"type":"1"}"#, #"{"target":"x"}"#, #"{"type":4}"#, #"{"type":2}"#,
    #"{"type":1,"arguments":[]}"#, #"{"type":1,"target":"x"}"#,
    #"{"type":1,"invocationId":7,"target":"x","arguments":[]}"#,
  ])
  func `a broken record closes with an error`(record: String) throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendRecord(record)
      #expect(
        try client.nextRecord().jsonText
          == #"{"type":7,"error":"Connection closed with an error."}"#)
      #expect(client.awaitEnd() == .ended)
      #expect(venue.wait { $0.liveConnections(.user) == 0 })
    }
  }

  @Test(arguments: [true, false])
  func `a record that is too large closes with an error`(isComplete: Bool) throws {
    try withVenue {
      $0.hub.maximumRecordSize = 100
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      let text = Array(repeating: UInt8(ascii: " "), count: 200)
      try client.sendFrame(opcode: 1, text + (isComplete ? [0x1E] : []))
      #expect(try client.nextRecord()["type"]?.integer == 7)
    }
  }

  @Test func `a close record is answered by the end`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendRecord(#"{"type":7}"#)
      #expect(client.awaitEnd() == .ended)
      #expect(client.closeCode == 1000)
    }
  }

  @Test func `websocket pings are answered and fragments joined`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendFrame(opcode: 9, Array("hello".utf8))
      let pong = try client.nextFrame()
      #expect(pong.opcode == 10 && pong.payload == Array("hello".utf8))
      let record = Array(
        #"{"type":1,"invocationId":"f","target":"SubscribeAccounts","arguments":[]}"#.utf8)
      try client.sendFrame(opcode: 1, isFinal: false, Array(record[..<20]))
      try client.sendFrame(opcode: 10, [])
      try client.sendFrame(opcode: 0, Array(record[20...]) + [0x1E])
      #expect(try client.nextRecord()["invocationId"]?.text == "f")
    }
  }

  @Test func `a websocket close is answered by one`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendFrame(opcode: 8, [3, 232])
      #expect(client.awaitEnd() == .ended)
      #expect(client.closeCode == 1000)
      #expect(venue.wait { $0.liveConnections(.user) == 0 })
    }
  }

  @Test func `a masked frame of a forbidden kind ends the connection`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.sendFrame(opcode: 9, isFinal: false, [])
      #expect([.ended, .reset].contains(client.awaitEnd()))
      #expect(venue.wait { $0.liveConnections(.user) == 0 })
    }
  }

  @Test func `the venue pings when it has nothing else to say`() throws {
    try withVenue {
      $0.hub.keepAlive = .milliseconds(40)
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      for _ in 0..<3 { #expect(try client.nextRecord().jsonText == #"{"type":6}"#) }
    }
  }

  @Test func `a client that has pinged once must go on`() throws {
    try withVenue {
      $0.hub.clientTimeout = .milliseconds(60)
    } _: { venue in
      let quiet = try RawHubClient(venue, .user)
      let client = try RawHubClient(venue, .user)
      try client.sendRecord(#"{"type":6}"#)
      #expect(client.awaitEnd() == .ended)
      #expect(client.closeCode == nil)
      #expect(try quiet.invoke("SubscribeAccounts")["error"] == nil)
    }
  }

  @Test(arguments: TokenExpiryAction.allCases)
  func `an expired token leaves, aborts, closes or logs out the connection`(
    action: TokenExpiryAction
  ) throws {
    try withVenue {
      $0.gateway.tokenLifetime = .milliseconds(1_500)
      $0.hub.tokenExpiry = action
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      switch action {
      case .staysConnected:
        #expect(client.socket.isSilent(for: 1_700))
        #expect(try client.invoke("SubscribeAccounts")["error"] == nil)
      case .aborts:
        #expect(client.awaitEnd() == .ended)
        #expect(client.closeCode == nil && client.leftOver.isEmpty)
      case .closes:
        #expect(client.awaitEnd() == .ended)
        #expect(client.leftOver.first?["type"]?.integer == 7)
      case .logsOut:
        #expect(client.awaitEnd() == .ended)
        #expect(client.leftOver.first?.target == "GatewayLogout")
      }
    }
  }

  @Test func `a second connection of a token can log the first one out`() throws {
    try withVenue {
      $0.hub.allowsOneConnection = true
    } _: { venue in
      let token = try #require(try RESTClient(venue).token)
      let path = "\(VenueHub.user.path)?access_token=\(token)"
      let older = try RawHubClient(port: venue.port, path: path)
      try older.shakeHands()
      let newer = try RawHubClient(port: venue.port, path: path)
      try newer.shakeHands()
      #expect(try older.nextEvent().target == "GatewayLogout")
      #expect(older.awaitEnd() == .ended)
      #expect(try newer.invoke("SubscribeAccounts")["error"] == nil)
    }
  }
}
