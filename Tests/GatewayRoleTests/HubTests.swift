import HubProtocol
import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct HubTests {
  @Test func aLostUserHubIsPolledAndComesBackWithAFreshRead() {
    let world = World.running(configure: { $0.reconnection.delays = [.seconds(12)] })
    world.drop(.user)
    #expect(world.told == ["user hub down"])
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.advance(.seconds(2))
    #expect(
      world.told == [
        "user hub down", "contract MNQ", "differences 101 1 by the user hub being down",
        "snapshot 101 MNQ 2 orders [] trades []",
      ])
    let reads = world.venue.count("/api/Position/searchOpen")
    world.advance(.seconds(9))
    #expect(world.venue.count("/api/Position/searchOpen") == reads + 2)
    #expect(world.told.count == 4)
    world.state.positions[alpha] = []
    world.advance(.seconds(2))
    #expect(
      world.told.dropFirst(4) == [
        "user hub up", "differences 101 1 by a new connection",
        "snapshot 101 orders [] trades []",
      ])
    #expect(world.log.count("reconnecting in 12000 ms (attempt 1)") == 1)
    #expect(world.log.count("Subscribed to positions, orders, trades") == 2)
    #expect(world.role.figures["reconnections"] == 1)

    let after = world.venue.count("/api/Position/searchOpen")
    world.advance(.seconds(14))
    #expect(world.venue.count("/api/Position/searchOpen") == after)
  }

  @Test func theHubsAreIndependent() {
    let world = World.running()
    world.drop(.market)
    #expect(world.told == ["market hub down"])
    world.settle()
    #expect(world.told == ["market hub down", "market hub up"])
    #expect(world.hubs.opened.map(\.hub).filter { $0 == .user }.count == 1)
    #expect(world.hubs.generation(.market) == 2)
  }

  @Test func delaysGrowAndNeverEnd() {
    let world = World.running()
    world.hubs.isReachable = { $0 == .market }
    world.drop(.user)
    world.advance(.seconds(700))
    let delays = world.log.all.compactMap { line -> String? in
      guard line.contains("User Hub is lost"),
        let start = line.firstRange(of: "reconnecting in ")?.upperBound,
        let end = line.firstRange(of: " ms")?.lowerBound
      else { return nil }
      return String(line[start..<end])
    }
    #expect(
      delays.prefix(8) == ["0", "2000", "10000", "30000", "60000", "60000", "60000", "60000"])
    #expect(delays.count == 15)
    #expect(world.reports.alarms.first == .hubUnreachable(.user, attempts: 10))
    #expect(world.reports.alarms.count >= 3)
    world.hubs.isReachable = { _ in true }
    world.advance(.seconds(60))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func onlyALastingConnectionStartsTheDelaysAnew() {
    let world = World.running()
    world.drop(.user)
    world.advance(.seconds(1))
    world.drop(.user)
    #expect(world.log.count("reconnecting in 2000 ms (attempt 2)") == 1)
    world.advance(.seconds(33))
    world.drop(.user)
    #expect(world.log.count("reconnecting in 0 ms (attempt 1)") == 2)
  }

  @Test func aFirstAttemptThatFailsIsNoReconnection() {
    let world = World()
    world.hubs.isReachable = { $0 == .market }
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(world.log.count("reconnecting") == 0)
    #expect(world.log.count("next attempt in 2000 ms") == 1)
    #expect(world.role.figures["reconnections"] == 0)
    world.advance(.seconds(5))
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
  }

  @Test func aConnectionThatDoesNotOpenInTimeIsGivenUp() {
    let world = World()
    world.hubs.isReachable = { $0 == .market ? true : nil }
    world.open()
    world.role.start()
    world.advance(.seconds(16))
    #expect(world.hubs.closed.first == "user 1")
    #expect(world.log.count("it did not open in time") == 1)
    world.hubs.isReachable = { _ in true }
    world.advance(.seconds(3))
    #expect(world.told.contains("user hub up"))
  }

  @Test func aLostCompletionMeansANewConnection() {
    let world = World()
    world.hubs.completion = { $0 == .subscribePositions(alpha) ? nil : .succeeded }
    world.open()
    world.role.start()
    world.advance(.seconds(9))
    #expect(!world.told.contains("user hub up"))
    #expect(world.hubs.closed.isEmpty)
    world.hubs.completion = { _ in .succeeded }
    let unanswered = world.hubs.unanswered
    world.advance(.seconds(3))
    #expect(unanswered.count == 1)
    #expect(world.told.filter { $0 == "user hub up" }.count == 1)
  }

  @Test func aCompletionThatNeverComesClosesTheConnection() {
    let world = World()
    world.hubs.completion = { $0 == .subscribePositions(alpha) ? nil : .succeeded }
    world.open()
    world.role.start()
    world.advance(.seconds(11))
    #expect(world.hubs.closed == ["user 1"])
    #expect(world.log.count("a subscription was not answered") == 1)
    #expect(world.hubs.generation(.user) == 2)
  }

  @Test func anInvocationThatIsReportedLostClosesTheConnectionToo() {
    let world = World()
    world.hubs.completion = { $0 == .subscribeAccounts ? .lost : .succeeded }
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(world.hubs.closed.first == "user 1")
    #expect(world.log.count("an invocation was not answered") >= 1)
  }

  @Test func aRefusedSubscriptionIsPolledAndAskedForAgain() {
    let world = World(accounts: [
      ConfiguredAccount(id: alpha, platformName: "PRAC-A"),
      ConfiguredAccount(id: beta, platformName: "PRAC-B"),
    ])
    world.hubs.completion = {
      $0 == .subscribeOrders(alpha) ? .refused("no such method") : .succeeded
    }
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(world.told.contains("user hub up"))
    #expect(world.count("unknown 101") == 1 && world.count("unknown 202") == 0)
    #expect(world.told.contains("snapshot 202 orders [] trades []"))
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.advance(.seconds(7))
    #expect(world.told.last == "snapshot 101 MNQ 1 orders [] trades []")
    world.hubs.completion = { _ in .succeeded }
    world.feed.forget()
    world.advance(.seconds(5))
    #expect(
      world.hubs.invoked.filter { $0.invocation == .subscribeOrders(alpha) }.count == 2)
    #expect(world.told.last == "snapshot 101 MNQ 1 orders [] trades []")
  }

  @Test func newsOfAnOlderConnectionIsIgnored() {
    let world = World.running()
    world.drop(.user)
    world.settle()
    world.feed.forget()
    world.event(
      "GatewayUserPosition", "[\(Row.position(alpha, mnq, 5))]", generation: 1)
    world.role.hubClosed(.user, generation: 1, reason: "late")
    world.role.hubOpened(.user, generation: 1)
    world.role.hubCompleted(.user, generation: 1, number: 1, .lost)
    #expect(world.told.isEmpty)
    #expect(world.role.figures["lateNews"] == 4)
    #expect(world.hubs.generation(.user) == 2)
  }

  @Test func theHubMayDropDuringTheFirstRead() {
    let world = World()
    world.held = ["/api/Trade/search"]
    world.open()
    world.role.start()
    world.settle()
    world.position(alpha, mnq, 1)
    world.drop(.user)
    world.held = []
    world.state.positions[alpha] = [Row.position(alpha, mnq, 3)]
    world.advance(.seconds(3))
    #expect(world.count("user hub up") == 2 && world.count("user hub down") == 2)
    let snapshots = world.told.filter { $0.hasPrefix("snapshot") }
    #expect(snapshots.last == "snapshot 101 MNQ 3 orders [] trades []")
    #expect(world.told.last == snapshots.last)
  }

  @Test(arguments: [Hub.user, .market])
  func aLogoutSignsInReconnectsReadsAndAlarms(hub: Hub) {
    let world = World.running()
    world.state.positions[alpha] = [Row.position(alpha, ep, -1)]
    world.event("GatewayLogout", "[]", on: hub)
    world.event("GatewayLogout", #"["again"]"#, on: hub)
    world.advance(.seconds(2))
    #expect(world.reports.alarms == [.loggedOut(hub)])
    #expect(world.state.signIns == 2)
    #expect(world.hubs.opened.map(\.generation) == [1, 1, 2, 2])
    #expect(world.hubs.opened.last?.token.revealed.hasSuffix("t2") == true)
    #expect(Set(world.hubs.closed) == ["user 1", "market 1"])
    #expect(world.told.contains("snapshot 101 EP -1 orders [] trades []"))
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.log.count("Token refreshed successfully") == 1)
  }

  @Test func afterALogoutTheAccountsArePolledAtOnceAndUntilThereIsASession() {
    let world = World.running()
    let old = world.tokens.token
    world.held = ["/api/Auth/loginKey"]
    world.advance(.seconds(2))
    world.state.positions[alpha] = [Row.position(alpha, ep, -1)]
    world.event("GatewayLogout", "[]")
    world.settle()
    #expect(world.told.contains("snapshot 101 EP -1 orders [] trades []"))
    #expect(world.reports.alarms == [.loggedOut(.user)])
    world.state.positions[alpha] = [Row.position(alpha, ep, -2)]
    world.advance(.seconds(6))
    #expect(world.told.last == "snapshot 101 EP -2 orders [] trades []")
    #expect(world.hubs.opened.count == 2, "no stream begins with the token of the old session")
    #expect(world.role.figures["tokenSecondsLeft"] == 0)
    world.held = []
    world.settle()
    #expect(world.venue.tokens.last.flatMap { $0 } != old)
    world.advance(.seconds(2))
    #expect(world.hubs.opened.count == 4 && world.reports.statuses.last == .protecting)
  }

  @Test func aTokenThatTheLogoutEndedIsTriedOnce() {
    let world = World.running()
    let old = world.tokens.token
    world.venue.answer = { [weak world] request, carried in
      guard let world, request.path != "/api/Auth/loginKey" else { return nil }
      return request.needsToken && carried == old
        ? reply("", status: 401) : world.state.answer(request, carried)
    }
    let sent = world.venue.sent.count
    world.event("GatewayLogout", "[]")
    world.advance(.seconds(8))
    // The lane's four in flight at that moment, and the sign-in.
    #expect(world.venue.sent.count - sent <= 5)
    world.venue.answer = { [weak world] in world?.state.answer($0, $1) }
    world.advance(.seconds(30))
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func withoutTheUserHubTheAccountsArePolled() {
    let world = World.running(configure: { $0.isUserHubEnabled = false })
    #expect(world.hubs.opened.map(\.hub) == [.market])
    world.state.positions[alpha] = [Row.position(alpha, ep, 3)]
    world.advance(.seconds(11))
    #expect(world.told.contains("snapshot 101 EP 3 orders [] trades []"))
    world.advance(.seconds(30))
    #expect(
      world.reports.statuses.last == .degraded(["the user hub is switched off"]))
  }

  @Test(arguments: [true, false])
  func afterAReconnectionAccountsAreReadOrComparedAsConfigured(reads: Bool) {
    let world = World.running(configure: { $0.readsAfterReconnection = reads })
    world.advance(.seconds(20))
    let before = world.venue.count("/api/Account/search")
    world.drop(.user)
    world.advance(.seconds(4))
    // The polling at once is one; the second read of everything follows the reconnection.
    #expect(world.venue.count("/api/Account/search") - before == (reads ? 2 : 1))
    world.state.positions[alpha] = [Row.position(alpha, ep, 3)]
    world.drop(.user)
    world.advance(.seconds(4))
    #expect(world.told.contains("snapshot 101 EP 3 orders [] trades []"))
  }

  @Test func twoCutsInASecondDoNotMakeTheSecondReadWait() {
    let world = World.running(configure: { $0.reconnection.delays = [.zero] })
    world.advance(.seconds(20))
    world.drop(.user)
    world.advance(.milliseconds(300))
    let before = world.venue.count("/api/Account/search")
    world.drop(.user)
    world.state.positions[alpha] = [Row.position(alpha, ep, 3)]
    // The least time between spaced reads is 5 s; a gap in the stream does not wait for it.
    world.advance(.milliseconds(2_500))
    #expect(world.told.last == "snapshot 101 EP 3 orders [] trades []")
    #expect(world.venue.count("/api/Account/search") == before + 1)
  }

  @Test func theLogNamesTheFourStatesOfAConnection() {
    let world = World.running()
    #expect(world.log.count("Connected to User Hub (onconnected)") == 1)
    world.drop(.user)
    #expect(world.log.count("(attempt 1) (onreconnecting)") == 1)
    world.settle()
    #expect(world.log.count("User Hub reconnected (onreconnected)") == 1)
    world.role.stop()
    #expect(world.log.count("User Hub is closed (onclose)") == 1)
    #expect(world.log.count("Market Hub is closed (onclose)") == 1)
  }

  @Test func rawEventsAreLoggedWhenThatIsAskedFor() {
    for isAsked in [true, false] {
      let world = World.running(configure: { $0.logsRawEvents = isAsked })
      world.position(alpha, ep, 2)
      world.event("GatewaySomething", #"[{"new":1}]"#)
      #expect(
        world.log.count("Raw event of the User Hub: GatewayUserPosition") == (isAsked ? 1 : 0))
      #expect(world.log.count("Raw event of the User Hub: GatewaySomething") == (isAsked ? 1 : 0))
    }
  }

  @Test func repeatedLogoutsDoNotBecomeALoop() {
    let world = World.running()
    for _ in 0..<600 {
      if world.role.userHub.state == .open { world.event("GatewayLogout", "[]") }
      world.advance(.seconds(1))
    }
    #expect((8...16).contains(world.state.signIns))
  }
}
