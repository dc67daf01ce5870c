import RiskModel
import SimulatedVenue
import Testing

/// Replies that a client must survive, and every code that it must know.
struct ReplyFaultTests {
  private let accounts = #"{"onlyActiveAccounts":true}"#

  @Test(arguments: [true, false])
  func `a redirect names another place, whether the order was taken or not`(applied: Bool) throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(
        .request(
          .placeOrder,
          .redirect(status: 307, location: "https://elsewhere.example/", applied: applied)))
      let reply = try client.post(
        .placeOrder,
        #"{"accountId":1001,"contractId":"\#(mnq.text)","type":2,"side":0,"size":1}"#)
      #expect(reply.status == 307)
      #expect(reply.headers["location"] == "https://elsewhere.example/")
      #expect(venue.signedSize(first, mnq) == (applied ? 1 : 0))
    }
  }

  @Test func `a body of 20 MiB is still JSON`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(.request(.searchAccounts, .inflated(bytes: 20 << 20)))
      let reply = try client.post(.searchAccounts, accounts)
      #expect(reply.body.count > 20 << 20)
      #expect(reply.body.prefix(200).contains(UInt8(ascii: "S")))
      #expect(try client.post(.searchAccounts, accounts).body.count < 1_000)
    }
  }

  @Test func `a slow body comes in pieces and is whole in the end`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let usual = try client.post(.searchAccounts, accounts)
      venue.addFault(.request(.searchAccounts, .trickled(.milliseconds(200))))
      try client.send(.searchAccounts, accounts)
      let head = try client.socket.takeHead()
      #expect(head.contains("Content-Length: \(usual.body.count)"))
      #expect(try client.socket.take(usual.body.count) == usual.body)
      #expect(try client.post(.searchAccounts, accounts).body == usual.body)
    }
  }

  @Test func `an empty body with a good status, and a limit with a date`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(.request(nil, .status(200, applied: true, retryAfter: nil)))
      let empty = try client.post(.searchAccounts, accounts)
      #expect(empty.status == 200 && empty.body.isEmpty)
      let date = "Sun, 22 Nov 2026 17:00:00 GMT"
      venue.addFault(.request(nil, .status(429, applied: false, retryAfter: date)))
      let limited = try client.post(.searchAccounts, accounts)
      #expect(limited.status == 429 && limited.headers["retry-after"] == date)
    }
  }

  /// How many codes each endpoint documents beyond success.
  static let codes: [(GatewayOperation, Int)] = [
    (.login, 10), (.loginApplication, 10), (.validate, 4), (.logout, 2), (.contractByID, 1),
    (.retrieveBars, 4), (.placeOrder, 10), (.modifyOrder, 7), (.cancelOrder, 6),
    (.closeContract, 8), (.partialCloseContract, 9), (.searchOrders, 1), (.searchOpenOrders, 1),
    (.orderByID, 1), (.queryOrders, 1), (.searchPositions, 1), (.searchTrades, 1),
  ]

  /// Bodies that are sound, so that the fault alone decides.
  private func body(_ operation: GatewayOperation) -> String {
    switch operation {
    case .login: #"{"userName":"demo","apiKey":"demo-key"}"#
    case .loginApplication:
      #"{"userName":"demo","password":"p","deviceId":"d","appId":"a","verifyKey":"v"}"#
    case .validate, .logout: ""
    default:
      #"{"accountId":1001,"contractId":"\#(mnq.text)","orderId":1,"type":2,"side":0,"size":1,"#
        + #""live":false,"startTime":"2026-01-01T00:00:00Z","endTime":"2026-01-02T00:00:00Z","#
        + #""unit":2,"unitNumber":1,"limit":1,"includePartialBar":true,"#
        + #""startTimestamp":"2026-01-01T00:00:00Z","filter":{"accountId":1001}}"#
    }
  }

  @Test(arguments: codes)
  func `every documented code and one that is unknown can be provoked through the admin interface`(
    operation: GatewayOperation, last: Int
  ) throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let admin = try RawSocket(port: venue.adminPort)
      for code in Array(1...last) + [99] {
        try admin.request(
          "POST", "/fault",
          body: #"{"on":"request","operation":"\#(operation.rawValue)","effect":"envelope","#
            + #""success":false,"code":\#(code),"applied":false}"#)
        #expect(try admin.reply().status == 200)
        let reply = try client.post(operation, body(operation))
        #expect(reply.status == 200 && reply.errorCode == Int64(code))
        #expect(reply.json["success"]?.boolean == false)
      }
      #expect(venue.orders(first).isEmpty)
    }
  }

  @Test(arguments: [(true, 5), (false, 0)], [true, false])
  func `an envelope contradicts itself, whether the order was taken or not`(
    contradiction: (success: Bool, code: Int), applied: Bool
  ) throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(
        .request(
          .placeOrder,
          .envelope(
            success: contradiction.success, code: contradiction.code, message: nil,
            applied: applied)))
      let reply = try client.post(.placeOrder, body(.placeOrder))
      #expect(reply.json["success"]?.boolean == contradiction.success)
      #expect(reply.errorCode == Int64(contradiction.code))
      #expect(venue.signedSize(first, mnq) == (applied ? 1 : 0))
    }
  }

  @Test func `an order that is reported pending is in the market all the same`() throws {
    try withVenue {
      $0.exchange.acceptanceDelay = .milliseconds(50)
    } _: { venue in
      let client = try RESTClient(venue)
      venue.addFault(
        .request(.placeOrder, .envelope(success: false, code: 6, message: nil, applied: true)))
      let order = #"{"accountId":1001,"contractId":"\#(mnq.text)","type":2,"side":0,"size":1}"#
      #expect(try client.post(.placeOrder, order).errorCode == 6)
      #expect(venue.wait { $0.signedSize(first, mnq) == 1 })
      venue.addFault(
        .request(.placeOrder, .envelope(success: false, code: 6, message: nil, applied: true)))
      #expect(try client.post(.placeOrder, order).errorCode == 6)
      try venue.pause(mnq, for: .seconds(5))
      #expect(venue.wait { $0.orders(first).last?.status == .rejected })
      #expect(venue.signedSize(first, mnq) == 1)
    }
  }
}
