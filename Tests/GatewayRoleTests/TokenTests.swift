import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct TokenTests {
  /// Up with a token that ends in 9,000 s, so that it is renewed after half of that.
  private func shortLived() -> World {
    World.running {
      $0.state.token = { token(until: World.start + .seconds(9_000), mark: "t\($0)") }
    }
  }

  @Test func aTokenIsRenewedBeforeItsEnd() {
    let world = shortLived()
    world.override = { request in
      guard request == .validate else { return nil }
      let next = token(until: World.start + .seconds(17_000), mark: "renewed")
      return ok(#""newToken":"\#(next.revealed)""#)
    }
    world.advance(.seconds(4_499))
    #expect(world.venue.count("/api/Auth/validate") == 0)
    world.advance(.seconds(2))
    #expect(world.venue.count("/api/Auth/validate") == 1)
    #expect(world.state.signIns == 1)
    #expect(world.tokens.token?.revealed.hasSuffix("renewed") == true)
    #expect(world.log.count("Token Manager: Token refreshed successfully") == 1)
    #expect(world.log.count("Token Manager: Token refresh scheduled") == 2)
    #expect(world.role.figures["reconnections"] == 0)
  }

  @Test func aRenewalWithoutANewTokenFallsBackToASignIn() {
    let world = shortLived()
    world.state.token = { token(until: World.start + .seconds(17_000), mark: "n\($0)") }
    world.advance(.seconds(4_501))
    #expect(world.venue.count("/api/Auth/validate") == 1)
    #expect(world.state.signIns == 2)
    #expect(world.log.count("Token refreshed successfully") == 1)
  }

  @Test func aRenewalThatFailsIsRepeatedAndAlarmed() {
    let world = shortLived()
    world.override = { request in
      request == .validate || request.path == "/api/Auth/loginKey"
        ? reply("", status: 503) : nil
    }
    world.advance(.seconds(7_000))
    #expect(world.reports.alarms.isEmpty)
    #expect(world.reports.statuses.last == .protecting)
    world.advance(.seconds(300))
    guard case .tokenExpiring(let left) = world.reports.alarms.first else {
      Issue.record("\(world.reports.alarms)")
      return
    }
    #expect((1_700..<1_800).contains(left))
  }

  @Test func refusedCredentialsAreTriedAgainSlowly() {
    let world = World()
    world.override = { $0.path == "/api/Auth/loginKey" ? refusal(9) : nil }
    world.open()
    world.role.start()
    world.advance(.seconds(299))
    #expect(world.venue.count("/api/Auth/loginKey") == 1)
    #expect(world.reports.alarms.first == .credentialsRefused(.apiSubscriptionNotFound))
    #expect(world.log.count("check both and the API subscription") == 1)
    world.override = { _ in nil }
    world.advance(.seconds(2))
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func whatANeighbourStoresIsTakenWhileTheKeyIsRefused() {
    let world = World()
    world.override = { $0.path == "/api/Auth/loginKey" ? refusal(3) : nil }
    world.open()
    world.role.start()
    world.advance(.seconds(30))
    #expect(world.venue.count("/api/Auth/loginKey") == 1)
    world.tokens.token = token(until: World.start + .seconds(80_000), mark: "neighbour")
    world.advance(.seconds(2))
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.venue.count("/api/Auth/loginKey") == 1 && world.tokens.saves == 0)
    // The old wait is over: nobody signs in at its end.
    world.advance(.seconds(300))
    #expect(world.venue.count("/api/Auth/loginKey") == 1)
  }

  @Test func aStoredTokenThatTheVenueRefusedIsNotTakenAgain() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = {
      $0.path == "/api/Auth/loginKey" ? refusal(3) : $0.needsToken ? reply("", status: 401) : nil
    }
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(200))
    #expect(world.venue.count("/api/Auth/loginKey") == 2)
    #expect(world.role.figures["tokenSecondsLeft"] == 0)
  }

  @Test func aRefusedTokenIsReplacedAndTheRequestRepeatedOnce() {
    let world = World.running()
    world.advance(.seconds(2))
    let dead = world.tokens.token
    world.venue.answer = { [weak world] request, carried in
      guard let world else { return nil }
      return request.needsToken && carried == dead
        ? reply("", status: 401) : world.state.answer(request, carried)
    }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.state.signIns == 2)
    #expect(world.told == ["snapshot 101 orders [] trades []"])
    #expect(world.role.figures["failedReads"] == 0)
  }

  @Test func aNeighboursTokenIsTriedBeforeASignIn() {
    let world = World.running()
    world.advance(.seconds(2))
    let dead = world.tokens.token
    world.tokens.token = token(until: World.start + .seconds(80_000), mark: "neighbour")
    world.venue.answer = { [weak world] request, carried in
      guard let world else { return nil }
      return request.needsToken && carried == dead
        ? reply("", status: 401) : world.state.answer(request, carried)
    }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.state.signIns == 1)
    #expect(world.tokens.saves == 1)
    #expect(world.told == ["snapshot 101 orders [] trades []"])
  }

  @Test func aVenueThatRefusesEveryTokenIsAFailedRead() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.needsToken ? reply("", status: 401) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.told == ["unknown 101"])
    #expect(world.state.signIns <= 4)
    world.advance(.seconds(60))
    #expect(world.state.signIns <= 20)
  }

  @Test(arguments: [(Int64?(7), Int64(7)), (nil, 10), (0, 1), (3_600, 60)])
  func aRateLimitPausesEverything(retryAfter: Int64?, seconds: Int64) {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { _ in reply("", status: 429, retryWait: retryAfter.map(TimeSpan.seconds)) }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    world.override = { _ in nil }
    let sent = world.venue.sent.count
    world.advance(.milliseconds(seconds * 1_000 - 1))
    #expect(world.venue.sent.count == sent)
    world.advance(.seconds(3))
    #expect(world.venue.sent.count > sent)
    #expect(world.told.last == "snapshot 101 orders [] trades []")
    #expect(world.role.figures["rateLimited"] ?? 0 >= 1)
  }

  @Test func anAnswerThatTheTransportOwesCountsAsTimedOut() {
    let world = World.running()
    world.advance(.seconds(2))
    world.held = ["/api/Position/searchOpen"]
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(13))
    #expect(world.log.count("counts as timed out") == 1)
    #expect(world.role.figures["failedReads"] == 1)
    #expect(world.count("unknown 101") == 1)
    world.held = []
    world.advance(.seconds(2))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
    #expect(world.role.figures["lateNews"] == 1)
  }

  @Test func onlyTheSignInGoesWithoutAToken() {
    let world = World.running()
    for (request, token) in zip(world.venue.sent, world.venue.tokens) {
      #expect((token != nil) == request.needsToken)
      #expect(!request.changesVenue)
    }
  }
}
