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
        "user hub down", "contract MNQ", "snapshot 101 MNQ 2 orders [] trades []",
      ])
    let reads = world.venue.count("/api/Position/searchOpen")
    world.advance(.seconds(9))
    #expect(world.venue.count("/api/Position/searchOpen") == reads + 2)
    #expect(world.told.count == 3)
    world.state.positions[alpha] = []
    world.advance(.seconds(2))
    #expect(world.told.dropFirst(3) == ["user hub up", "snapshot 101 orders [] trades []"])
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

  @Test func repeatedLogoutsDoNotBecomeALoop() {
    let world = World.running()
    for _ in 0..<600 {
      if world.role.userHub.state == .open { world.event("GatewayLogout", "[]") }
      world.advance(.seconds(1))
    }
    #expect((8...16).contains(world.state.signIns))
  }
}
