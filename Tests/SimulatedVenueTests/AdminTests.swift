import RiskModel
import SimulatedVenue
import Testing

struct AdminTests {
  private func withAdmin(_ body: (SimulatedVenueServer, RawSocket) throws -> Void) throws {
    try withVenue { venue in try body(venue, try RawSocket(port: venue.adminPort)) }
  }

  private func get(_ socket: RawSocket, _ path: String) throws -> JSONValue {
    try socket.request("GET", path)
    let reply = try socket.reply()
    #expect(reply.status == 200)
    return reply.json
  }

  @discardableResult
  private func post(_ socket: RawSocket, _ path: String, _ body: String) throws -> RawReply {
    try socket.request("POST", path, body: body)
    return try socket.reply()
  }

  @Test func `a course of events by hand`() throws {
    try withAdmin { venue, socket in
      #expect(
        try post(socket, "/price", #"{"contract":"MNQ","last":20000}"#).text == #"{"ok":true}"#)
      let placed = try post(
        socket, "/order", #"{"account":1001,"contract":"MNQ","side":"buy","size":2}"#)
      #expect(placed.text == #"{"ok":true,"order":3400000001}"#)
      #expect(
        try post(
          socket, "/order",
          #"{"account":1001,"contract":"MNQ","side":"sell","type":"limit","limit":20100}"#
        ).status == 200)
      #expect(venue.workingOrders(first).count == 1)
      #expect(try post(socket, "/cancel", #"{"order":3400000002}"#).status == 200)
      #expect(
        try post(socket, "/reduce", #"{"account":1001,"contract":"MNQ","size":1}"#).status == 200)
      #expect(try post(socket, "/close", #"{"account":1001}"#).status == 200)
      #expect(venue.positions(first).isEmpty && venue.workingOrders(first).isEmpty)
      #expect(try post(socket, "/account", #"{"account":1001,"canTrade":false}"#).status == 200)
      #expect(venue.account(first)?.account.canTrade == false)
      #expect(
        try post(socket, "/fault", #"{"on":"request","effect":"truncate"}"#).status == 200)
      #expect(try get(socket, "/state")["faults"]?.elements?.count == 1)
      #expect(try post(socket, "/faults/clear", "").status == 200)
      #expect(try get(socket, "/state")["faults"]?.elements == [])
      #expect(
        try post(socket, "/scenario", #"{"title":"t","steps":[{"at":0,"do":"latency","ms":7}]}"#)
          .text == #"{"ok":true}"#)
      #expect(venue.wait { !$0.isBusy })
    }
  }

  @Test func `what is wrong is said`() throws {
    try withAdmin { _, socket in
      let refused = try post(socket, "/close", #"{"account":1001,"contract":"MNQ"}"#)
      #expect(refused.status == 409)
      #expect(refused.text == #"{"ok":false,"refused":"positionNotFound (code 2)"}"#)
      let wrong = try post(socket, "/price", #"{"contract":"MNQ","last":0.1}"#)
      #expect(wrong.status == 400)
      #expect(
        wrong.text
          == #"{"ok":false,"problem":"body: last: expected a price in steps of 0.25, found 0.1"}"#)
      #expect(try post(socket, "/price", "{").status == 400)
      #expect(try post(socket, "/scenario", "{}").status == 400)
      #expect(try post(socket, "/nothing", "{}").status == 404)
      try socket.request("DELETE", "/state")
      let unknown = try socket.reply()
      #expect(unknown.status == 404)
      #expect(unknown.json["problem"]?.text?.contains("POST /scenario /order") == true)
    }
  }

  @Test func `the state shows everything`() throws {
    try withAdmin { venue, socket in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      try venue.trader.place(first, mnq, .sell, size: 2)
      try venue.trader.place(first, mnq, .buy, size: 2, type: .stop, stop: points("21010"))
      venue.addFault(.hub(.user, .event(.trade), .lose, count: 2))
      try venue.trader.place(second, mes, .buy, size: 1)
      let state = try get(socket, "/state")
      #expect(state["accounts"]?.elements?.count == 2)
      #expect(state["accounts"]?[0]?["kind"]?.text == "ordinary")
      #expect(state["accounts"]?[0]?["brackets"]?.text == "position")
      #expect(state["positions"]?.elements?.map { $0["size"]?.integer } == [2, 1])
      #expect(state["orders"]?.elements?.count == 3)
      #expect(state["workingOrders"]?.integer == 1)
      #expect(state["trades"]?.elements?.count == 2)
      #expect(state["markets"]?[0]?["bid"] == .number("21000"))
      #expect(state["markets"]?[0]?["open"]?.boolean == true)
      #expect(state["connections"]?[0]?["hub"]?.text == "user")
      #expect(state["connections"]?[0]?["live"]?.boolean == true)
      #expect(state["faults"]?[0]?["seen"]?.integer == 0)
      #expect(state["faults"]?[0]?["fault"]?.text == "user hub, event trade: lose")
      #expect(state["counters"]?["userEvents"]?.integer == 8)
      #expect(state["counters"]?["requests"]?.integer == 1)
    }
  }

  @Test func `requests are logged with what came of them`() throws {
    try withAdmin { venue, socket in
      let client = try RESTClient(venue)
      try client.post(.closeContract, #"{"accountId":1001,"contractId":"CON.F.US.MNQ.Z26"}"#)
      venue.addFault(.request(nil, .dropConnection(applied: false, reset: false)))
      try client.send(.searchPositions, #"{"accountId":1002}"#)
      #expect(client.socket.awaitEnd() == .ended)
      let log = try get(socket, "/requests")
      #expect(log["last"]?.integer == 3)
      let rows = try #require(log["requests"]?.elements)
      #expect(rows[0]["body"]?.jsonText == #"{"userName":"…","apiKey":"…"}"#)
      let close = rows[1]
      #expect(close["path"]?.text == "/api/Position/closeContract")
      #expect(close["account"]?.integer == 1001 && close["contract"]?.text == mnq.text)
      #expect(close["status"]?.integer == 200 && close["errorCode"]?.integer == 2)
      #expect(close["applied"]?.boolean == true && close["fault"]?.isNull == true)
      #expect(close["receivedMonotonicNanos"]?.integer.map { $0 > 0 } == true)
      let dropped = rows[2]
      #expect(dropped["status"]?.isNull == true && dropped["fault"]?.integer == 1)
      #expect(dropped["applied"]?.boolean == false)
      #expect(try get(socket, "/requests?after=2")["requests"]?.elements?.count == 1)
      #expect(try get(socket, "/requests?after=3")["last"]?.integer == 3)
      let closes = try get(socket, "/requests?path=/api/Position/closeContract")
      #expect(closes["requests"]?.elements?.count == 1)
    }
  }

  @Test func `the story is told in sentences`() throws {
    try withAdmin { venue, socket in
      let hub = try RawHubClient(venue, .user)
      _ = try hub.invoke("SubscribeOrders", "1001")
      try venue.setPrice(mnq, last: points("21001"))
      try venue.trader.place(first, mnq, .buy, size: 2)
      try venue.trader.place(
        first, mnq, .sell, size: 2, type: .stop, stop: points("20990"))
      let exit = try venue.trader.place(
        first, mnq, .sell, size: 2, type: .limit, limit: points("21100"))
      try venue.trader.modify(exit, OrderChange(size: 1))
      try venue.trader.cancel(exit)
      try venue.trader.reduce(first, mnq, by: 1)
      try venue.trader.close(first, mnq)
      #expect(throws: Refusal<CloseCode>.self) { try venue.trader.close(first, mnq) }
      #expect(throws: Refusal<CancelCode>.self) { try venue.trader.cancel(OrderID(1)) }
      #expect(throws: Refusal<ModifyCode>.self) {
        try venue.trader.modify(OrderID(1), OrderChange(size: 1))
      }
      var joining = market(.buy, 1)
      joining.type = .joinBid
      try venue.trader.place(joining)
      #expect(throws: Refusal<PlaceCode>.self) {
        try venue.trader.place(first, mnq, .buy, size: 1, type: .limit)
      }
      try venue.changeAccount(AccountChange(id: first, canTrade: false))
      venue.addFault(.hub(.user, .cut))
      #expect(hub.awaitEnd() == .ended)
      #expect(venue.wait { $0.liveConnections(.user) == 0 })
      venue.execute(.note("the end"))
      let story = try get(socket, "/events?after=0&limit=1000")
      let rows = try #require(story["events"]?.elements)
      #expect(story["last"]?.integer == Int64(rows.count))
      let texts = rows.compactMap { $0["text"]?.text }
      for expected in [
        "Request 1: /api/Auth/loginKey", "user hub, connection 2: is live",
        "user hub, connection 2: SubscribeOrders 1001", "MNQ is at 21001",
        "The trader buys 2 MNQ at the market",
        "Order 3400000001 (Market, buy 2 MNQ) is pending",
        "Order 3400000001 (Market, buy 2 MNQ) is filled, 2 filled",
        "Account 1001 bought 2 MNQ at 21001.25", "Account 1001 is long 2 MNQ from 21001.25",
        "The trader sells 2 MNQ at a stop of 20990",
        "The trader sells 2 MNQ at 21100 or better",
        "The trader changes order 3400000003", "The trader cancels order 3400000003",
        "Order 3400000003 (Limit, sell 1 MNQ) is cancelled",
        "The trader closes 1 of MNQ", "The trader closes MNQ",
        "Account 1001 sold 1 MNQ at 21001, profit -0.50", "Account 1001 is flat in MNQ",
        "The trader closes MNQ: refused, positionNotFound (code 2)",
        "The trader buys 1 MNQ with an order of type JoinBid",
        "The trader buys 1 MNQ at no price or better: refused, orderRejected (code 2): Invalid price",
        "Account 1001 has 49996.56 and may not trade", "Fault 1 is set (user hub, now: cut)",
        "user hub, connection 2: has ended", "the end",
      ] {
        #expect(texts.contains(expected), "\(expected)")
      }
      let kinds = Set(rows.compactMap { $0["kind"]?.text })
      #expect(
        kinds == [
          "request", "hub", "price", "trader", "order", "trade", "position", "account", "fault",
          "scenario",
        ])
      let next = try get(socket, "/events?after=\(rows.count - 1)")
      #expect(next["events"]?.elements?.count == 1)
      #expect(try get(socket, "/events?after=9999")["last"]?.integer == 9_999)
      #expect(try get(socket, "/events?after=0&limit=3")["last"]?.integer == 3)
    }
  }

  @Test func `the log and the story keep to their limits`() throws {
    try withVenue {
      $0.requestLogLimit = 10
      $0.storyLimit = 20
    } _: { venue in
      let client = try RESTClient(venue)
      for _ in 0..<40 { _ = try client.post(.searchPositions, #"{"accountId":1001}"#) }
      #expect(venue.requests().count == 10)
      #expect(venue.requests().last?.sequence == 41)
      #expect(venue.happenings().count <= 25)
      #expect(venue.happenings().last?.number == 41)
      #expect(venue.counters.requests == 41)
      let socket = try RawSocket(port: venue.adminPort)
      let rows = try get(socket, "/events?after=0")["events"]?.elements
      #expect(rows?.first?["text"]?.text?.hasPrefix("Request ") == true)
    }
  }
}
