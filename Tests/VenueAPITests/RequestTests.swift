import RiskModel
import Testing

@testable import VenueAPI

@Suite struct RequestTests {
  private static let key = SignInKey(userName: "trader-7", apiKey: "k3y/=\"\\\n")
  private static let start = instant("2026-08-19T22:00:00Z")

  static let rows: [(VenueRequest, String, String)] = [
    (.ping, "GET /api/Status/ping", ""),
    (
      .loginKey(key), "POST /api/Auth/loginKey",
      #"{"userName":"trader-7","apiKey":"k3y/=\"\\\u000a"}"#
    ),
    (.validate, "POST /api/Auth/validate", ""),
    (
      .accountSearch(onlyActive: false), "POST /api/Account/search",
      #"{"onlyActiveAccounts":false}"#
    ),
    (
      .contractSearchByID(contract), "POST /api/Contract/searchById",
      #"{"contractId":"CON.F.US.MNQ.U26"}"#
    ),
    (.contractAvailable(live: false), "POST /api/Contract/available", #"{"live":false}"#),
    (
      .orderQuery(account, statuses: OrderStatus.working, offset: 99), "POST /api/Order/v2/query",
      #"{"filter":{"accountId":26282486,"statuses":[1,6,7,8]},"pageSize":100,"pageOffset":99,"#
        + #""sortBy":1,"sortDirection":0,"includeTotalCount":true}"#
    ),
    (
      .orderPlace(
        OrderPlacement(
          account: account, contract: contract, type: .stop, side: .sell, size: 2,
          stopPrice: price("30196.75"), customTag: "rd-184-0")), "POST /api/Order/place",
      #"{"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","type":4,"side":1,"size":2,"#
        + #""stopPrice":30196.75,"customTag":"rd-184-0"}"#
    ),
    (
      .orderPlace(
        OrderPlacement(
          account: account, contract: contract, type: .limit, side: .buy, size: 1,
          limitPrice: price("1"), trailPrice: price("2.5"))), "POST /api/Order/place",
      #"{"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","type":1,"side":0,"size":1,"#
        + #""limitPrice":1,"trailPrice":2.5}"#
    ),
    (
      .orderModify(account, OrderID(5), OrderChange(size: 1)), "POST /api/Order/modify",
      #"{"accountId":26282486,"orderId":5,"size":1}"#
    ),
    (
      .orderCancel(account, OrderID(5)), "POST /api/Order/cancel",
      #"{"accountId":26282486,"orderId":5}"#
    ),
    (
      .positionSearchOpen(account), "POST /api/Position/searchOpen",
      #"{"accountId":26282486}"#
    ),
    (
      .positionClose(account, contract), "POST /api/Position/closeContract",
      #"{"accountId":26282486,"contractId":"CON.F.US.MNQ.U26"}"#
    ),
    (
      .positionPartialClose(account, contract, size: 3),
      "POST /api/Position/partialCloseContract",
      #"{"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","size":3}"#
    ),
    (
      .tradeSearch(account, from: start, to: nil), "POST /api/Trade/search",
      #"{"accountId":26282486,"startTimestamp":"2026-08-19T22:00:00.000000Z"}"#
    ),
  ]

  @Test(arguments: rows)
  func everyRequestHasItsPathAndCanonicalBody(
    request: VenueRequest, line: String, body: String
  ) {
    #expect("\(request)" == line)
    #expect(String(decoding: request.body, as: UTF8.self) == body)
  }

  @Test func onlyRequestsAboutOrdersAndClosesChangeTheVenue() {
    let changing = RequestTests.rows.filter { $0.0.changesVenue }.map(\.0.path)
    #expect(
      changing == [
        "/api/Order/place", "/api/Order/place", "/api/Order/modify", "/api/Order/cancel",
        "/api/Position/closeContract", "/api/Position/partialCloseContract",
      ])
  }

  @Test func onlyPingAndSignInNeedNoToken() {
    let free = RequestTests.rows.filter { !$0.0.needsToken }.map(\.0.path)
    #expect(free == ["/api/Status/ping", "/api/Auth/loginKey"])
  }

  @Test func secretsShowInNoDescription() {
    let secrets: [Any] = [
      RequestTests.key, VenueRequest.loginKey(RequestTests.key), VenueToken("ey.secret.x"),
      SignInOutcome.token(VenueToken("ey.secret.x")),
    ]
    for secret in secrets {
      var dumped = ""
      dump(secret, to: &dumped)
      for text in ["\(secret)", String(reflecting: secret), dumped] {
        #expect(!text.contains("trader-7") && !text.contains("k3y") && !text.contains("ey."))
      }
    }
  }

  @Test(arguments: [
    (HubInvocation.subscribeAccounts, "SubscribeAccounts", HubInvocation.Argument?.none),
    (.subscribeOrders(account), "SubscribeOrders", .integer(26_282_486)),
    (.subscribePositions(account), "SubscribePositions", .integer(26_282_486)),
    (.subscribeTrades(account), "SubscribeTrades", .integer(26_282_486)),
    (.subscribeQuotes(contract), "SubscribeContractQuotes", .text("CON.F.US.MNQ.U26")),
    (.unsubscribeQuotes(contract), "UnsubscribeContractQuotes", .text("CON.F.US.MNQ.U26")),
  ])
  func hubMethodsTakeOneScalarAtMost(
    invocation: HubInvocation, method: String, argument: HubInvocation.Argument?
  ) {
    #expect(invocation.method == method)
    #expect(invocation.argument == argument)
  }
}
