import RiskModel
import SimulatedVenue
import Testing

/// The incident that was observed live, seen by a client over the wire: short 15, flatten, and
/// 86 ms later the protective stop that was left working makes it long 15.
struct NakedPositionTests {
  @Test func `a stop left over after a flatten opens a position 86 ms later`() throws {
    try withVenue { venue in
      let hub = try RawHubClient(venue, .user)
      try hub.subscribeUser()
      let rest = try RESTClient(venue)
      let contract = #""contractId":"CON.F.US.MNQ.Z26""#
      #expect(
        try rest.post(.placeOrder, #"{"accountId":1001,\#(contract),"type":2,"side":1,"size":15}"#)
          .errorCode == 0)
      #expect(
        try rest.post(
          .placeOrder,
          #"{"accountId":1001,\#(contract),"type":4,"side":0,"size":15,"stopPrice":21010}"#
        ).errorCode == 0)
      _ = try hub.nextEvents(5 + 2)

      #expect(try rest.post(.closeContract, #"{"accountId":1001,\#(contract)}"#).errorCode == 0)
      let closing = try hub.nextEvents(5)
      #expect(closing[3].data?["size"]?.integer == 0)
      let open = try rest.post(.searchOpenOrders, #"{"accountId":1001}"#)
      #expect(open.json["orders"]?.elements?.count == 1)

      let scenario = try Scenario.read(
        #"{"title":"gap","steps":[{"at":86,"do":"price","contract":"MNQ","last":21010}]}"#.utf8,
        source: "test", for: venue.perform { exchange in exchange })
      venue.run(scenario)
      let naked = try hub.nextEvents(4)
      #expect(
        naked.map(\.target) == [
          "GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition", "GatewayUserAccount",
        ])
      #expect(naked[1].data?["profitAndLoss"] == nil)
      #expect(naked[2].data?["type"]?.integer == 1)
      #expect(naked[2].data?["size"]?.integer == 15)
      let trades = venue.trades(first)
      #expect(trades.count == 3)
      #expect(trades[2].executedAt - trades[1].executedAt >= .milliseconds(86))
      #expect(venue.signedSize(first, mnq) == 15)
    }
  }
}
