import RiskModel
import SimulatedVenue
import Testing

struct HubEventTests {
  @Test func `an execution is told in the venue's order and form`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      try venue.trader.place(first, mnq, .buy, size: 1, tag: "t")
      let events = try client.nextEvents(5)
      #expect(
        events.map(\.target) == [
          "GatewayUserOrder", "GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition",
          "GatewayUserAccount",
        ])
      #expect(events.map { $0["arguments"]?[0]?["action"]?.integer } == [1, 1, 0, 1, 1])
      #expect(events.map { $0["arguments"]?.elements?.count } == [1, 1, 1, 1, 1])
      let pending = try #require(events[0].data)
      #expect(pending["status"]?.integer == 6 && pending["customTag"]?.text == "t")
      #expect(pending["limitPrice"] == nil && pending["filledPrice"] == nil)
      let filled = try #require(events[1].data)
      #expect(filled["status"]?.integer == 2 && filled["filledPrice"] == .number("21000.25"))
      let trade = try #require(events[2].data)
      #expect(trade["profitAndLoss"] == nil && trade["commissions"] == .number("0.25"))
      let position = try #require(events[3].data)
      #expect(position["type"]?.integer == 1 && position["contractDisplayName"]?.text == "MNQZ26")
      #expect(events[4].data?["balance"] == .number("49999.39"))
    }
  }

  @Test func `a closed position is type 0, size 0, action 2 with the entry average`() throws {
    try withVenue { venue in
      try venue.trader.place(first, mnq, .sell, size: 2)
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribePositions", "1001")
      try venue.trader.close(first, mnq)
      let event = try client.nextEvent()
      #expect(event["arguments"]?[0]?["action"]?.integer == 2)
      let position = try #require(event.data)
      #expect(position["type"]?.integer == 0 && position["size"]?.integer == 0)
      #expect(position["averagePrice"] == .number("21000"))
    }
  }

  @Test func `a rejected order is told without a reason`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      #expect(throws: Refusal<PlaceCode>.self) {
        try venue.trader.place(first, mnq, .buy, size: 0)
      }
      let order = try #require(try client.nextEvent().data)
      #expect(order["status"]?.integer == 5)
      #expect(
        Set(["errorMessage", "reason", "limitPrice"]).allSatisfy { order[$0] == nil })
    }
  }

  @Test func `only what was subscribed comes`() throws {
    try withVenue { venue in
      let other = try RawHubClient(venue, .user)
      try other.subscribeUser(1002)
      let trades = try RawHubClient(venue, .user)
      _ = try trades.invoke("SubscribeTrades", "1001")
      try venue.trader.place(first, mnq, .buy, size: 1)
      #expect(try other.nextEvent().target == "GatewayUserAccount")
      #expect(try trades.nextEvent().target == "GatewayUserTrade")
      _ = try trades.invoke("UnsubscribeTrades", "1001")
      try venue.trader.place(first, mnq, .sell, size: 1)
      #expect(try trades.invoke("SubscribeAccounts")["type"]?.integer == 3)
      try venue.changeAccount(AccountChange(id: first, canTrade: false))
      let locked = try #require(try trades.nextEvent().data)
      #expect(locked["canTrade"]?.boolean == false)
    }
  }

  @Test func `quotes are sparse and trades of the market come as lists`() throws {
    try withVenue { venue in
      let client = try RawHubClient(venue, .market)
      _ = try client.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      _ = try client.invoke("SubscribeContractTrades", #""CON.F.US.MNQ.Z26""#)
      try venue.setPrice(mnq, bid: points("20999.75"))
      try venue.setPrice(mes, last: points("6001"))
      try venue.setPrice(mnq, last: points("20999"))
      let bid = try client.nextEvent()
      #expect(bid.target == "GatewayQuote")
      #expect(bid["arguments"]?[0]?.text == "CON.F.US.MNQ.Z26")
      let quote = try #require(bid["arguments"]?[1])
      #expect(quote["bestBid"] == .number("20999.75"))
      #expect(quote["bestAsk"] == nil && quote["lastPrice"] == nil)
      #expect(quote["symbol"]?.text == "F.US.MNQ" && quote["contract"]?.text == mnq.text)
      #expect(try client.nextEvent()["arguments"]?[1]?["lastPrice"] == .number("20999"))
      let print = try client.nextEvent()
      #expect(print.target == "GatewayTrade")
      #expect(print["arguments"]?[1]?[0]?["price"] == .number("20999"))
      #expect(print["arguments"]?[1]?[0]?["type"]?.integer == 1)
    }
  }

  @Test(arguments: HubPayloadForm.allCases)
  func `payloads come in the set form`(form: HubPayloadForm) throws {
    try withVenue {
      $0.hub.payload = form
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeAccounts")
      try venue.changeAccount(AccountChange(id: first, canTrade: false))
      let argument = try #require(try client.nextEvent()["arguments"]?[0])
      let object =
        switch form {
        case .wrapped: argument["data"]
        case .bare: argument
        case .array: argument[0]?["data"]
        }
      #expect(object?["id"]?.integer == 1001)
    }
  }

  @Test func `nulls and ids as texts can be written`() throws {
    try withVenue {
      $0.hub.writesNulls = true
      $0.hub.idsAsText = true
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeOrders", "1001")
      let id = try venue.trader.place(first, mnq, .buy, size: 1)
      let order = try #require(try client.nextEvent().data)
      #expect(order["id"]?.text == "\(id)")
      #expect(order["limitPrice"]?.isNull == true)
    }
  }

  @Test(arguments: RecordGrouping.allCases)
  func `records travel grouped as set, and all arrive`(grouping: RecordGrouping) throws {
    try withVenue {
      $0.hub.grouping = grouping
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      let before = client.messages.count
      try venue.trader.place(first, mnq, .buy, size: 1, tag: "é😀")
      #expect(try client.nextEvents(5).last?.target == "GatewayUserAccount")
      let messages = client.messages[before...]
      switch grouping {
      case .bursts: #expect(messages.count == 1)
      case .single: #expect(messages.count == 5)
      case .halves: #expect(messages.count == 10)
      case .fragments: #expect(messages.map(\.fragments) == [2, 2, 2, 2, 2])
      case .bytes: #expect(messages.map(\.fragments) == messages.map { $0.text.utf8.count })
      }
    }
  }

  @Test func `a subscription can bring the present state`() throws {
    try withVenue {
      $0.hub.sendsSnapshots = true
    } _: { venue in
      try venue.trader.place(first, mnq, .buy, size: 1)
      try venue.trader.place(second, mnq, .buy, size: 1)
      try venue.trader.place(first, mnq, .sell, size: 1, type: .limit, limit: points("22000"))
      let user = try RawHubClient(venue, .user)
      _ = try user.invoke("SubscribePositions", "1001")
      #expect(try user.nextEvent().data?["accountId"]?.integer == 1001)
      _ = try user.invoke("SubscribeOrders", "1001")
      #expect(try user.nextEvent().data?["status"]?.integer == 1)
      _ = try user.invoke("SubscribeTrades", "1001")
      _ = try user.invoke("SubscribeAccounts")
      #expect(try user.nextEvents(2).map { $0.data?["id"]?.integer } == [1001, 1002])
      let market = try RawHubClient(venue, .market)
      _ = try market.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      #expect(try market.nextEvent()["arguments"]?[1]?["bestAsk"] == .number("21000.25"))
    }
  }

  @Test func `events of one moment can come in another order`() throws {
    try withVenue {
      $0.hub.eventOrder = .shuffled
      $0.seed = 3
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      try client.subscribeUser()
      let usual = [
        "GatewayUserOrder", "GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition",
        "GatewayUserAccount",
      ]
      var orders: Set<[String]> = []
      for _ in 0..<10 {
        try venue.trader.place(first, mnq, .buy, size: 1)
        let targets = try client.nextEvents(5).compactMap(\.target)
        #expect(targets.sorted() == usual.sorted())
        orders.insert(targets)
      }
      #expect(orders.count > 1, "seed 3")
    }
  }

  @Test func `a client that does not read is dropped at the limit, not before`() throws {
    try withVenue {
      $0.hub.maximumBacklog = 256 << 10
    } _: { venue in
      let slow = try RawHubClient(venue, .user)
      try slow.subscribeUser()
      let patient = try RawHubClient(venue, .user)
      _ = try patient.invoke("SubscribeAccounts")
      for _ in 0..<40 where venue.liveConnections(.user) == 2 {
        venue.emitBurst(orders: 1_000, account: first, contract: mnq)
      }
      #expect(venue.wait { $0.liveConnections(.user) <= 1 })
      #expect(
        venue.happenings().contains { happening in
          if case .hub(.user, _, "reads too slowly") = happening.matter { true } else { false }
        })
    }
  }
}
