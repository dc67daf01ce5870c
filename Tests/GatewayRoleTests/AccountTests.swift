import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct AccountTests {
  static let both = [
    ConfiguredAccount(id: alpha, platformName: "PRAC-A"),
    ConfiguredAccount(id: beta, platformName: "PRAC-B"),
  ]

  @Test func anAccountWithAnotherNameIsUnprotectableAndTheOthersGoOn() {
    let world = World(accounts: Self.both)
    world.state.accounts = [Row.account(alpha, "PRAC-A"), Row.account(beta, "PRAC-X")]
    world.open()
    world.role.start()
    world.settle()
    #expect(world.count("unprotectable 202") == 0)
    world.advance(.seconds(1))
    #expect(world.count("unprotectable 202") == 1)
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
    #expect(!world.hubs.invoked.contains { $0.invocation == .subscribeOrders(beta) })
    #expect(world.venue.sent.allSatisfy { $0 != .positionSearchOpen(beta) })
    #expect(
      world.reports.alarms == [
        .unprotectable(
          beta,
          reason:
            "the platform calls it otherwise; riskctl config validate --online shows how"
        )
      ])
    #expect(world.log.count("PRAC-X") == 0)
    guard case .degraded(let missing) = world.reports.statuses.last else {
      Issue.record("not degraded")
      return
    }
    #expect(missing.count == 1 && missing[0].hasPrefix("account 202 is not protected"))
  }

  @Test func anAccountThatMatchesAtLastIsWatched() {
    let world = World.running(accounts: Self.both) {
      $0.state.accounts = [Row.account(alpha, "PRAC-A"), Row.account(beta, "PRAC-X")]
    }
    world.state.accounts[1] = Row.account(beta, "PRAC-B")
    world.advance(.seconds(302))
    #expect(world.hubs.invoked.contains { $0.invocation == .subscribeTrades(beta) })
    #expect(world.told.contains("snapshot 202 orders [] trades []"))
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func anAccountThatStopsToMatchIsLeftAlone() {
    let world = World.running(accounts: Self.both)
    world.state.accounts = [Row.account(alpha, "PRAC-A")]
    world.advance(.seconds(310))
    #expect(world.count("unprotectable 202") == 1)
    world.feed.forget()
    world.position(beta, mnq, 1)
    world.role.feedRequested(.refresh(beta))
    #expect(world.told == ["unprotectable 202"])
    let reads = world.venue.sent.filter { $0 == .positionSearchOpen(beta) }.count
    world.advance(.seconds(60))
    #expect(world.venue.sent.filter { $0 == .positionSearchOpen(beta) }.count == reads)
  }

  @Test func oneListWithoutAnAccountChangesNothing() {
    let world = World.running(accounts: Self.both)
    world.state.accounts = [Row.account(alpha, "PRAC-A")]
    world.advance(.seconds(300))
    world.state.accounts = [Row.account(alpha, "PRAC-A"), Row.account(beta, "PRAC-B")]
    world.advance(.seconds(30))
    #expect(world.count("unprotectable 202") == 0)
    #expect(world.log.count("account 202 is in doubt") == 1)
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func theSameAccountTwiceIsOne() {
    let world = World.running(accounts: [Self.both[0], Self.both[0]])
    #expect(
      world.hubs.invoked.filter { $0.invocation == .subscribeOrders(alpha) }.count == 1)
    #expect(world.reports.statuses == [.protecting])
  }

  @Test func twoNamesForOneAccountAreAContradiction() {
    let world = World(
      accounts: [
        Self.both[0], ConfiguredAccount(id: alpha, platformName: "OTHER"), Self.both[1],
      ])
    world.open()
    world.role.start()
    world.advance(.seconds(310))
    #expect(world.count("unprotectable 101") == 1)
    #expect(
      world.reports.alarms == [
        .unprotectable(alpha, reason: "it is configured with two different names")
      ])
    #expect(world.told.contains("snapshot 202 orders [] trades []"))
    #expect(!world.hubs.invoked.contains { $0.invocation == .subscribeOrders(alpha) })
  }

  @Test func whenNoAccountCanBeProtectedTheGatewayIsDegraded() {
    let world = World()
    world.state.accounts = []
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(world.told.contains("user hub up"))
    #expect(world.log.count("Subscribed to positions") == 0)
    #expect(world.log.count("Initial reconciliation complete") == 0)
    guard case .degraded = world.reports.statuses.last else {
      Issue.record("not degraded")
      return
    }
  }

  @Test func eventsOfOtherAccountsAreCountedAndIgnored() {
    let world = World.running()
    world.position(beta, mnq, 9)
    world.event("GatewayUserAccount", "[\(Row.account(beta, "PRAC-B"))]")
    world.event("GatewayUserOrder", #"[{"accountId":202}]"#)
    #expect(world.told.isEmpty)
    #expect(world.role.figures["foreignEvents"] == 3)
    #expect(world.role.figures["payloadErrors"] == 1)
  }

  @Test func aListThatCannotBeReadIsAskedForAgain() {
    let world = World()
    world.override = { $0.path == "/api/Account/search" ? ok(#""accounts":null"#) : nil }
    world.open()
    world.role.start()
    world.advance(.seconds(12))
    #expect(world.venue.count("/api/Account/search") == 4)
    #expect(!world.told.contains("user hub up"))
    #expect(world.told.allSatisfy { !$0.hasPrefix("unprotectable") })
    world.override = { _ in nil }
    world.advance(.seconds(8))
    #expect(world.told.contains("user hub up"))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
  }
}
