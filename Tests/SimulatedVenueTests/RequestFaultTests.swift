import RiskModel
import SimulatedVenue
import Testing

struct RequestFaultTests {
  static let place =
    #"{"accountId":1001,"contractId":"CON.F.US.MNQ.Z26","type":2,"side":0,"size":1}"#

  /// Starts a venue with one fault on placements and a client that is logged in.
  private func withFault(
    _ effect: RequestEffect, patience: Int32 = 10_000,
    _ body: (SimulatedVenueServer, RESTClient) throws -> Void
  ) throws {
    try withVenue {
      $0.faults = [.request(.placeOrder, effect)]
    } _: { venue in
      try body(venue, try RESTClient(venue, patience: patience))
    }
  }

  private func held(_ venue: SimulatedVenueServer) -> Int64 { venue.signedSize(first, mnq) }

  @Test(arguments: [true, false], [true, false])
  func `a connection is dropped before or after applying`(applied: Bool, reset: Bool) throws {
    try withFault(.dropConnection(applied: applied, reset: reset)) { venue, client in
      try client.send(.placeOrder, Self.place)
      #expect(client.socket.awaitEnd() == (reset ? .reset : .ended))
      #expect(held(venue) == (applied ? 1 : 0))
      let record = try #require(venue.requests(.placeOrder).first)
      #expect(record.isApplied == applied && record.status == nil && record.fault == 1)
    }
  }

  @Test(arguments: [true, false])
  func `no reply ever comes`(applied: Bool) throws {
    try withFault(.silence(applied: applied)) { venue, client in
      try client.send(.placeOrder, Self.place)
      #expect(client.socket.isSilent(for: 60))
      #expect(held(venue) == (applied ? 1 : 0))
    }
  }

  @Test(
    arguments: [
      (429, true, "3"), (429, false, nil), (500, true, nil),
      (503, false, "Wed, 18 Nov 2026 11:06:40 GMT"),
    ] as [(Int, Bool, String?)])
  func `a status comes instead of the reply`(status: Int, applied: Bool, retry: String?) throws {
    try withFault(.status(status, applied: applied, retryAfter: retry)) { venue, client in
      let reply = try client.post(.placeOrder, Self.place)
      #expect(reply.status == status && reply.body.isEmpty)
      #expect(reply.headers["retry-after"] == retry)
      #expect(held(venue) == (applied ? 1 : 0))
      #expect(try client.post(.placeOrder, Self.place).errorCode == 0)
    }
  }

  @Test(arguments: [true, false])
  func `a page for people comes instead of JSON`(applied: Bool) throws {
    try withFault(.html(502, applied: applied)) { venue, client in
      let reply = try client.post(.placeOrder, Self.place)
      #expect(reply.status == 502)
      #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
      #expect(reply.text.hasPrefix("<html>"))
      #expect(held(venue) == (applied ? 1 : 0))
    }
  }

  @Test func `a reply is late, the order is not`() throws {
    try withFault(.delay(.milliseconds(80), beforeApplying: false)) { venue, client in
      try client.send(.placeOrder, Self.place)
      #expect(venue.wait { held($0) == 1 })
      #expect(try client.socket.reply().errorCode == 0)
    }
  }

  @Test func `a request is applied late`() throws {
    try withFault(.delay(.milliseconds(80), beforeApplying: true)) { venue, client in
      #expect(try client.post(.placeOrder, Self.place).errorCode == 0)
      let record = try #require(venue.requests(.placeOrder).first)
      let trade = try #require(venue.trades(first).first)
      #expect(trade.executedAt - record.receivedAt >= .milliseconds(80))
    }
  }

  @Test func `JSON ends in the middle, the message is complete`() throws {
    try withFault(.truncated) { venue, client in
      let reply = try client.post(.placeOrder, Self.place)
      #expect(reply.status == 200 && !reply.body.isEmpty)
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: reply.body) }
      #expect(held(venue) == 1)
      #expect(try client.post(.placeOrder, Self.place).errorCode == 0)
    }
  }

  @Test func `the connection ends in the middle of the body`() throws {
    try withFault(.brokenOff) { venue, client in
      try client.send(.placeOrder, Self.place)
      #expect(throws: SocketFailure.ended) { try client.socket.reply() }
      #expect(held(venue) == 1)
    }
  }

  @Test func `lists are null or missing although all is well`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      try venue.trader.place(first, mnq, .buy, size: 1)
      venue.addFault(.request(.searchPositions, .nullPayload))
      let null = try client.post(.searchPositions, #"{"accountId":1001}"#)
      #expect(
        null.text == #"{"positions":null,"success":true,"errorCode":0,"errorMessage":null}"#)
      venue.addFault(.request(nil, .missingPayload))
      let missing = try client.post(.searchPositions, #"{"accountId":1001}"#)
      #expect(missing.text == #"{"success":true,"errorCode":0,"errorMessage":null}"#)
      let sound = try client.post(.searchPositions, #"{"accountId":1001}"#)
      #expect(sound.json["positions"]?.elements?.count == 1)
    }
  }

  @Test func `a payload of one value can be missing too`() throws {
    try withFault(.missingPayload) { venue, client in
      let reply = try client.post(.placeOrder, Self.place)
      #expect(reply.json["success"]?.boolean == true && reply.json["orderId"] == nil)
      #expect(held(venue) == 1)
    }
    try withVenue {
      $0.faults = [.request(.cancelOrder, .nullPayload)]
    } _: { venue in
      let reply = try RESTClient(venue).post(.cancelOrder, #"{"accountId":1001,"orderId":1}"#)
      #expect(reply.errorCode == 2)
    }
  }

  @Test(
    arguments: [
      (false, 6, true, "pending"), (false, 7, false, nil), (true, 3, true, nil),
      (false, 99, false, "new"),
    ] as [(Bool, Int, Bool, String?)])
  func `the envelope says something else than what happened`(
    success: Bool, code: Int, applied: Bool, message: String?
  ) throws {
    let effect = RequestEffect.envelope(
      success: success, code: code, message: message, applied: applied)
    try withFault(effect) { venue, client in
      let reply = try client.post(.placeOrder, Self.place)
      #expect(reply.status == 200)
      #expect(reply.json["success"]?.boolean == success)
      #expect(reply.errorCode == Int64(code) && reply.errorMessage == message)
      #expect(held(venue) == (applied ? 1 : 0))
      #expect(venue.requests(.placeOrder).first?.errorCode == code)
    }
  }

  @Test(
    arguments: [
      (.placeOrder, 5), (.modifyOrder, 3), (.cancelOrder, 3), (.closeContract, 5),
      (.partialCloseContract, 6),
    ] as [(GatewayOperation, Int64)])
  func `the market can be closed for one request`(operation: GatewayOperation, code: Int64) throws {
    try withVenue {
      $0.faults = [.request(operation, .marketClosed)]
    } _: { venue in
      let reply = try RESTClient(venue).post(operation, Self.place)
      #expect(reply.status == 200 && reply.errorCode == code)
      #expect(reply.errorMessage == "Outside of trading hours.")
      #expect(held(venue) == 0)
      #expect(venue.requests(operation).first?.errorCode == Int(code))
    }
  }

  @Test func `every reply takes the set time, requests too`() throws {
    try withVenue {
      $0.gateway.replyLatency = .milliseconds(40)
      $0.gateway.requestLatency = .milliseconds(30)
    } _: { venue in
      let client = try RESTClient(venue)
      #expect(try client.post(.placeOrder, Self.place).errorCode == 0)
      let replied = venue.now
      let record = try #require(venue.requests(.placeOrder).first)
      let trade = try #require(venue.trades(first).first)
      #expect(trade.executedAt - record.receivedAt >= .milliseconds(30))
      #expect(replied - trade.executedAt >= .milliseconds(40))
    }
  }

  @Test func `a fault waits, strikes as often as set, and only where set`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      var fault = Fault.request(
        .searchPositions, .status(500, applied: false, retryAfter: nil), account: first, skip: 1,
        count: 2)
      fault.contract = nil
      let number = venue.addFault(fault)
      func statuses(_ account: Int) throws -> [Int] {
        try (0..<4).map { _ in
          try client.post(.searchPositions, #"{"accountId":\#(account)}"#).status
        }
      }
      #expect(try statuses(1002) == [200, 200, 200, 200])
      #expect(try statuses(1001) == [200, 500, 500, 200])
      #expect(venue.counters.faultsStruck == 2)
      #expect(venue.requests().compactMap(\.fault) == [number, number])
      var byContract = Fault.request(nil, .status(501, applied: false, retryAfter: nil), count: nil)
      byContract.contract = mnq
      venue.addFault(byContract)
      #expect(try statuses(1001) == [200, 200, 200, 200])
      #expect(try client.post(.placeOrder, Self.place).status == 501)
      venue.clearFaults()
      #expect(try client.post(.placeOrder, Self.place).status == 200)
    }
  }

  @Test func `a query is matched by the account in its filter`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(
        .request(.queryOrders, .status(500, applied: false, retryAfter: nil), account: second))
      #expect(try client.post(.queryOrders, #"{"filter":{"accountId":1001}}"#).status == 200)
      #expect(try client.post(.queryOrders, #"{"filter":{"accountId":1002}}"#).status == 500)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `a probability is drawn with the seed`(seed: UInt64) throws {
    func statuses() throws -> [Int] {
      try withVenue {
        $0.seed = seed
        $0.faults = [
          Fault(
            .request(.searchPositions, .status(500, applied: false, retryAfter: nil)), count: nil,
            chance: 400_000)
        ]
      } _: { venue in
        let client = try RESTClient(venue)
        return try (0..<60).map { _ in
          try client.post(.searchPositions, #"{"accountId":1001}"#).status
        }
      }
    }
    let struck = try statuses()
    #expect(try statuses() == struck, "seed \(seed)")
    #expect((10...40).contains(struck.count { $0 == 500 }), "seed \(seed)")
  }
}
