import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct StartTests {
  @Test func theStartIsInOrder() {
    let world = World()
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.state.orders[alpha] = [Row.order(alpha, 11, mnq)]
    world.state.trades[alpha] = [Row.trade(alpha, 5, ep)]
    world.open()
    world.role.start()
    world.settle()

    #expect(
      world.hubs.invoked.prefix(4).map(\.invocation) == [
        .subscribeAccounts, .subscribeOrders(alpha), .subscribePositions(alpha),
        .subscribeTrades(alpha),
      ])
    #expect(world.told.prefix(2) == ["user hub down", "market hub down"])
    let rest = world.told.dropFirst(2)
    #expect(rest.filter { $0.hasSuffix("up") }.sorted() == ["market hub up", "user hub up"])
    #expect(
      rest.filter { !$0.hasSuffix("up") } == [
        "contract EP", "contract MNQ",
        "snapshot 101 MNQ 2 orders [11] trades [5]",
      ])
    #expect(world.hubs.invoked.contains { $0.invocation == .subscribeQuotes(mnq) })
    #expect(!world.hubs.invoked.contains { $0.invocation == .subscribeQuotes(ep) })
    #expect(world.reports.statuses == [.protecting])
    #expect(world.reports.alarms.isEmpty)
    #expect(world.role.figures["snapshots"] == 1)
  }

  @Test func theLogHasTheLinesThatOperatorsLookFor() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, -1)] }
    for line in [
      "info Token Manager: Token valid until 2026-08-20 14:33:20",
      "info SignalR Manager: Connected to User Hub (onconnected)",
      "info SignalR Manager: Subscribed to positions, orders, trades",
      "info State Reconciler: Initial reconciliation complete",
      "info GatewayUserPosition: CON.F.US.MNQ.U26 size -1 at 29000.25 account=101",
    ] {
      #expect(world.log.count(line) == 1, "\(line)")
    }
    #expect(world.log.count("reconnecting") == 0)
    world.position(alpha, mnq, -2)
    #expect(world.log.count("GatewayUserPosition") == 2)
  }

  @Test func nothingSecretAndNoAlarmingWordIsLogged() {
    let world = World.running()
    world.event("GatewayUserOrder", #"[{"accountId":101,"customTag":"private"}]"#)
    world.drop(.user)
    world.role.hubClosed(.market, generation: 1, reason: "gone")
    world.override = { $0.path == "/api/Position/searchOpen" ? reply("", status: 401) : nil }
    world.advance(.seconds(120))
    for word in ["crash", "user-secret", "key-secret", "e30.", "private"] {
      #expect(world.log.count(word) == 0, "\(word)")
    }
  }

  @Test func eventsBeforeTheFirstSnapshotWaitForIt() {
    let world = World()
    world.held = ["/api/Position/searchOpen"]
    world.open()
    world.role.start()
    world.settle()
    world.state.orders[alpha] = [Row.order(alpha, 11, mnq, second: 5)]
    world.order(alpha, 11, mnq, second: 4)
    world.order(alpha, 12, mnq, second: 4)
    world.trade(alpha, 6, mnq)
    world.position(alpha, mnq, 1)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.state.trades[alpha] = [Row.trade(alpha, 6, mnq)]
    world.settle()
    #expect(!world.told.contains { $0.hasPrefix("order") || $0.hasPrefix("position") })
    world.held = []
    world.advance(.seconds(1))
    #expect(
      world.told.suffix(3) == [
        "snapshot 101 MNQ 1 orders [] trades [6]", "order 101 11 1", "order 101 12 1",
      ])
    #expect(world.told.filter { $0.hasPrefix("snapshot") }.count == 1)
  }

  @Test func aStoredTokenSparesTheSignIn() {
    let world = World.running {
      $0.tokens.token = token(until: World.start + .seconds(40_000), mark: "old")
    }
    #expect(world.state.signIns == 0)
    #expect(world.tokens.saves == 0)
    #expect(world.role.figures["tokenSecondsLeft"] == 40_000)
    #expect(world.reports.statuses == [.protecting])
  }

  @Test(arguments: [30, -1])
  func aStoredTokenThatEndsIsNotUsed(secondsLeft: Int64) {
    let world = World.running {
      $0.tokens.token = token(until: World.start + .seconds(secondsLeft), mark: "old")
    }
    #expect(world.state.signIns == 1)
    #expect(world.tokens.saves == 1)
  }

  @Test func withoutAReaderNothingIsToldAndNothingRead() {
    let world = World()
    world.role.start()
    world.advance(.seconds(20))
    #expect(world.feed.messages.isEmpty)
    #expect(world.venue.count("/api/Position/searchOpen") == 0)
    #expect(world.reports.statuses.isEmpty)
    world.position(alpha, mnq, 3)
    world.open()
    world.settle()
    #expect(
      world.told == [
        "user hub up", "market hub up", "contract MNQ", "snapshot 101 orders [] trades []",
      ])
    #expect(world.reports.statuses == [.protecting])
  }

  @Test func aStartWithoutTheVenueIsDegradedAfterItsTime() {
    let world = World()
    world.override = { _ in .failed(.notSent(reason: "no route")) }
    world.open()
    world.role.start()
    world.advance(.seconds(29))
    #expect(world.reports.statuses.isEmpty)
    world.advance(.seconds(2))
    guard case .degraded(let missing) = world.reports.statuses.first else {
      Issue.record("not degraded: \(world.reports.statuses)")
      return
    }
    #expect(missing.contains("no session token"))
    #expect(world.reports.alarms == [.notProtecting(missing: missing)])
    world.override = { _ in nil }
    world.advance(.seconds(61))
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func theMarketHubMayBeDisabled() {
    let world = World.running(configure: { $0.isMarketHubEnabled = false })
    #expect(world.hubs.opened.map(\.hub) == [.user])
    #expect(world.reports.statuses == [.protecting])
  }

  @Test func answersThatComeWhileARequestIsSentAreFine() {
    let world = World()
    world.venue.answersWhileCalled = true
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.open()
    world.role.start()
    world.settle()
    #expect(world.told.last == "snapshot 101 MNQ 2 orders [] trades []")
  }

  @Test func afterTheStopNothingHappensAnyMore() {
    let world = World.running()
    world.role.stop()
    world.role.stop()
    #expect(world.hubs.closed == ["user 1", "market 1"])
    #expect(world.timers.count == 0)
    let sent = world.venue.sent.count
    world.position(alpha, mnq, 1)
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(100))
    #expect(world.feed.messages.isEmpty)
    #expect(world.venue.sent.count == sent)
  }
}
