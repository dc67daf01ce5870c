import RiskModel
import Testing

@testable import VenueAPI

@Suite struct ReadReplyTests {
  @Test func accounts() throws {
    let accounts = try Row.reply("accounts", Row.account).decodeAccounts().get()
    #expect(
      accounts == [
        Account(
          id: account, name: "PRAC-V2-645601-47191819", balance: money("149848.64"),
          canTrade: true, isSimulated: true)
      ])
    let silent = Row.account.replacing(#""canTrade":true,"#, with: "")
    #expect(try Row.reply("accounts", silent).decodeAccounts().get()[0].canTrade == nil)
    let null = Row.account.replacing(#""canTrade":true"#, with: #""canTrade":null"#)
    #expect(try Row.reply("accounts", null).decodeAccounts().get()[0].canTrade == nil)
    let live = Row.account.replacing(#""simulated":true"#, with: #""simulated":false"#)
    #expect(try !Row.reply("accounts", live).decodeAccounts().get()[0].isSimulated)
  }

  @Test(arguments: [
    (2, 3, Int64(-3)), (1, 3, 3), (0, 0, 0), (1, 0, 0), (2, 0, 0), (7, 0, 0),
  ])
  func positionTypes(type: Int, size: Int, signedSize: Int64) throws {
    let row = Row.position.replacing(
      #""type":2,"size":3"#, with: #""type":\#(type),"size":\#(size)"#)
    let position = try Row.reply("positions", row).decodePositions(of: account).get()[0]
    #expect(
      position
        == Position(
          id: 825_245_547, account: account, contract: contract,
          openedAt: instant("2026-08-19T20:49:25.393833Z"), signedSize: signedSize,
          averagePrice: price("29398.5")))
  }

  @Test(arguments: [0, 3, -1])
  func anUnknownPositionTypeWithASizeIsAnError(type: Int64) {
    let row = Row.position.replacing(#""type":2"#, with: #""type":\#(type)"#)
    #expect(
      Row.reply("positions", row).decodePositions(of: account).failure
        == .positionTypeUnknown(type: type, size: 3))
  }

  @Test func orders() throws {
    let order = try Row.reply("orders", Row.order).decodeOrderPage(of: account).get().orders[0]
    #expect(
      order
        == Order(
          id: OrderID(3_408_995_736), account: account, contract: contract,
          createdAt: instant("2026-08-19T20:49:25.39383Z"), status: .suspended, type: .stop,
          side: .sell, size: 1, stopPrice: price("30196.75"), customTag: "T-SL",
          parent: OrderID(3_408_995_735)))
  }

  @Test func numbersThatNoDocumentationListsAreKept() throws {
    let row = Row.order.replacing(#""status":8,"type":4"#, with: #""status":42,"type":17"#)
    let order = try Row.reply("orders", row).decodeOrderPage(of: account).get().orders[0]
    #expect(order.status == OrderStatus(rawValue: 42) && order.status.isWorking)
    #expect(order.type == OrderType(rawValue: 17))
  }

  @Test func tradesComeOldestFirst() throws {
    let older = Row.trade.replacing("20:50:00", with: "20:49:59").replacing(
      "3004518356", with: "3004518350"
    ).replacing(#""profitAndLoss":-49"#, with: #""profitAndLoss":null"#).replacing(
      #""commissions":0.25,"#, with: "")
    let trades = try Row.reply("trades", Row.trade, older).decodeTrades(of: account).get()
    #expect(trades.map(\.id.number) == [3_004_518_350, 3_004_518_356])
    #expect(trades[0].profit == nil && trades[0].commissions == .zero)
    #expect(
      trades[1]
        == Trade(
          id: TradeID(3_004_518_356), account: account, contract: contract,
          executedAt: instant("2026-08-19T20:50:00Z"), price: price("29423"),
          profit: money("-49"), fees: money("0.36"), commissions: money("0.25"), side: .buy,
          size: 1, order: OrderID(3_423_462_488)))
  }

  @Test func contracts() throws {
    let specification = ContractSpecification(
      id: contract, name: "MNQU26", tickSize: price("0.25"), tickValue: money("0.5"))
    let answer = reply(#"{"contract":\#(Row.contract),"success":true,"errorCode":0}"#)
    #expect(try answer.decodeContract(contract).get() == specification)
    #expect(
      answer.decodeContract(ContractID("CON.F.US.EP.U26")).failure
        == .memberMalformed("contract.id"))
    let odd = Row.contract.replacing(#""tickSize":0.25"#, with: #""tickSize":0"#)
    #expect(
      try Row.reply("contracts", odd, Row.contract).decodeCatalogue().get()
        == ContractCatalogue(contracts: [specification], skipped: 1))
  }

  @Test func aListThatIsNullAbsentOrEmptyIsThreeThings() throws {
    let lists: [(String, @Sendable (VenueAnswer) -> VenueError??)] = [
      ("accounts", { $0.decodeAccounts().map(\.count).nonZeroFailure }),
      ("positions", { $0.decodePositions(of: account).map(\.count).nonZeroFailure }),
      ("orders", { $0.decodeOrderPage(of: account).map(\.orders.count).nonZeroFailure }),
      ("trades", { $0.decodeTrades(of: account).map(\.count).nonZeroFailure }),
      ("contracts", { $0.decodeCatalogue().map(\.contracts.count).nonZeroFailure }),
    ]
    for (member, decode) in lists {
      let absent = reply(#"{"success":true,"errorCode":0,"errorMessage":null}"#)
      #expect(decode(absent) == .some(.memberMissing("reply.\(member)")))
      let null = reply(#"{"\#(member)":null,"success":true,"errorCode":0}"#)
      #expect(decode(null) == .some(.memberNull("reply.\(member)")))
      let scalar = reply(#"{"\#(member)":7,"success":true,"errorCode":0}"#)
      #expect(decode(scalar) == .some(.memberMalformed("reply.\(member)")))
      #expect(decode(Row.reply(member)) == .some(nil))
    }
  }

  @Test func aRowOfAnotherAccountSpoilsTheReply() {
    let other = AccountID(1)
    #expect(
      Row.reply("positions", Row.position).decodePositions(of: other).failure
        == .foreignAccount(account))
    #expect(
      Row.reply("orders", Row.order).decodeOrderPage(of: other).failure
        == .foreignAccount(account))
    #expect(
      Row.reply("trades", Row.trade).decodeTrades(of: other).failure == .foreignAccount(account))
  }

  @Test func oneBadRowSpoilsTheReply() {
    #expect(
      Row.reply("positions", Row.position, "{}").decodePositions(of: account).failure
        == .memberMissing("position.size"))
    #expect(
      Row.reply("orders", Row.order, "7").decodeOrderPage(of: account).failure
        == .memberMalformed("order"))
    let sideless = Row.trade.replacing(#""side":0"#, with: #""side":2"#)
    #expect(
      Row.reply("trades", sideless).decodeTrades(of: account).failure
        == .memberMalformed("trade.side"))
    let nameless = Row.position.replacing("CON.F.US.MNQ.U26", with: "")
    #expect(
      Row.reply("positions", nameless).decodePositions(of: account).failure
        == .memberMalformed("position.contractId"))
  }

  @Test(arguments: [
    (reply("", status: 401), VenueError.unauthorized),
    (reply("", status: 503), .httpStatus(503)),
    (reply("<!DOCTYPE html>"), .notJSON(offset: 0)),
    (reply(""), .emptyBody),
    (.failed(.timedOut), .transport(.timedOut)),
    (
      reply(#"{"positions":[],"success":true,"errorCode":1}"#),
      .contradiction(success: true, code: 1)
    ),
    (
      reply(#"{"positions":null,"success":false,"errorCode":1}"#),
      .refused(endpoint: "Position/searchOpen", code: 1, name: "accountNotFound")
    ),
    (
      reply(#"{"positions":null,"success":false,"errorCode":77}"#),
      .refused(endpoint: "Position/searchOpen", code: 77, name: nil)
    ),
  ])
  func failuresOfAQueryAreNeverFlat(answer: VenueAnswer, error: VenueError) {
    #expect(answer.decodePositions(of: account).failure == error)
  }

  @Test(arguments: [TimeSpan?.none, .seconds(7)])
  func theWaitThatTheVenueAsksForIsHandedOn(wait: TimeSpan?) {
    let answer = reply("", status: 429, retryWait: wait)
    #expect(answer.decodeAccounts().failure == .rateLimited(retryAfter: wait))
  }

  @Test func pingIsBareText() throws {
    try reply("pong").decodePing().get()
    #expect(reply("{}").decodePing().failure == .memberMalformed("reply"))
    #expect(reply("pong", status: 502).decodePing().failure == .httpStatus(502))
  }

  @Test func totalCountsBeyondReasonAreMalformed() {
    for total in ["-1", "1000001", #""many""#] {
      let answer = reply(#"{"orders":[],"totalCount":\#(total),"success":true,"errorCode":0}"#)
      #expect(
        answer.decodeOrderPage(of: account).failure == .memberMalformed("reply.totalCount"))
    }
  }
}

extension Result<Int, VenueError> {
  /// `nil` for zero rows, `.some(nil)` being the failure of a reply that succeeded.
  fileprivate var nonZeroFailure: VenueError?? {
    switch self {
    case .success(0): .some(nil)
    case .success: nil
    case .failure(let error): .some(error)
    }
  }
}
