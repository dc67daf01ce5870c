import RiskModel
import SimulatedVenue
import Testing

/// Every error code that the simulated venue gives by itself, over the wire.
struct ErrorCodeTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var operation: GatewayOperation
    var body: String
    var code: Int64
    var message: String?
    var prepare: @Sendable (SimulatedVenueServer) throws -> Void = { _ in }
    var testDescription: String { "\(operation.rawValue) \(code) \(body)" }
  }

  static let mnqID = #""contractId":"CON.F.US.MNQ.Z26""#
  static let gone = #""contractId":"CON.F.US.MNQ.U26""#
  static let unknown = #""contractId":"CON.F.US.XYZ.Z26""#
  static let buy = #""type":2,"side":0,"size":1"#
  static let start = #""startTimestamp":"2020-01-01T00:00:00Z""#

  static func closeMarket(_ venue: SimulatedVenueServer) throws {
    try venue.trader.place(first, mnq, .buy, size: 2)
    try venue.trader.place(first, mnq, .buy, size: 1, type: .limit, limit: points("20000"))
    try venue.perform { exchange in try exchange.setOpen(mnq, false) }
  }

  static func addFollower(_ venue: SimulatedVenueServer) throws {
    var change = AccountChange(id: follower)
    change.kind = .follower
    try venue.changeAccount(change)
  }

  static let cases: [Case] = [
    Case(operation: .login, body: #"{"userName":"demo","apiKey":"wrong"}"#, code: 3),
    Case(operation: .login, body: #"{"userName":"nobody","apiKey":"demo-key"}"#, code: 3),
    Case(operation: .contractByID, body: "{\(unknown)}", code: 1),
    Case(operation: .placeOrder, body: #"{"accountId":9,\#(mnqID),\#(buy)}"#, code: 1),
    Case(
      operation: .placeOrder, body: #"{"accountId":1001,\#(mnqID),"type":3,"side":0,"size":1}"#,
      code: 2, message: "Invalid order type specified"),
    Case(
      operation: .placeOrder, body: #"{"accountId":1001,\#(mnqID),\#(buy)}"#, code: 4,
      message: "Account is not allowed to trade.",
      prepare: { try $0.changeAccount(AccountChange(id: first, canTrade: false)) }),
    Case(
      operation: .placeOrder, body: #"{"accountId":1001,\#(mnqID),\#(buy)}"#, code: 5,
      message: "Outside of trading hours.", prepare: closeMarket),
    Case(operation: .placeOrder, body: #"{"accountId":1001,\#(unknown),\#(buy)}"#, code: 8),
    Case(operation: .placeOrder, body: #"{"accountId":1001,\#(gone),\#(buy)}"#, code: 9),
    Case(
      operation: .placeOrder, body: #"{"accountId":2001,\#(mnqID),\#(buy)}"#, code: 10,
      message: "Follower accounts cannot place orders", prepare: addFollower),
    Case(
      operation: .placeOrder,
      body:
        #"{"accountId":1001,\#(mnqID),\#(buy),"stopLossBracket":{"ticks":-10,"type":4},"takeProfitBracket":{"ticks":20,"type":1}}"#,
      code: 2,
      message:
        "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets."),
    Case(operation: .modifyOrder, body: #"{"accountId":9,"orderId":1,"size":1}"#, code: 1),
    Case(operation: .modifyOrder, body: #"{"accountId":1001,"orderId":1,"size":1}"#, code: 2),
    Case(
      operation: .modifyOrder, body: #"{"accountId":1001,"orderId":3400000002,"size":3}"#,
      code: 3, message: "The instrument is not in an active trading status.",
      prepare: closeMarket),
    Case(
      operation: .modifyOrder, body: #"{"accountId":2001,"orderId":1,"size":3}"#, code: 6,
      message: "Follower accounts cannot modify orders", prepare: addFollower),
    Case(operation: .cancelOrder, body: #"{"accountId":9,"orderId":1}"#, code: 1),
    Case(operation: .cancelOrder, body: #"{"accountId":1001,"orderId":1}"#, code: 2),
    Case(
      operation: .cancelOrder, body: #"{"accountId":1001,"orderId":3400000002}"#, code: 3,
      message: "The instrument is not in an active trading status.", prepare: closeMarket),
    Case(
      operation: .cancelOrder, body: #"{"accountId":1001,"orderId":3400000001}"#, code: 4,
      prepare: { venue in
        venue.setBehaviour { $0.cancellationDelay = nil }
        let id = try venue.trader.place(
          first, mnq, .buy, size: 1, type: .limit, limit: points("20000"))
        try venue.trader.cancel(id)
      }),
    Case(
      operation: .cancelOrder, body: #"{"accountId":2001,"orderId":1}"#, code: 6,
      message: "Follower accounts cannot cancel orders", prepare: addFollower),
    Case(operation: .closeContract, body: #"{"accountId":9,\#(mnqID)}"#, code: 1),
    Case(operation: .closeContract, body: #"{"accountId":1001,\#(mnqID)}"#, code: 2),
    Case(operation: .closeContract, body: #"{"accountId":1001,\#(unknown)}"#, code: 3),
    Case(operation: .closeContract, body: #"{"accountId":1001,\#(gone)}"#, code: 4),
    Case(
      operation: .closeContract, body: #"{"accountId":1001,\#(mnqID)}"#, code: 5,
      prepare: closeMarket),
    Case(
      operation: .closeContract, body: #"{"accountId":2001,\#(mnqID)}"#, code: 8,
      message: "Follower accounts cannot close positions", prepare: addFollower),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":9,\#(mnqID),"size":1}"#, code: 1),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":1001,\#(mnqID),"size":1}"#, code: 2),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":1001,\#(unknown),"size":1}"#, code: 3),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":1001,\#(gone),"size":1}"#, code: 4),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":1001,\#(mnqID),"size":9}"#, code: 5,
      prepare: { try $0.trader.place(first, mnq, .buy, size: 2) }),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":1001,\#(mnqID),"size":1}"#, code: 6,
      prepare: closeMarket),
    Case(
      operation: .partialCloseContract, body: #"{"accountId":2001,\#(mnqID),"size":1}"#, code: 9,
      message: "Follower accounts cannot close positions", prepare: addFollower),
    Case(operation: .searchOrders, body: #"{"accountId":9,\#(start)}"#, code: 1),
    Case(operation: .searchOpenOrders, body: #"{"accountId":9}"#, code: 1),
    Case(operation: .orderByID, body: #"{"accountId":1001,"orderId":5}"#, code: 1),
    Case(
      operation: .orderByID, body: #"{"accountId":1002,"orderId":3400000001}"#, code: 1,
      prepare: { try $0.trader.place(first, mnq, .buy, size: 2) }),
    Case(operation: .queryOrders, body: #"{"filter":{"accountId":9}}"#, code: 1),
    Case(operation: .searchPositions, body: #"{"accountId":9}"#, code: 1),
    Case(operation: .searchTrades, body: #"{"accountId":9}"#, code: 1),
  ]

  @Test(arguments: cases)
  func `a refusal is 200 with the endpoint's own code`(_ row: Case) throws {
    try withVenue { venue in
      try row.prepare(venue)
      let reply = try RESTClient(venue).post(row.operation, row.body)
      #expect(reply.status == 200)
      #expect(reply.json["success"]?.boolean == false)
      #expect(reply.errorCode == row.code)
      #expect(reply.errorMessage == row.message)
      if let payload = row.operation.payloadMember {
        let isRejection = row.operation == .placeOrder && row.code == 2
        #expect(reply.json[payload]?.isNull == !isRejection)
      }
      #expect(venue.requests().last?.errorCode == Int(row.code))
    }
  }

  @Test(arguments: [
    (GatewayOperation.login, #"{"userName":"demo"}"#, "$", "'apiKey'"),
    (.login, "", "$", "LoginApiKeyRequest"), (.login, "[]", "$", "LoginApiKeyRequest"),
    (.searchAccounts, "{}", "$", "'onlyActiveAccounts'"),
    (.searchAccounts, #"{"onlyActiveAccounts":"yes"}"#, "$.onlyActiveAccounts", "System.Boolean"),
    (.availableContracts, "{}", "$", "'live'"), (.searchContracts, "{}", "$", "'live'"),
    (.contractByID, #"{"contractId":7}"#, "$.contractId", "System.String"),
    (.placeOrder, #"{"accountId":1001}"#, "$", "'type'"),
    (
      .placeOrder, #"{"type":2,"accountId":1001,"contractId":"x","side":7,"size":1}"#, "$.side",
      "OrderSide"
    ),
    (
      .placeOrder, #"{"type":2,"accountId":1.5,"contractId":"x","side":0,"size":1}"#, "$.accountId",
      "System.Int64"
    ),
    (
      .placeOrder,
      #"{"type":1,"accountId":1,"contractId":"x","side":0,"size":1,"limitPrice":"abc"}"#,
      "$.limitPrice", "System.Decimal"
    ),
    (
      .placeOrder,
      #"{"type":1,"accountId":1,"contractId":"x","side":0,"size":1,"stopLossBracket":{"type":4}}"#,
      "$.stopLossBracket", "'ticks'"
    ),
    (.modifyOrder, #"{"accountId":1001}"#, "$", "'orderId'"),
    (.cancelOrder, #"{"orderId":1}"#, "$", "'accountId'"),
    (.searchOrders, #"{"accountId":1001}"#, "$", "'startTimestamp'"),
    (
      .searchOrders, #"{"accountId":1001,"startTimestamp":"now"}"#, "$.startTimestamp",
      "System.DateTimeOffset"
    ),
    (.queryOrders, #"{"accountId":1001}"#, "$", "'filter'"),
    (.queryOrders, #"{"filter":{}}"#, "$.filter", "'accountId'"),
    (
      .queryOrders, #"{"filter":{"accountId":1,"statuses":["x"]}}"#, "$.filter.statuses",
      "System.Int32[]"
    ),
    (
      .queryOrders, #"{"filter":{"accountId":1,"statuses":1}}"#, "$.filter.statuses",
      "System.Int32[]"
    ),
    (.partialCloseContract, #"{"accountId":1001,"contractId":"x"}"#, "$", "'size'"),
  ])
  func `a body that does not fit is 400 with problem details`(
    operation: GatewayOperation, body: String, member: String, part: String
  ) throws {
    try withVenue { venue in
      let reply = try RESTClient(venue).post(operation, body)
      #expect(reply.status == 400)
      #expect(reply.headers["content-type"] == "application/problem+json; charset=utf-8")
      #expect(reply.json["status"]?.integer == 400)
      #expect(reply.json["title"]?.text == "One or more validation errors occurred.")
      let problem = reply.json["errors"]?[member]?[0]?.text
      #expect(problem?.contains(part) == true, "\(reply.text)")
      if operation == .queryOrders && member == "$" {
        #expect(problem?.contains("SearchOrdersQueryRequest") == true)
      }
    }
  }
}
