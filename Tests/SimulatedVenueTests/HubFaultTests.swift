import RiskModel
import SimulatedVenue
import Testing

struct HubFaultTests {
  private func withClient(
    _ hub: VenueHub = .user, _ body: (SimulatedVenueServer, RawHubClient) throws -> Void
  ) throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, hub)
      if hub == .user {
        try client.subscribeUser()
      } else {
        _ = try client.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      }
      try body(venue, client)
    }
  }

  @Test(arguments: VenueHub.allCases)
  func `a hub is cut, reset or closed at once`(hub: VenueHub) throws {
    let effects: [(HubEffect, SocketFailure, Int?)] = [
      (.cut, .ended, nil), (.reset, .reset, nil),
      (.close(error: "Connection closed with an error.", allowReconnect: true), .ended, 1000),
    ]
    for (effect, end, code) in effects {
      try withClient(hub) { venue, client in
        let other = try RawHubClient(venue, hub == .user ? .market : .user)
        venue.addFault(.hub(hub, effect))
        #expect(client.awaitEnd() == end)
        #expect(client.closeCode == code)
        #expect(venue.wait { $0.liveConnections(hub) == 0 })
        _ = try other.invoke("x")
        if case .close = effect {
          #expect(
            client.leftOver.map(\.jsonText) == [
              #"{"type":7,"error":"Connection closed with an error.","allowReconnect":true}"#
            ])
        }
      }
    }
  }

  @Test func `a stalled hub stays open and says nothing`() throws {
    try withVenue {
      $0.hub.keepAlive = .milliseconds(20)
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeAccounts")
      venue.addFault(.hub(.user, .stall))
      _ = venue.emitBurst(orders: 3, account: first, contract: mnq)
      try client.sendRecord(#"{"type":1,"invocationId":"s","target":"x","arguments":[]}"#)
      while !client.socket.isSilent(for: 80) { _ = try client.nextRecord() }
      try client.sendFrame(opcode: 9, [])
      #expect(client.socket.isSilent(for: 100))
      #expect(venue.counters.userEvents == 0)
      let fresh = try RawHubClient(venue, .user)
      #expect(try fresh.invoke("SubscribeAccounts")["error"] == nil)
    }
  }

  @Test func `a logout without and with a text, which may end the token`() throws {
    try withClient { venue, client in
      venue.addFault(.hub(.user, .logout(message: nil, endsToken: false)))
      #expect(client.awaitEnd() == .ended)
      #expect(
        client.leftOver.map(\.jsonText) == [
          #"{"type":1,"target":"GatewayLogout","arguments":[]}"#, #"{"type":7}"#,
        ])
    }
    try withVenue { venue in
      let rest = try RESTClient(venue)
      let token = try #require(rest.token)
      let client = try RawHubClient(
        port: venue.port, path: "\(VenueHub.market.path)?access_token=\(token)")
      try client.shakeHands()
      venue.addFault(.hub(.market, .logout(message: "elsewhere", endsToken: true)))
      #expect(client.awaitEnd() == .ended)
      #expect(client.leftOver.first?["arguments"]?[0]?.text == "elsewhere")
      #expect(try rest.post(.searchAccounts, #"{"onlyActiveAccounts":true}"#).status == 401)
    }
  }

  @Test func `events are lost, doubled, late, garbled`() throws {
    try withClient { venue, client in
      venue.addFault(.hub(.user, .event(.trade), .lose))
      venue.addFault(.hub(.user, .event(.position), .duplicate))
      try venue.trader.place(first, mnq, .buy, size: 1)
      let targets = try client.nextEvents(5).compactMap(\.target)
      #expect(
        targets == [
          "GatewayUserOrder", "GatewayUserOrder", "GatewayUserPosition", "GatewayUserPosition",
          "GatewayUserAccount",
        ])
      #expect(venue.counters.lostEvents == 1)

      venue.addFault(.hub(.user, .event(.order), .delay(.milliseconds(60)), count: 2))
      try venue.trader.place(first, mnq, .buy, size: 1)
      let late = try client.nextEvents(5).compactMap(\.target)
      #expect(
        late == [
          "GatewayUserTrade", "GatewayUserPosition", "GatewayUserAccount", "GatewayUserOrder",
          "GatewayUserOrder",
        ])

      venue.addFault(.hub(.user, .event(nil), .garble))
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(throws: JSONSyntaxError.self) { try client.nextEvent() }
    }
  }

  @Test func `the connection dies in the middle of the fills`() throws {
    try withClient { venue, client in
      venue.addFault(.hub(.user, .event(.position), .reset))
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(client.awaitEnd() == .reset)
      #expect(venue.signedSize(first, mnq) == 1)
    }
  }

  @Test func `event faults keep to their account and contract`() throws {
    try withClient { venue, client in
      venue.addFault(
        Fault(.hub(.user, .event(.trade), .lose), account: second, contract: mnq, count: nil))
      _ = try client.invoke("SubscribeTrades", "1002")
      try venue.trader.place(first, mnq, .buy, size: 1)
      try venue.trader.place(second, mes, .buy, size: 1)
      try venue.trader.place(second, mnq, .buy, size: 1)
      let trades = try client.nextEvents(5 + 2 + 1).filter { $0.target == "GatewayUserTrade" }
      #expect(trades.compactMap { $0.data?["accountId"]?.integer } == [1001, 1002])
      #expect(venue.counters.lostEvents == 1)
    }
  }

  @Test func `quotes can be lost for good`() throws {
    try withClient(.market) { venue, client in
      venue.addFault(.hub(.market, .event(.quote), .lose, skip: 1, count: nil))
      for last in ["21001", "21002", "21003"] { try venue.setPrice(mnq, last: points(last)) }
      #expect(try client.nextEvent()["arguments"]?[1]?["lastPrice"] == .number("21001"))
      #expect(client.socket.isSilent(for: 60))
      #expect(venue.counters.lostEvents == 2)
    }
  }

  @Test func `an upgrade is refused or never answered`() throws {
    try withVenue { venue in
      let token = try #require(try RESTClient(venue).token)
      let path = "\(VenueHub.user.path)?access_token=\(token)"
      venue.addFault(.hub(.user, .upgrade, .refuse(status: 503)))
      #expect(try RawHubClient(port: venue.port, path: path).upgradeReply.status == 503)
      venue.addFault(.hub(.user, .upgrade, .ignore))
      #expect(throws: SocketFailure.timedOut) {
        try RawHubClient(port: venue.port, path: path, patience: 60)
      }
      #expect(try RawHubClient(port: venue.port, path: path).upgradeReply.status == 101)
    }
  }

  @Test func `a handshake fails, is never answered, or the line dies`() throws {
    try withVenue { venue in
      let token = try #require(try RESTClient(venue).token)
      func attempt() throws -> RawHubClient {
        let client = try RawHubClient(
          port: venue.port, path: "\(VenueHub.user.path)?access_token=\(token)")
        try client.sendRecord(#"{"protocol":"json","version":1}"#)
        return client
      }
      venue.addFault(.hub(.user, .handshake, .fail("no")))
      #expect(try attempt().nextRecord().jsonText == #"{"error":"no"}"#)
      venue.addFault(.hub(.user, .handshake, .cut))
      #expect(try attempt().awaitEnd() == .ended)
      venue.addFault(.hub(.user, .handshake, .reset))
      #expect(try attempt().awaitEnd() == .reset)
      venue.addFault(.hub(.user, .handshake, .ignore))
      #expect(try attempt().socket.isSilent(for: 60))
      #expect(try attempt().nextRecord().jsonText == "{}")
    }
  }

  @Test func `an invocation fails, is never completed, or ends the connection`() throws {
    try withClient { venue, client in
      venue.addFault(.hub(.user, .invocation, .fail("An unexpected error occurred.")))
      #expect(
        try client.invoke("SubscribeOrders", "1002")["error"]?.text
          == "An unexpected error occurred.")
      venue.addFault(.hub(.user, .invocation, .ignore))
      try client.sendRecord(
        #"{"type":1,"invocationId":"n","target":"SubscribeAccounts","arguments":[]}"#)
      #expect(client.socket.isSilent(for: 60))
      venue.addFault(.hub(.user, .invocation, .cut))
      try client.sendRecord(#"{"type":1,"target":"SubscribeAccounts","arguments":[]}"#)
      #expect(client.awaitEnd() == .ended)
    }
  }

  @Test func `effects fit their moments`() {
    let fitting: [(HubEffect, [HubMoment])] = [
      (.cut, [.now, .handshake, .invocation, .event(nil)]),
      (.reset, [.now, .handshake, .invocation, .event(.order)]),
      (.stall, [.now, .invocation, .event(nil)]),
      (.close(error: nil, allowReconnect: nil), [.now, .invocation, .event(nil)]),
      (.logout(message: nil, endsToken: false), [.now, .invocation, .event(nil)]),
      (.records([]), [.now, .handshake, .invocation, .event(nil)]),
      (.binary([]), [.now, .invocation, .event(nil)]),
      (.webSocketPing, [.now, .invocation, .event(nil)]),
      (.webSocketClose(code: 1_011), [.now, .invocation, .event(nil)]),
      (.lose, [.event(nil)]), (.duplicate, [.event(nil)]), (.garble, [.event(nil)]),
      (.delay(.zero), [.handshake, .invocation, .event(nil)]), (.refuse(status: 500), [.upgrade]),
      (.ignore, [.upgrade, .handshake, .invocation]), (.fail(""), [.handshake, .invocation]),
    ]
    let moments: [HubMoment] = [
      .now, .upgrade, .handshake, .invocation, .event(nil), .event(.order),
    ]
    for (effect, expected) in fitting {
      let kinds = expected.map { if case .event = $0 { HubMoment.event(nil) } else { $0 } }
      for moment in moments {
        let kind = if case .event = moment { HubMoment.event(nil) } else { moment }
        #expect(effect.fits(moment) == kinds.contains(kind), "\(effect) at \(moment)")
      }
    }
  }
}
