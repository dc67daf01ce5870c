import RiskModel
import Testing

@testable import VenueAPI

@Suite struct HubEventTests {
  private static func user(_ target: String, _ arguments: String) throws -> HubNotice {
    try decodeUserEvent(target: target, arguments: Array(arguments.utf8))
  }

  private static func market(_ target: String, _ arguments: String) throws -> HubNotice {
    try decodeMarketEvent(target: target, arguments: Array(arguments.utf8))
  }

  static let account =
    Account(
      id: VenueAPITests.account, name: "PRAC-V2-645601-47191819", balance: money("149848.64"),
      canTrade: true)

  @Test(arguments: [
    #"[{"action":1,"data":\#(Row.account)}]"#,
    "[\(Row.account)]",
    #"[[{"action":1,"data":\#(Row.account)}]]"#,
    "[[\(Row.account)]]",
    #"[{"data":[\#(Row.account)]}]"#,
  ])
  func everyFormOfAUserEventGivesTheSame(arguments: String) throws {
    #expect(
      try Self.user("GatewayUserAccount", arguments) == .events([.account(Self.account)]))
  }

  @Test(arguments: ["GatewayUserAccount", "gatewayuseraccount", "GATEWAYUSERACCOUNT"])
  func targetsMatchInAnyCase(target: String) throws {
    #expect(try Self.user(target, "[\(Row.account)]") == .events([.account(Self.account)]))
  }

  @Test func aClosedPositionIsFlatAndKeepsItsAverage() throws {
    let notice = try Self.user(
      "GatewayUserPosition",
      #"[{"action":2,"data":{"id":825245547,"accountId":26282486,"#
        + #""contractId":"CON.F.US.MNQ.U26","contractDisplayName":"MNQU26","#
        + #""creationTimestamp":"2026-08-19T20:49:25.3938333+00:00","type":0,"size":0,"#
        + #""averagePrice":29398.5}}]"#)
    #expect(
      notice
        == .events([
          .position(
            Position(
              id: 825_245_547, account: VenueAPITests.account, contract: contract,
              openedAt: instant("2026-08-19T20:49:25.3938333Z"), signedSize: 0,
              averagePrice: price("29398.5")))
        ]))
  }

  @Test func anOrderWithoutItsNullsAndWithAnIDInAString() throws {
    let notice = try Self.user(
      "GatewayUserOrder",
      #"[{"action":1,"data":{"id":"3425270858","accountId":26282486,"#
        + #""contractId":"CON.F.US.MNQ.U26","symbolId":"F.US.MNQ","#
        + #""creationTimestamp":"2026-08-19T20:49:25.3938333+00:00","#
        + #""updateTimestamp":"2026-08-19T20:49:25.3962105+00:00","status":5,"type":2,"side":1,"#
        + #""size":1,"fillVolume":0,"customTag":"glt-1","trailDistance":101}}]"#)
    #expect(
      notice
        == .events([
          .order(
            Order(
              id: OrderID(3_425_270_858), account: VenueAPITests.account, contract: contract,
              createdAt: instant("2026-08-19T20:49:25.3938333Z"),
              updatedAt: instant("2026-08-19T20:49:25.3962105Z"), status: .rejected,
              type: .market, side: .sell, size: 1, customTag: "glt-1"))
        ]))
  }

  @Test func aTradeAndItsVoidedTwin() throws {
    let voided = Row.trade.replacing(#""voided":false"#, with: #""voided":true"#)
    guard
      case .events(let events) = try Self.user(
        "GatewayUserTrade", "[\(Row.trade),\(voided)]"),
      case .trade(let first) = events[0], case .trade(let second) = events[1]
    else {
      Issue.record("not two trades")
      return
    }
    #expect(first.id == second.id && !first.isVoided && second.isVoided)
    #expect(first.commissions == money("0.25"))
  }

  @Test(arguments: [
    ("GatewayUserOrder", "[]", AccountID?.none, VenueError.memberMissing("arguments")),
    ("GatewayUserOrder", "[[]]", nil, .memberMissing("arguments")),
    ("GatewayUserOrder", "[null]", nil, .memberNull("arguments")),
    ("GatewayUserOrder", #"[{"action":1,"data":null}]"#, nil, .memberNull("arguments")),
    ("GatewayUserOrder", "[7]", nil, .memberMalformed("arguments")),
    ("GatewayUserOrder", "{}", nil, .memberMalformed("arguments")),
    ("GatewayUserOrder", "[{", nil, .notJSON(offset: 2)),
    ("GatewayUserOrder", #"[{"accountId":5}]"#, AccountID(5), .memberMissing("order.id")),
    (
      "GatewayUserPosition", #"[{"accountId":"5","size":2,"type":9}]"#, AccountID(5),
      .positionTypeUnknown(type: 9, size: 2)
    ),
    ("gatewayuseraccount", #"[{"id":5}]"#, AccountID(5), .memberMissing("account.name")),
    (
      "GatewayUserTrade", #"[{"accountId":5,"id":[]}]"#, AccountID(5),
      .memberMalformed("trade.id")
    ),
  ])
  func aPayloadErrorNamesTargetAndMember(
    target: String, arguments: String, account: AccountID?, problem: VenueError
  ) throws {
    let error = try #require(throws: HubEventError.self) { try Self.user(target, arguments) }
    #expect(error.target.lowercased() == target.lowercased())
    #expect(error.account == account)
    #expect(error.problem == problem)
  }

  @Test func anErrorShowsNothingOfThePayload() throws {
    let error = try #require(throws: HubEventError.self) {
      try Self.user("GatewayUserOrder", #"[{"id":1,"accountId":5,"contractId":{"x":"private"}}]"#)
    }
    #expect("\(error)" == "GatewayUserOrder: member order.contractId is malformed")
  }

  @Test(arguments: ["[]", #"["bye"]"#, "nonsense"])
  func logoutNeedsNoPayload(arguments: String) throws {
    #expect(try Self.user("GatewayLogout", arguments) == .logout)
    #expect(try Self.market("gatewaylogout", arguments) == .logout)
  }

  @Test func targetsOfNoUseAreIgnored() throws {
    #expect(try Self.user("GatewaySomething", "[]") == .ignored)
    #expect(try Self.user("GatewayQuote", "[{}]") == .ignored)
    #expect(try Self.market("GatewayDepth", "[]") == .ignored)
    #expect(try Self.market("GatewayUserOrder", "[]") == .ignored)
  }

  static let sparse =
    #"{"symbol":"F.US.MNQ","bestBid":29547,"bestAsk":29547.5,"#
    + #""lastUpdated":"2026-08-19T20:49:25.39+00:00","timestamp":"2026-08-19T20:49:26+00:00","#
    + #""contract":"CON.F.US.MNQ.U26"}"#
  static let sparseQuote = Quote(
    contract: contract, bid: price("29547"), ask: price("29547.5"),
    quotedAt: instant("2026-08-19T20:49:25.39Z"))

  @Test(arguments: [
    #"["CON.F.US.MNQ.U26",\#(sparse)]"#,
    #"["CON.F.US.MNQ.U26",[\#(sparse),null]]"#,
    #"[["CON.F.US.MNQ.U26",\#(sparse)]]"#,
    "[\(sparse)]",
    "[[\(sparse)]]",
    #"["CON.F.US.MNQ.U26",{"action":1,"data":\#(sparse)}]"#,
  ])
  func everyFormOfAQuoteGivesTheSame(arguments: String) throws {
    #expect(
      try Self.market("GatewayQuote", arguments) == .events([.quote(Self.sparseQuote)]))
  }

  @Test func aQuoteHasOnlyWhatItSays() throws {
    #expect(
      try Self.market("GatewayQuote", #"["C",{"lastPrice":1.25,"bestBid":null}]"#)
        == .events([.quote(Quote(contract: ContractID("C"), last: price("1.25")))]))
    #expect(
      try Self.market(
        "GatewayQuote", #"["C",{"volume":7,"timestamp":"2026-08-19T20:49:26+00:00"}]"#)
        == .events([
          .quote(Quote(contract: ContractID("C"), quotedAt: instant("2026-08-19T20:49:26Z")))
        ]))
  }

  @Test func printsMoveTheLastPrice() throws {
    let print =
      #"{"symbolId":"F.US.MNQ","price":29547.25,"timestamp":"2026-08-19T20:49:26+00:00","#
      + #""type":1,"volume":2,"contractId":"CON.F.US.MNQ.U26"}"#
    let quote = Quote(
      contract: contract, last: price("29547.25"), quotedAt: instant("2026-08-19T20:49:26Z"))
    #expect(
      try Self.market("GatewayTrade", #"["CON.F.US.MNQ.U26",[\#(print),\#(print)]]"#)
        == .events([.quote(quote), .quote(quote)]))
    #expect(try Self.market("GatewayTrade", "[\(print)]") == .events([.quote(quote)]))
  }

  @Test(arguments: [
    ("[]", VenueError.memberMissing("arguments")),
    (#"["C"]"#, .memberMissing("arguments")),
    (#"["",{}]"#, .memberMalformed("arguments[0]")),
    (#"["C",7]"#, .memberMalformed("arguments")),
    ("[{}]", .memberMissing("quote.contract")),
    (#"["C",{"bestBid":"x"}]"#, .memberMalformed("quote.bestBid")),
    (#"["C",{"timestamp":"yesterday"}]"#, .memberMalformed("quote.timestamp")),
    ("7", .memberMalformed("arguments")),
  ])
  func aMarketPayloadErrorNamesTheMember(arguments: String, problem: VenueError) throws {
    let error = try #require(throws: HubEventError.self) {
      try Self.market("GatewayQuote", arguments)
    }
    #expect(error == HubEventError(target: "GatewayQuote", account: nil, problem: problem))
  }
}
