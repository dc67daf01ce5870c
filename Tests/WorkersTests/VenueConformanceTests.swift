import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing
import VenueAPI
import VenueREST

@testable import Workers

/// What the REST side of a worker makes of what the venue does, whole: request, transport, decoder.
@Suite(.serialized) struct VenueConformanceTests {
  private func play(
    _ configure: (inout SimulatedVenueConfiguration) -> Void = { _ in },
    _ scene: (EdgeBench) throws -> Void
  ) throws {
    var configuration = SimulatedVenueConfiguration()
    configure(&configuration)
    let bench = try EdgeBench(configuration)
    defer { bench.close() }
    try scene(bench)
  }

  @Test func `1: a ping is bare text and needs no token`() throws {
    try play { bench in
      guard case .success = bench.ask(.ping).decodePing() else {
        Issue.record("no pong")
        return
      }
    }
  }

  @Test(arguments: [
    (3, LoginCode.invalidCredentials), (9, .apiSubscriptionNotFound), (7, .agreementsNotSigned),
  ])
  func `2: a sign-in succeeds or is refused with its code`(code: Int, name: LoginCode) throws {
    try play { bench in
      let token = try bench.signIn()
      #expect(token.expiresAt != nil)
      bench.venue.addFault(
        .request(.login, .envelope(success: false, code: code, message: nil, applied: false)))
      #expect(bench.ask(.loginKey(bench.key)).decodeSignIn() == .credentialsRefused(name))
    }
  }

  @Test func `2: a wrong key is refused by the venue itself`() throws {
    try play { bench in
      let wrong = SignInKey(userName: "demo", apiKey: "another")
      #expect(
        bench.ask(.loginKey(wrong)).decodeSignIn() == .credentialsRefused(.invalidCredentials))
    }
  }

  @Test func `3 and 4: two sign-ins, both good; no token, a bad one and an expired one are 401`()
    throws
  {
    try play { bench in
      let tokens = [try bench.signIn(), try bench.signIn()]
      #expect(tokens[0] != tokens[1])
      for token in tokens {
        let accounts = try bench.ask(.accountSearch(onlyActive: true), token).decodeAccounts()
          .get()
        #expect(accounts.count == 2)
      }
      let request = VenueRequest.positionSearchOpen(Sample.account)
      for token in [nil, VenueToken("bad.token.text")] {
        #expect(
          bench.ask(request, token).decodePositions(of: Sample.account)
            == .failure(.unauthorized))
      }
      bench.venue.shiftClock(by: .seconds(25 * 3_600))
      #expect(
        bench.ask(request, tokens[0]).decodePositions(of: Sample.account)
          == .failure(.unauthorized))
    }
  }

  @Test func `5: validating gives a token, none, a refusal or 401`() throws {
    try play { bench in
      let token = try bench.signIn()
      guard case .token(let next) = bench.ask(.validate, token).decodeRenewal() else {
        Issue.record("no new token")
        return
      }
      #expect(next != token)
      bench.venue.addFault(.request(.validate, .nullPayload))
      #expect(bench.ask(.validate, next).decodeRenewal() == .unchanged)
      bench.venue.addFault(.request(.validate, .missingPayload))
      #expect(bench.ask(.validate, next).decodeRenewal() == .unchanged)
      bench.venue.addFault(
        .request(.validate, .envelope(success: false, code: 3, message: nil, applied: false)))
      #expect(bench.ask(.validate, next).decodeRenewal() == .sessionOver)
      #expect(bench.ask(.validate, VenueToken("x.y.z")).decodeRenewal() == .sessionOver)
    }
  }

  @Test func `6: the end that the token names is the one that counts`() throws {
    try play({ $0.gateway.tokenLifetime = .seconds(600) }) { bench in
      let end = try #require(try bench.signIn().expiresAt)
      let left = end - bench.reactor.clock.now()
      #expect((.seconds(590)...TimeSpan.seconds(601)).contains(left))
    }
  }

  @Test func `8 and 9: contradictions, null lists and absent lists are failures, not emptiness`()
    throws
  {
    try play { bench in
      let token = try bench.signIn()
      let request = VenueRequest.positionSearchOpen(Sample.account)
      func read() -> Result<[Position], VenueError> {
        bench.ask(request, token).decodePositions(of: Sample.account)
      }
      #expect(read() == .success([]))
      bench.venue.addFault(.request(.searchPositions, .nullPayload))
      #expect(read() == .failure(.memberNull("reply.positions")))
      bench.venue.addFault(.request(.searchPositions, .missingPayload))
      #expect(read() == .failure(.memberMissing("reply.positions")))
      for (isSuccess, code) in [(true, 1), (false, 0)] {
        bench.venue.addFault(
          .request(
            .searchPositions,
            .envelope(success: isSuccess, code: code, message: nil, applied: true)))
        #expect(read() == .failure(.contradiction(success: isSuccess, code: code)))
      }
      bench.venue.addFault(
        .request(
          .searchPositions, .envelope(success: false, code: 77, message: nil, applied: false)))
      #expect(
        read() == .failure(.refused(endpoint: "Position/searchOpen", code: 77, name: nil)))
    }
  }

  @Test func `14: what is not an answer is an error each time, never an empty list`() throws {
    try play { bench in
      let token = try bench.signIn()
      func failure(_ effect: RequestEffect, within: TimeSpan = .seconds(10)) -> VenueError? {
        bench.venue.addFault(.request(.searchPositions, effect))
        let answer = bench.ask(.positionSearchOpen(Sample.account), token, within: within)
        guard case .failure(let error) = answer.decodePositions(of: Sample.account) else {
          return nil
        }
        return error
      }
      #expect(failure(.html(502, applied: false)) == .httpStatus(502))
      #expect(failure(.html(200, applied: true)).map { "\($0)".contains("not JSON") } == true)
      #expect(failure(.status(200, applied: true, retryAfter: nil)) == .emptyBody)
      #expect(failure(.truncated).map { "\($0)".contains("not JSON") } == true)
      #expect(failure(.brokenOff).map { "\($0)".contains("connection") } == true)
      #expect(
        failure(.silence(applied: true), within: .milliseconds(200)) == .transport(.timedOut))
      let asked = bench.venue.requests().count
      let elsewhere = bench.venue.baseURL + GatewayOperation.searchPositions.path
      #expect(
        failure(.redirect(status: 307, location: elsewhere, applied: true)) == .httpStatus(307))
      #expect(bench.venue.requests().count == asked + 1, "the redirect was followed")
    }
  }

  @Test func `15: a 429 tells its wait, in seconds or as a date, or tells none`() throws {
    try play { bench in
      let token = try bench.signIn()
      func wait(_ header: String?) -> VenueError? {
        bench.venue.addFault(
          .request(.searchPositions, .status(429, applied: false, retryAfter: header)))
        let answer = bench.ask(.positionSearchOpen(Sample.account), token)
        guard case .failure(let error) = answer.decodePositions(of: Sample.account) else {
          return nil
        }
        return error
      }
      #expect(wait(nil) == .rateLimited(retryAfter: nil))
      #expect(wait("7") == .rateLimited(retryAfter: .seconds(7)))
      #expect(wait("soon") == .rateLimited(retryAfter: nil))
      // The date is compared with the one that the reply itself carries, to the second.
      guard case .rateLimited(let left?) = wait(Self.httpDate(in: 30)) else {
        Issue.record("a date is no wait")
        return
      }
      #expect((TimeSpan.seconds(25)...TimeSpan.seconds(31)).contains(left))
      #expect(wait(Self.httpDate(in: -30)) == .rateLimited(retryAfter: .zero))
    }
  }

  /// So many seconds from now, as in a header of HTTP.
  private static func httpDate(in seconds: Int) -> String {
    var moment = time(nil) + seconds
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The requests that change the venue, each against a venue in which it takes effect.
  enum Change: String, CaseIterable {
    case place, modify, cancel, close, partialClose

    var operation: GatewayOperation {
      switch self {
      case .place: .placeOrder
      case .modify: .modifyOrder
      case .cancel: .cancelOrder
      case .close: .closeContract
      case .partialClose: .partialCloseContract
      }
    }

    var pendingCode: Int {
      switch self {
      case .place, .close: 6
      case .modify, .cancel: 4
      case .partialClose: 7
      }
    }

    var unknownCode: Int {
      switch self {
      case .place, .close: 7
      case .modify, .cancel: 5
      case .partialClose: 8
      }
    }
  }

  private func outcome(
    of change: Change, _ bench: EdgeBench, _ token: VenueToken, within limit: TimeSpan
  ) throws -> ChangeOutcome {
    let account = Sample.account
    try bench.venue.trader.place(account, Sample.mnq, .buy, size: 2)
    let resting = try bench.venue.trader.place(
      account, Sample.mnq, .buy, size: 1, type: .limit, limit: .at("15000"))
    let request: VenueRequest =
      switch change {
      case .place:
        .orderPlace(
          OrderPlacement(
            account: account, contract: Sample.mnq, type: .stop, side: .sell, size: 1,
            stopPrice: .at("15000"), customTag: "riskd-1"))
      case .modify: .orderModify(account, resting, OrderChange(size: 2))
      case .cancel: .orderCancel(account, resting)
      case .close: .positionClose(account, Sample.mnq)
      case .partialClose: .positionPartialClose(account, Sample.mnq, size: 1)
      }
    let answer = bench.ask(request, token, within: limit)
    let sent = bench.venue.requests(change.operation).count
    #expect(sent == 1, "\(change) was sent \(sent) times")
    switch change {
    case .place: return answer.decodePlace()
    case .modify: return answer.decodeModify()
    case .cancel: return answer.decodeCancel()
    case .close: return answer.decodeClose()
    case .partialClose: return answer.decodePartialClose()
    }
  }

  @Test(arguments: Change.allCases, [false, true])
  func `34 to 38, 40 and 42: a change whose outcome is not certain is unknown and sent once`(
    change: Change, isApplied: Bool
  ) throws {
    for effect in [
      RequestEffect.silence(applied: isApplied),
      .dropConnection(applied: isApplied, reset: true),
      .dropConnection(applied: isApplied, reset: false),
      .status(500, applied: isApplied, retryAfter: nil), .html(502, applied: isApplied),
      .status(429, applied: isApplied, retryAfter: "1"),
      .envelope(
        success: false, code: change.unknownCode, message: nil, applied: isApplied),
      .envelope(success: false, code: 99, message: nil, applied: isApplied),
    ] {
      try play { bench in
        let token = try bench.signIn()
        bench.venue.addFault(.request(change.operation, effect))
        let outcome = try outcome(of: change, bench, token, within: .milliseconds(300))
        guard case .unknown = outcome else {
          Issue.record("\(change), \(effect.word): \(outcome)")
          return
        }
      }
    }
  }

  @Test(arguments: Change.allCases)
  func `39: a change that the venue has in hand is pending`(change: Change) throws {
    try play { bench in
      let token = try bench.signIn()
      bench.venue.addFault(
        .request(
          change.operation,
          .envelope(success: false, code: change.pendingCode, message: nil, applied: true)))
      #expect(
        try outcome(of: change, bench, token, within: .seconds(5)) == .pending)
    }
  }

  @Test func `41: a placement that succeeds without an order id has an unknown outcome`() throws {
    for effect in [RequestEffect.nullPayload, .missingPayload] {
      try play { bench in
        let token = try bench.signIn()
        bench.venue.addFault(.request(.placeOrder, effect))
        #expect(
          try outcome(of: .place, bench, token, within: .seconds(5))
            == .unknown(.acceptedWithoutOrderID))
      }
    }
  }

  @Test(arguments: Change.allCases)
  func `without a fault every change is accepted`(change: Change) throws {
    try play { bench in
      let token = try bench.signIn()
      guard case .accepted = try outcome(of: change, bench, token, within: .seconds(5)) else {
        Issue.record("\(change) is not accepted")
        return
      }
    }
  }
}
