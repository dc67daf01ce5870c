import RiskModel
import SimulatedVenue
import Testing

struct RESTTests {
  static let contract = #""contractId":"CON.F.US.MNQ.Z26""#
  static let envelope = #""success":true,"errorCode":0,"errorMessage":null}"#

  @Test func `the ping needs no token and carries the venue's date`() throws {
    try withVenue { venue in
      let socket = try RawSocket(port: venue.port)
      try socket.request("GET", "/api/Status/ping")
      let reply = try socket.reply()
      #expect(reply.status == 200 && reply.text == "pong")
      #expect(reply.headers["content-type"] == "text/plain; charset=utf-8")
      #expect(reply.headers["date"]?.hasSuffix(" GMT") == true)
    }
  }

  @Test func `a connection serves many requests`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      for _ in 0..<20 {
        #expect(try client.post(.searchAccounts, #"{"onlyActiveAccounts":true}"#).status == 200)
      }
      #expect(Set(venue.requests().map(\.connection)).count == 1)
    }
  }

  @Test func `requests that were sent ahead are answered in order`() throws {
    try withVenue { venue in
      venue.setLatency(.milliseconds(20))
      let client = try RESTClient(venue)
      try client.send(.searchAccounts, #"{"onlyActiveAccounts":true}"#)
      try client.send(.searchPositions, #"{"accountId":1001}"#)
      #expect(try client.socket.reply().json["accounts"] != nil)
      #expect(try client.socket.reply().json["positions"] != nil)
    }
  }

  @Test func `accounts, positions and contracts have the venue's members`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      #expect(
        try client.post(.searchAccounts, #"{"onlyActiveAccounts":true}"#).text
          == #"{"accounts":[{"id":1001,"name":"SIM-50K-1001","balance":50000,"canTrade":true,"isVisible":true,"simulated":true},{"id":1002,"name":"SIM-50K-1002","balance":50000,"canTrade":true,"isVisible":true,"simulated":true}],"#
          + Self.envelope)
      #expect(
        try client.post(.contractByID, "{\(Self.contract)}").text
          == #"{"contract":{"id":"CON.F.US.MNQ.Z26","name":"MNQZ6","description":"Micro E-mini Nasdaq-100: Z26","tickSize":0.25,"tickValue":0.5,"activeContract":true,"symbolId":"F.US.MNQ"},"#
          + Self.envelope)
      try venue.trader.place(first, mnq, .sell, size: 2)
      let position = try #require(
        try client.post(.searchPositions, #"{"accountId":1001}"#).json["positions"]?[0])
      #expect(position["contractDisplayName"]?.text == "MNQZ26")
      #expect(position["type"]?.integer == 2 && position["size"]?.integer == 2)
      #expect(position["averagePrice"] == .number("21000"))
    }
  }

  @Test func `an account that is not visible is shown only when all are asked for`() throws {
    try withVenue {
      $0.accounts[1].isVisible = false
    } _: { venue in
      let client = try RESTClient(venue)
      func count(_ onlyActive: Bool) throws -> Int? {
        try client.post(.searchAccounts, #"{"onlyActiveAccounts":\#(onlyActive)}"#)
          .json["accounts"]?.elements?.count
      }
      #expect(try count(true) == 1)
      #expect(try count(false) == 2)
    }
  }

  @Test func `contracts are listed, searched and found when they have expired`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      func ids(_ operation: GatewayOperation, _ body: String) throws -> [String] {
        try client.post(operation, body).json["contracts"]?.elements?
          .compactMap { $0["id"]?.text } ?? []
      }
      #expect(try ids(.availableContracts, #"{"live":false}"#).count == 8)
      #expect(
        try ids(.searchContracts, #"{"live":false,"searchText":"nasdaq"}"#) == [
          "CON.F.US.MNQ.Z26", "CON.F.US.ENQ.Z26",
        ])
      #expect(try ids(.searchContracts, #"{"live":false,"searchText":"ESZ6"}"#).count == 2)
      let old = try client.post(.contractByID, #"{"contractId":"CON.F.US.MNQ.U26"}"#)
      #expect(old.json["contract"]?["activeContract"]?.boolean == false)
    }
  }

  @Test func `orders show nulls, six digits without trailing zeros and exact prices`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let placed = try client.post(
        .placeOrder,
        #"{"accountId":1001,\#(Self.contract),"type":1,"side":0,"size":2,"limitPrice":20990.250000000}"#
      )
      let id = try #require(placed.json["orderId"]?.integer)
      #expect(placed.text == #"{"orderId":\#(id),"# + Self.envelope)
      let order = try #require(
        try client.post(.orderByID, #"{"accountId":1001,"orderId":\#(id)}"#).json["order"])
      #expect(order["limitPrice"] == .number("20990.25"))
      #expect(order["stopPrice"]?.isNull == true && order["filledPrice"]?.isNull == true)
      #expect(order["customTag"]?.isNull == true)
      #expect(order["parentOrderId"] == nil && order["linkedOrderId"] == nil)
      #expect(order["trailPrice"] == nil)
      #expect(order["symbolId"]?.text == "F.US.MNQ")
      let created = try #require(order["creationTimestamp"]?.text)
      #expect(created.hasSuffix("+00:00"))
      let instant = try #require(Instant(venueText: created))
      #expect(instant.nanosSinceEpoch % 1_000 == 0)
    }
  }

  @Test func `names match in any case and numbers may be texts`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let reply = try client.post(
        .placeOrder,
        #"{"AccountID":"1001","CONTRACTID":"CON.F.US.MNQ.Z26","type":4,"Side":1,"size":"1","stopPrice":"20990","extra":{}}"#
      )
      #expect(reply.errorCode == 0)
      #expect(venue.workingOrders(first).map(\.stopPrice) == [points("20990")])
    }
  }

  @Test func `a whole round: place, modify, cancel, close, trades newest first`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let start = #""startTimestamp":"2020-01-01T00:00:00Z""#
      try client.post(
        .placeOrder,
        #"{"accountId":1001,\#(Self.contract),"type":2,"side":0,"size":3,"customTag":"t"}"#)
      let stop = try client.post(
        .placeOrder,
        #"{"accountId":1001,\#(Self.contract),"type":4,"side":1,"size":3,"stopPrice":20990}"#
      ).json["orderId"]?.integer
      let id = try #require(stop)
      #expect(
        try client.post(
          .modifyOrder,
          #"{"accountId":1001,"orderId":\#(id),"size":2,"stopPrice":20991,"limitPrice":null}"#
        ).text == "{" + Self.envelope)
      #expect(venue.order(OrderID(id))?.size == 2)
      #expect(
        try client.post(.partialCloseContract, #"{"accountId":1001,\#(Self.contract),"size":1}"#)
          .text == "{" + Self.envelope)
      #expect(
        try client.post(.closeContract, #"{"accountId":1001,\#(Self.contract)}"#).text
          == "{" + Self.envelope)
      #expect(
        try client.post(.cancelOrder, #"{"accountId":1001,"orderId":\#(id)}"#).text
          == "{" + Self.envelope)
      let trades = try client.post(.searchTrades, #"{"accountId":1001,\#(start)}"#)
      let rows = try #require(trades.json["trades"]?.elements)
      #expect(rows.map { $0["size"]?.integer } == [2, 1, 3])
      #expect(rows[2]["profitAndLoss"]?.isNull == true)
      #expect(rows[0]["profitAndLoss"] == .number("-1"))
      #expect(rows[1]["fees"] == .number("0.36") && rows[1]["commissions"] == .number("0.25"))
      #expect(rows[1]["voided"]?.boolean == false)
      let orders = try client.post(.searchOrders, #"{"accountId":1001,\#(start)}"#)
      #expect(
        orders.json["orders"]?.elements?.map { $0["status"]?.integer } == [2, 3, 2, 2])
    }
  }

  @Test func `queries keep to their window of time`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      try venue.trader.place(first, mnq, .buy, size: 1)
      let trades: [(String, Int)] = [
        ("", 1), (#","startTimestamp":"2100-01-01T00:00:00Z""#, 0),
        (#","endTimestamp":"2020-01-01T00:00:00Z""#, 0),
      ]
      for (window, count) in trades {
        let reply = try client.post(.searchTrades, #"{"accountId":1001\#(window)}"#)
        #expect(reply.json["trades"]?.elements?.count == count)
      }
      let orders = [
        (#""startTimestamp":"2020-01-01T00:00:00Z""#, 1),
        (#""startTimestamp":"2020-01-01T00:00:00Z","endTimestamp":"2020-01-02T00:00:00Z""#, 0),
        (#""startTimestamp":"2100-01-01T00:00:00Z""#, 0),
      ]
      for (window, count) in orders {
        let reply = try client.post(.searchOrders, #"{"accountId":1001,\#(window)}"#)
        #expect(reply.json["orders"]?.elements?.count == count)
      }
    }
  }

  @Test func `commissions can be left out of the history`() throws {
    try withVenue {
      $0.gateway.showsCommissions = false
    } _: { venue in
      let client = try RESTClient(venue)
      try venue.trader.place(first, mnq, .buy, size: 1)
      let trade = try client.post(.searchTrades, #"{"accountId":1001}"#).json["trades"]?[0]
      #expect(trade?["fees"] == .number("0.36"))
      #expect(trade?["commissions"] == nil)
    }
  }

  @Test func `unknown paths and methods are refused`() throws {
    try withVenue { venue in
      let socket = try RawSocket(port: venue.port)
      try socket.request("POST", "/api/Nothing/here", body: "{}")
      #expect(try socket.reply().status == 404)
      try socket.request("GET", GatewayOperation.placeOrder.path)
      #expect(try socket.reply().status == 405)
      try socket.request("GET", "/hubs/user")
      #expect(try socket.reply().status == 400)
      #expect(venue.requests().map(\.status) == [404, 405, 400])
    }
  }

  @Test func `a connection that is not to be kept is closed after its reply`() throws {
    try withVenue { venue in
      let socket = try RawSocket(port: venue.port)
      try socket.request("GET", "/api/Status/ping", headers: ["Connection: close"])
      let reply = try socket.reply()
      #expect(reply.headers["connection"] == "close")
      #expect(socket.awaitEnd() == .ended)
    }
  }

  @Test func `a body that is too large is refused`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let padding = String(repeating: " ", count: 5 << 20)
      #expect(try client.post(.searchAccounts, "{}" + padding).status == 413)
    }
  }

  @Test func `bytes that are not HTTP are answered with 400`() throws {
    try withVenue { venue in
      let socket = try RawSocket(port: venue.port)
      try socket.send("nonsense\r\n\r\n")
      #expect(try socket.reply().status == 400)
    }
  }
}
