import RiskModel
import Testing

@testable import VenueAPI

@Suite struct SignInTests {
  @Test func aTokenIsTakenAsItIs() {
    let answer = reply(#"{"token":"a.b-_.c","success":true,"errorCode":0,"errorMessage":null}"#)
    #expect(answer.decodeSignIn() == .token(VenueToken("a.b-_.c")))
  }

  @Test(arguments: LoginCode.allCases.filter { $0 != .success })
  func everyCodeButTheUnknownErrorIsAboutTheCredentials(code: LoginCode) {
    let answer = reply(
      #"{"token":null,"success":false,"errorCode":\#(code.rawValue),"errorMessage":null}"#)
    let expected: SignInOutcome =
      code == .unknownError
      ? .failed(.refused(endpoint: "Auth/loginKey", code: 8, name: "unknownError"))
      : .credentialsRefused(code)
    #expect(answer.decodeSignIn() == expected)
  }

  @Test(arguments: ErrorTable.codes.filter { $0.endpoint == "Auth/loginKey" })
  func whatIsDoneAboutASignInIsWhatTheTableSays(code: DocumentedCode) {
    let token = code.code == 0 ? #""a.b.c""# : "null"
    let answer = reply(
      #"{"token":\#(token),"success":\#(code.code == 0),"errorCode":\#(code.code)}"#)
    #expect(answer.decodeSignIn().reaction == code.reaction)
  }

  @Test(arguments: [
    (VenueError.httpStatus(400), ErrorReaction.tellPerson), (.httpStatus(403), .tellPerson),
    (.unauthorized, .tellPerson), (.httpStatus(503), .tryAgain),
    (.rateLimited(retryAfter: nil), .slowDown), (.transport(.timedOut), .tryAgain),
    (.refused(endpoint: "Auth/loginKey", code: 8, name: nil), .tryAgain),
    (.refused(endpoint: "Auth/loginKey", code: 55, name: nil), .tryAgain),
  ])
  func onlyWhatAPersonCanMendIsForAPerson(error: VenueError, reaction: ErrorReaction) {
    #expect(SignInOutcome.failed(error).reaction == reaction)
  }

  @Test(arguments: ErrorTable.codes.filter { $0.endpoint == "Auth/validate" && $0.code != 0 })
  func aRefusedRenewalLeadsToASignInAsTheTableSays(code: DocumentedCode) {
    #expect(code.reaction == .signIn)
    let answer = reply(#"{"success":false,"errorCode":\#(code.code)}"#)
    let isOver = answer.decodeRenewal() == .sessionOver
    #expect(isOver == (code.category == .authentication))
  }

  @Test func loginCodesHaveTheDocumentedNumbers() {
    #expect(LoginCode.invalidCredentials.rawValue == 3)
    #expect(LoginCode.agreementsNotSigned.rawValue == 7)
    #expect(LoginCode.apiSubscriptionNotFound.rawValue == 9)
    #expect(LoginCode.apiKeyAuthenticationDisabled.rawValue == 10)
  }

  @Test(arguments: [
    (reply("", status: 400), VenueError.httpStatus(400)),
    (reply("", status: 502), .httpStatus(502)),
    (.failed(.notSent(reason: "no route")), .transport(.notSent(reason: "no route"))),
    (reply(#"{"success":true,"errorCode":0}"#), .memberMissing("reply.token")),
    (reply(#"{"token":null,"success":true,"errorCode":0}"#), .memberNull("reply.token")),
    (reply(#"{"token":"","success":true,"errorCode":0}"#), .memberMalformed("reply.token")),
    (
      reply(#"{"token":"a b","success":true,"errorCode":0}"#), .memberMalformed("reply.token")
    ),
    (
      reply(#"{"token":"a\r\nX: y","success":true,"errorCode":0}"#),
      .memberMalformed("reply.token")
    ),
    (
      reply(#"{"token":null,"success":false,"errorCode":55}"#),
      .refused(endpoint: "Auth/loginKey", code: 55, name: nil)
    ),
  ])
  func otherFailuresAreWorthAnotherAttempt(answer: VenueAnswer, error: VenueError) {
    #expect(answer.decodeSignIn() == .failed(error))
  }

  @Test(arguments: [
    (
      reply(#"{"success":true,"errorCode":0,"newToken":"a.b.c"}"#),
      RenewalOutcome.token(VenueToken("a.b.c"))
    ),
    (reply(#"{"success":true,"errorCode":0,"newToken":null}"#), .unchanged),
    (reply(#"{"success":true,"errorCode":0}"#), .unchanged),
    (reply(#"{"success":false,"errorCode":1}"#), .sessionOver),
    (reply(#"{"success":false,"errorCode":2}"#), .sessionOver),
    (reply(#"{"success":false,"errorCode":3}"#), .sessionOver),
    (
      reply(#"{"success":false,"errorCode":4}"#),
      .failed(.refused(endpoint: "Auth/validate", code: 4, name: "unknownError"))
    ),
    (
      reply(#"{"success":false,"errorCode":99}"#),
      .failed(.refused(endpoint: "Auth/validate", code: 99, name: nil))
    ),
    (reply("", status: 401), .sessionOver),
    (reply("", status: 503), .failed(.httpStatus(503))),
    (.failed(.timedOut), .failed(.transport(.timedOut))),
  ])
  func renewals(answer: VenueAnswer, outcome: RenewalOutcome) {
    #expect(answer.decodeRenewal() == outcome)
  }

  @Test(arguments: [
    // {"alg":"HS256"} . {"sub":"7","exp":1787259025}
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzg3MjU5MDI1fQ.c2ln", Int64(1_787_259_025)),
    // The same with padding; {"exp":1787259025.0}
    ("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3ODcyNTkwMjUuMH0=.x", 1_787_259_025),
  ])
  func theEndOfATokenIsItsExpClaim(token: String, seconds: Int64) {
    #expect(VenueToken(token).expiresAt == Instant(secondsSinceEpoch: seconds))
  }

  @Test(arguments: [
    "", "abc", "a.b", "a.b.c.d", "a.!!.c", "a.e30.c", "a.bm90IGpzb24.c",
    // {"exp":-5}, {"exp":99999999999}
    "a.eyJleHAiOi01fQ.c", "a.eyJleHAiOjk5OTk5OTk5OTk5fQ.c",
  ])
  func aTokenWithoutAReadableEndHasNone(token: String) {
    #expect(VenueToken(token).expiresAt == nil)
  }
}
