import RiskModel
import SimulatedVenue
import Testing

struct OrderQueryTests {
  private func query(_ client: RESTClient, _ filter: String, _ rest: String = "") throws
    -> JSONValue
  {
    let reply = try client.post(.queryOrders, #"{"filter":{"accountId":1001\#(filter)}\#(rest)}"#)
    #expect(reply.status == 200 && reply.errorCode == 0)
    return reply.json
  }

  private func ids(_ json: JSONValue) -> [Int64] {
    json["orders"]?.elements?.compactMap { $0["id"]?.integer } ?? []
  }

  @Test func `a page has at most 100 rows, the offset counts rows`() throws {
    try withVenue { venue in
      for _ in 0..<130 {
        try venue.trader.place(first, mnq, .buy, size: 1, type: .limit, limit: points("20000"))
      }
      let client = try RESTClient(venue)
      let page = try query(client, "", #","pageSize":500,"includeTotalCount":true"#)
      #expect(ids(page).count == 100)
      #expect(page["totalCount"]?.integer == 130)
      let rest = try query(client, "", #","pageSize":500,"pageOffset":100"#)
      #expect(ids(rest).count == 30)
      #expect(rest["totalCount"]?.isNull == true)
      #expect(Set(ids(page) + ids(rest)).count == 130)
      #expect(ids(try query(client, "", #","pageSize":7,"pageOffset":128"#)).count == 2)
      #expect(ids(try query(client, "", #","pageOffset":500"#)).isEmpty)
      let descending = ids(try query(client, "", #","sortBy":0,"sortDirection":1,"pageSize":2"#))
      #expect(descending == [3_400_000_130, 3_400_000_129])
    }
  }

  @Test func `statuses and times filter, the contract does not`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      try venue.trader.place(first, mnq, .buy, size: 1)
      try venue.trader.place(first, mes, .buy, size: 1, type: .limit, limit: points("5000"))
      #expect(ids(try query(client, #","statuses":[1,6,7,8]"#)) == [3_400_000_002])
      #expect(ids(try query(client, #","statuses":[2]"#)) == [3_400_000_001])
      #expect(ids(try query(client, #","statuses":[]"#)).count == 2)
      #expect(ids(try query(client, #","contractId":"CON.F.US.MES.Z26""#)).count == 2)
      #expect(ids(try query(client, #","createdAfter":"2100-01-01T00:00:00Z""#)).isEmpty)
      #expect(ids(try query(client, #","createdBefore":"2020-01-01T00:00:00Z""#)).isEmpty)
    }
  }

  @Test func `suspended and pending orders are seen by the query alone`() throws {
    try withVenue {
      $0.accounts[0].bracketMode = .autoOCO
      $0.exchange.acceptanceDelay = .seconds(3_600)
    } _: { venue in
      let client = try RESTClient(venue)
      let placed = try client.post(
        .placeOrder,
        #"{"accountId":1001,"contractId":"CON.F.US.MNQ.Z26","type":1,"side":0,"size":1,"limitPrice":20000,"customTag":"T","stopLossBracket":{"ticks":-20,"type":4},"takeProfitBracket":{"ticks":40,"type":1}}"#
      )
      #expect(placed.errorCode == 0)
      let start = #""startTimestamp":"2020-01-01T00:00:00Z""#
      #expect(
        try client.post(.searchOpenOrders, #"{"accountId":1001}"#).json["orders"]?.elements
          == [])
      #expect(
        try client.post(.searchOrders, #"{"accountId":1001,\#(start)}"#).json["orders"]?.elements
          == [])
      let rows = try #require(
        try query(client, #","statuses":[1,6,7,8]"#)["orders"]?.elements)
      #expect(rows.map { $0["status"]?.integer } == [6, 8, 8])
      #expect(rows[2]["linkedOrderId"] == rows[1]["id"])
      #expect(rows[2]["parentOrderId"] == rows[0]["id"])
      #expect(rows[1]["trailDistance"]?.integer == -20)
      let leg = try #require(rows[1]["id"]?.integer)
      let found = try client.post(.orderByID, #"{"accountId":1001,"orderId":\#(leg)}"#)
      #expect(found.json["order"]?["status"]?.integer == 8)
    }
  }
}
