import RiskModel
import SimulatedVenue
import Testing

@Suite(.serialized)
struct ThroughputTests {
  /// Reads account events until the balance has fallen by the costs of that many one-lot orders,
  /// and counts every event on the way.
  private func count(_ client: RawHubClient, until total: Int) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for _ in 0..<total { counts[try client.nextEvent().target ?? "?", default: 0] += 1 }
    return counts
  }

  @Test func `a burst of orders reaches a subscriber whole`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      let emitted = venue.emitBurst(orders: 800, account: first, contract: mnq)
      #expect(emitted == 4_000)
      let counts = try count(client, until: emitted)
      #expect(counts["GatewayUserOrder"] == 1_600)
      #expect(counts["GatewayUserTrade"] == 800)
      #expect(counts["GatewayUserPosition"] == 800)
      #expect(counts["GatewayUserAccount"] == 800)
      #expect(venue.counters.userEvents == 4_000)
      #expect(venue.account(first)?.account.balance == dollars("49312"))
    }
  }

  @Test func `steady traffic reaches a subscriber whole`() throws {
    try withVenue { venue in
      let user = try RawHubClient(venue, .user)
      try user.subscribeUser()
      let market = try RawHubClient(venue, .market)
      _ = try market.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      venue.startTraffic(
        TrafficPlan(
          account: first, contract: mnq, ordersPerSecond: 400, quotesPerSecond: 500,
          duration: .milliseconds(1_500)))
      #expect(venue.isBusy)
      #expect(venue.wait { !$0.isBusy })
      #expect(try count(user, until: 3_000)["GatewayUserTrade"] == 600)
      #expect(try count(market, until: 750)["GatewayQuote"] == 750)
      #expect(venue.counters.marketEvents == 750)
      #expect(venue.signedSize(first, mnq) == 0)
    }
  }

  @Test func `a burst of quotes goes up and down one tick`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .market)
      _ = try client.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      venue.emitQuotes(500, contract: mnq)
      let prices = try client.nextEvents(500).map { $0["arguments"]?[1]?["lastPrice"]?.jsonText }
      #expect(Set(prices) == ["21000", "21000.25"])
      #expect(prices.last == "21000")
    }
  }

  @Test func `traffic without an end is stopped`() throws {
    try withVenue { venue in
      venue.startTraffic(TrafficPlan(account: first, contract: mnq, ordersPerSecond: 100))
      #expect(venue.wait { !$0.trades(first).isEmpty })
      venue.stopTraffic()
      #expect(!venue.isBusy)
      let trades = venue.trades(first).count
      venue.emitQuotes(1, contract: mnq)
      #expect(venue.trades(first).count == trades)
    }
  }
}
