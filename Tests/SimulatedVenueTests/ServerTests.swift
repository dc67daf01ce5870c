import RiskModel
import SimulatedVenue
import Testing

struct ServerTests {
  @Test(arguments: ["0.0.0.0", "192.168.1.1", "::", "example.com", ""])
  func `an address beyond this machine is refused`(address: String) {
    var configuration = SimulatedVenueConfiguration()
    configuration.address = address
    #expect(throws: SimulatedVenueError.notLoopback(address: address)) {
      try SimulatedVenueServer.start(configuration)
    }
  }

  @Test(arguments: ["localhost", "127.0.0.1", "127.0.0.2"])
  func `addresses of the loopback interface are taken`(address: String) throws {
    try withVenue {
      $0.address = address
    } _: { venue in
      #expect(venue.port > 0 && venue.adminPort > 0 && venue.port != venue.adminPort)
      #expect(venue.baseURL == "http://\(address):\(venue.port)")
      #expect(venue.userHubURL == venue.baseURL + "/hubs/user")
    }
  }

  @Test func `a port that is taken is an error, for either port`() throws {
    try withVenue { venue in
      for takesAdmin in [false, true] {
        var configuration = SimulatedVenueConfiguration()
        configuration.port = takesAdmin ? 0 : venue.port
        configuration.adminPort = takesAdmin ? venue.port : 0
        let error = #expect(throws: SimulatedVenueError.self) {
          try SimulatedVenueServer.start(configuration)
        }
        #expect(error?.description.hasPrefix("cannot listen on 127.0.0.1:\(venue.port): ") == true)
      }
    }
  }

  @Test func `stopping ends connections and may be repeated`() throws {
    let venue = try SimulatedVenueServer.start()
    let hub = try RawHubClient(venue, .user)
    let port = venue.port
    venue.setBehaviour { $0.acceptanceDelay = .seconds(60) }
    try venue.trader.place(first, mnq, .buy, size: 1)
    venue.stop()
    venue.stop()
    #expect([.ended, .reset].contains(hub.awaitEnd()))
    #expect(throws: SocketFailure.self) { try RawSocket(port: port) }
  }

  @Test func `a stopped venue cannot be used`() async {
    await #expect(processExitsWith: .failure) {
      let venue = try SimulatedVenueServer.start()
      venue.stop()
      _ = venue.requests()
    }
  }

  @Test func `views and controls of a running venue`() throws {
    try withVenue { venue in
      #expect(!venue.wait(atMost: .milliseconds(3)) { _ in false })
      venue.setGateway { $0.replyLatency = .milliseconds(1) }
      try venue.setPrice(mnq, bid: points("20999"))
      #expect(throws: SimulatedVenueError.self) { try venue.setPrice(mnq, last: points("0.1")) }
      let third = AccountID(3)
      try venue.changeAccount(AccountChange(id: third))
      #expect(venue.account(third)?.account.name == "SIM-3")
      #expect(venue.account(AccountID(4)) == nil)
      let id = try venue.trader.place(third, mnq, .sell, size: 1)
      #expect(venue.order(id)?.filledPrice == points("20999"))
      #expect(venue.perform { exchange in exchange.trades.count } == 1)
      #expect(throws: SimulatedVenueError.unknownTrade(TradeID(1))) {
        try venue.perform { exchange in try exchange.void(TradeID(1)) }
      }
      #expect(venue.trades(third).count == 1 && venue.trades(first).isEmpty)
      #expect(venue.requests(.ping).isEmpty)
      #expect(venue.marketHubURL.hasSuffix("/hubs/market") && venue.adminURL.hasPrefix("http://"))
      #expect(throws: SimulatedVenueError.self) { try venue.run(scenarioFile: "/nonexistent") }
    }
  }

  @Test func `an order that was put off is done by the venue's own timer`() throws {
    try withVenue {
      $0.exchange.acceptanceDelay = .milliseconds(20)
    } _: { venue in
      let hub = try RawHubClient(venue, .user)
      _ = try hub.invoke("SubscribeOrders", "1001")
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try hub.nextEvents(2).map { $0.data?["status"]?.integer } == [6, 2])
    }
  }

  @Test func `errors describe themselves`() {
    let errors: [(SimulatedVenueError, String)] = [
      (.unusableCertificate(path: "c", reason: "r"), "cannot use the certificate c: r"),
      (.unknownAccount(first), "there is no account 1001"),
      (.unknownTrade(TradeID(5)), "there is no trade 5"),
      (
        .priceOffTick(mnq, points("0.1"), tick: points("0.25")),
        "0.1 is not a price of CON.F.US.MNQ.Z26, whose tick is 0.25"
      ),
      (
        .crossedBook(mnq, bid: points("2"), ask: points("1")),
        "the bid 2 of CON.F.US.MNQ.Z26 is not below the ask 1"
      ),
    ]
    for (error, text) in errors { #expect(error.description == text) }
  }
}
