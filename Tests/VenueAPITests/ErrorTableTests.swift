import RiskModel
import Testing

@testable import VenueAPI

@Suite struct ErrorTableTests {
  /// How many codes each endpoint documents, success included.
  static let documented: [(String, Int)] = [
    ("Auth/loginKey", 11), ("Auth/loginApp", 11), ("Auth/validate", 5), ("Auth/logout", 3),
    ("Account/search", 1), ("Contract/search", 1), ("Contract/available", 1),
    ("Contract/searchById", 2), ("History/retrieveBars", 5), ("Order/place", 11),
    ("Order/modify", 8), ("Order/cancel", 7), ("Order/search", 2), ("Order/searchOpen", 2),
    ("Order/v2/query", 2), ("Order/searchById", 2), ("Position/searchOpen", 2),
    ("Trade/search", 2), ("Position/closeContract", 9), ("Position/partialCloseContract", 10),
  ]

  @Test(arguments: documented)
  func `every code of every endpoint has a category and a reaction`(
    endpoint: String, count: Int
  ) {
    let codes = ErrorTable.codes.filter { $0.endpoint == endpoint }
    #expect(codes.map(\.code) == Array(0..<count))
    #expect(Set(codes.map(\.name)).count == count)
    for code in codes {
      #expect((code.category == .success) == (code.code == 0), "\(code)")
      #expect((code.reaction == .proceed) == (code.code == 0 || endpoint == "Auth/logout"))
    }
    #expect(ErrorTable.find(endpoint, count) == nil)
    #expect(ErrorTable.find(endpoint, -1) == nil)
  }

  @Test func `there are no other endpoints`() {
    #expect(Set(ErrorTable.codes.map(\.endpoint)) == Set(Self.documented.map(\.0)))
    #expect(ErrorTable.codes.count == Self.documented.reduce(0) { $0 + $1.1 })
  }

  /// Every refusal of a read that riskd asks for has the reaction of its line.
  @Test func `what a refused read leads to is what the table says`() {
    let changes: Set<String> = [
      "Order/place", "Order/modify", "Order/cancel", "Position/closeContract",
      "Position/partialCloseContract",
    ]
    let session: Set<String> = ["Auth/loginKey", "Auth/validate"]
    let unasked: Set<String> = [
      "Auth/loginApp", "Auth/logout", "Contract/search", "History/retrieveBars", "Order/search",
      "Order/searchOpen", "Order/searchById",
    ]
    let reads = Set(Self.documented.map(\.0)).subtracting(changes).subtracting(session)
      .subtracting(unasked)
    #expect(
      reads == [
        "Account/search", "Contract/available", "Contract/searchById", "Order/v2/query",
        "Position/searchOpen", "Trade/search",
      ])
    let answer = reply(#"{"success":false,"errorCode":1,"errorMessage":null}"#)
    let errors: [VenueError?] = [
      answer.decodeContract(contract).failure, answer.decodeOrderPage(of: account).failure,
      answer.decodePositions(of: account).failure, answer.decodeTrades(of: account).failure,
      answer.decodeAccounts().failure, answer.decodeCatalogue().failure,
    ]
    let reactions = errors.map { $0?.reaction }
    #expect(
      reactions == [.tryAgain, .tellPerson, .tellPerson, .tellPerson, .tryAgain, .tryAgain])
    for case let error? in errors {
      guard case .refused(let endpoint, let code, _) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(reads.contains(endpoint))
      // A code that is not documented is worth another attempt.
      #expect(error.reaction == (ErrorTable.find(endpoint, code)?.reaction ?? .tryAgain))
    }
  }

  @Test(arguments: [
    ("Position/closeContract", 5, "orderRejected", ErrorReaction.tryAgain),
    ("Position/partialCloseContract", 5, "invalidCloseSize", .look),
    ("Position/closeContract", 6, "orderPending", .look),
    ("Position/partialCloseContract", 6, "orderRejected", .tryAgain),
    ("Position/closeContract", 7, "unknownError", .look),
    ("Position/partialCloseContract", 7, "orderPending", .look),
    ("Position/closeContract", 8, "accountRejected", .tellPerson),
    ("Position/partialCloseContract", 8, "unknownError", .look),
    ("Position/partialCloseContract", 9, "accountRejected", .tellPerson),
    ("Position/closeContract", 2, "positionNotFound", .prove),
    ("Order/cancel", 2, "orderNotFound", .prove),
    ("Order/place", 5, "outsideTradingHours", .tryLater),
    ("Order/place", 9, "contractNotActive", .tryLater),
    ("Auth/loginKey", 9, "apiSubscriptionNotFound", .tellPerson),
    ("Auth/validate", 3, "expiredToken", .signIn),
  ])
  func `a close and a partial close are not mixed up`(
    endpoint: String, code: Int, name: String, reaction: ErrorReaction
  ) {
    let line = ErrorTable.find(endpoint, code)
    #expect(line?.name == name && line?.reaction == reaction)
  }

  @Test func `a refusal of riskd's own making has a class, too`() {
    let classes = Refusal.Category.allCases.map(\.classification)
    #expect(classes.allSatisfy { $0.category != .success && $0.reaction != .proceed })
    #expect(Refusal.Category.unauthorized.classification.reaction == .signIn)
  }

  @Test(arguments: [
    (VenueError.transport(.timedOut), ErrorCategory.network, ErrorReaction.tryAgain),
    (.unauthorized, .authentication, .signIn),
    (.rateLimited(retryAfter: nil), .rateLimit, .slowDown),
    (.httpStatus(502), .system, .tryAgain), (.httpStatus(408), .system, .tryAgain),
    (.httpStatus(400), .validation, .tryAgain), (.notJSON(offset: 0), .system, .tryAgain),
    (.refused(endpoint: "Trade/search", code: 1, name: nil), .validation, .tellPerson),
    (.refused(endpoint: "Trade/search", code: 77, name: nil), .system, .tryAgain),
  ])
  func `whatever else goes wrong has a category`(
    error: VenueError, category: ErrorCategory, reaction: ErrorReaction
  ) {
    #expect(error.category == category && error.reaction == reaction)
  }

  @Test func `no operation waits for ever, and none that changes the venue waits long`() {
    let account = AccountID(1)
    let requests: [VenueRequest] = [
      .ping, .validate, .accountSearch(onlyActive: true), .contractAvailable(live: false),
      .positionSearchOpen(account), .orderCancel(account, OrderID(1)),
      .positionClose(account, ContractID("CON.F.US.MNQ.Z26")),
    ]
    #expect(requests.allSatisfy { (.seconds(5)...TimeSpan.seconds(30)).contains($0.timeLimit) })
    #expect(requests.filter(\.changesVenue).allSatisfy { $0.timeLimit == .seconds(5) })
  }
}
