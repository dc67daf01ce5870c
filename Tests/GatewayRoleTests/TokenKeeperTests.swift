import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct TokenKeeperTests {
  private let start = Instant(secondsSinceEpoch: 1_787_150_000)

  private func keeper() -> TokenKeeper { TokenKeeper(timing: TokenTiming()) }

  private func fresh(_ mark: String, lasting seconds: Int64 = 86_400) -> VenueToken {
    token(until: start + .seconds(seconds), mark: mark)
  }

  private func adopted(
    _ token: VenueToken, ends seconds: Int64, renew: Int64,
    _ origin: TokenKeeper.Origin = .venue
  ) -> TokenKeeper.Action {
    .adopted(
      token, expiresAt: start + .seconds(seconds), renewAfter: .seconds(renew), origin)
  }

  @Test func signInAndRenewal() {
    var keeper = keeper()
    #expect(keeper.start(stored: nil, now: start) == .signIn)
    #expect(
      keeper.signInAnswered(.token(fresh("a")), now: start)
        == adopted(fresh("a"), ends: 86_400, renew: 79_200))
    #expect(keeper.renewalDue() == .renew)
    #expect(
      keeper.renewalAnswered(.token(fresh("b")), now: start)
        == adopted(fresh("b"), ends: 86_400, renew: 79_200))
    #expect(keeper.revision == 2 && keeper.current == fresh("b"))
  }

  @Test(arguments: [
    (Int64(86_400), Int64(79_200)), (10_000, 5_000), (14_400, 7_200), (60, 60), (0, 60),
    (-500, 60),
  ])
  func renewalLeavesTheLeadOrHalfOfTheLife(life: Int64, renew: Int64) {
    var keeper = keeper()
    _ = keeper.start(stored: nil, now: start)
    #expect(
      keeper.signInAnswered(.token(fresh("a", lasting: life)), now: start)
        == adopted(fresh("a", lasting: life), ends: life, renew: renew))
  }

  @Test func aTokenWithoutAReadableEndIsAssumedToLastADay() {
    var keeper = keeper()
    _ = keeper.start(stored: nil, now: start)
    let token = VenueToken("opaque")
    #expect(
      keeper.signInAnswered(.token(token), now: start)
        == adopted(token, ends: 86_400, renew: 79_200))
  }

  @Test(arguments: [
    RenewalOutcome.unchanged, .sessionOver, .failed(.httpStatus(503)),
  ])
  func aRenewalWithoutATokenBecomesASignIn(outcome: RenewalOutcome) {
    var keeper = keeper()
    _ = keeper.start(stored: fresh("a"), now: start)
    _ = keeper.renewalDue()
    #expect(keeper.renewalAnswered(outcome, now: start) == .signIn)
    #expect((keeper.current == nil) == (outcome == .sessionOver))
    #expect(keeper.renewalAnswered(.token(fresh("late")), now: start) == .none)
  }

  @Test func failuresAreRepeatedMoreAndMoreSlowly() {
    var keeper = keeper()
    _ = keeper.start(stored: nil, now: start)
    for delay: Int64 in [1, 5, 15, 60, 60, 60] {
      #expect(
        keeper.signInAnswered(.failed(.httpStatus(502)), now: start)
          == .retry(after: .seconds(delay), .httpStatus(502)))
      #expect(keeper.retryDue() == .signIn)
    }
    _ = keeper.signInAnswered(.token(fresh("a")), now: start)
    #expect(keeper.retryDue() == .none)
    _ = keeper.renewalDue()
    _ = keeper.renewalAnswered(.failed(.emptyBody), now: start)
    #expect(
      keeper.signInAnswered(.failed(.emptyBody), now: start)
        == .retry(after: .seconds(1), .emptyBody))
    #expect(keeper.retryDue() == .renew)
  }

  @Test func refusedCredentialsAreRepeatedSlowly() {
    var keeper = keeper()
    _ = keeper.start(stored: nil, now: start)
    #expect(
      keeper.signInAnswered(.credentialsRefused(.apiSubscriptionNotFound), now: start)
        == .refused(.apiSubscriptionNotFound, retryAfter: .seconds(300)))
    for error in [VenueError.httpStatus(400), .httpStatus(403), .unauthorized] {
      #expect(keeper.retryDue() == .signIn)
      #expect(
        keeper.signInAnswered(.failed(error), now: start)
          == .refused(.invalidCredentials, retryAfter: .seconds(300)))
    }
  }

  @Test(arguments: ErrorTable.codes.filter { $0.endpoint == "Auth/loginKey" && $0.code != 0 })
  func everyCodeOfASignInIsTreatedAsTheTableSays(code: DocumentedCode) {
    var keeper = keeper()
    _ = keeper.start(stored: nil, now: start)
    switch keeper.signInAnswered(refusal(code.code).decodeSignIn(), now: start) {
    case .refused(let told, let wait):
      #expect(told.rawValue == code.code && wait == .seconds(300))
      #expect(code.reaction == .tellPerson)
    case .retry(let wait, _):
      #expect(wait == .seconds(1) && code.reaction == .tryAgain)
    case let other:
      Issue.record("\(code): \(other)")
    }
  }

  @Test func aRefusedTokenIsReplacedByTheStoredOneOrASignIn() {
    var keeper = keeper()
    _ = keeper.start(stored: fresh("a"), now: start)
    #expect(
      keeper.refused(revision: 1, stored: fresh("b"), now: start)
        == adopted(fresh("b"), ends: 86_400, renew: 79_200, .store))
    #expect(keeper.refused(revision: 1, stored: fresh("c"), now: start) == .none)
    #expect(keeper.refused(revision: 2, stored: fresh("b"), now: start) == .signIn)
    #expect(keeper.current == nil)
    #expect(keeper.refused(revision: 2, stored: nil, now: start) == .none)
    #expect(keeper.loggedOut() == .none)
  }

  @Test func anExpiredStoredTokenIsNoReplacement() {
    var keeper = keeper()
    _ = keeper.start(stored: fresh("a"), now: start)
    #expect(
      keeper.refused(revision: 1, stored: fresh("b", lasting: 0), now: start) == .signIn)
  }

  @Test func aLogoutSignsInOnce() {
    var keeper = keeper()
    _ = keeper.start(stored: fresh("a"), now: start)
    #expect(keeper.loggedOut() == .signIn)
    #expect(keeper.loggedOut() == .none)
    #expect(keeper.renewalDue() == .none)
    _ = keeper.signInAnswered(.token(fresh("b")), now: start)
    _ = keeper.renewalDue()
    _ = keeper.renewalAnswered(.unchanged, now: start)
    #expect(keeper.loggedOut() == .none)
    #expect(keeper.current == nil)
  }

  @Test func answersThatNobodyWaitsForChangeNothing() {
    var keeper = keeper()
    _ = keeper.start(stored: fresh("a"), now: start)
    #expect(keeper.signInAnswered(.token(fresh("b")), now: start) == .none)
    #expect(keeper.renewalAnswered(.sessionOver, now: start) == .none)
    #expect(keeper.retryDue() == .none)
    #expect(keeper.current == fresh("a"))
  }
}
