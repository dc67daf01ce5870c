import HubProtocol
import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// The hubs move to a renewed token: the second connection is there before the first one goes.
@Suite struct RotationTests {
  /// A world whose first token is renewed after an hour.
  private func world(_ prepare: (World) -> Void = { _ in }) -> World {
    World.running { world in
      world.state.token = { number in
        token(until: World.start + .seconds(Int64(number) * 10_800), mark: "t\(number)")
      }
      prepare(world)
    }
  }

  @Test func bothHubsMoveOneAfterTheOtherWithoutAGap() {
    let world = world()
    world.advance(.seconds(5_401))
    #expect(
      world.hubs.opened.map { "\($0.hub) \($0.generation)" }.suffix(2) == ["user 2", "market 2"])
    #expect(world.hubs.opened.suffix(2).allSatisfy { $0.token.revealed.hasSuffix("t2") })
    #expect(world.hubs.closed == ["user 1", "market 1"])
    let methods = world.hubs.invoked.filter { $0.hub == .user && $0.generation == 2 }
    #expect(
      methods.map(\.invocation) == [
        .subscribeAccounts, .subscribeOrders(alpha), .subscribePositions(alpha),
        .subscribeTrades(alpha),
      ])
    #expect(world.role.figures["rotations"] == 2 && world.role.figures["reconnections"] == 0)
    #expect(!world.told.contains { $0.hasSuffix("down") })
    #expect(world.log.count("reconnect") == 0)
    #expect(world.log.count("User Hub has moved to its second connection") == 1)
    #expect(world.log.count("Market Hub has moved to its second connection") == 1)
    #expect(world.reports.alarms.isEmpty)
  }

  @Test func theOldConnectionStaysUntilEverySubscriptionIsConfirmed() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? nil : .succeeded }
    world.advance(.seconds(5_401))
    #expect(world.hubs.closed.isEmpty)
    world.event("GatewayUserPosition", "[\(Row.position(alpha, mnq, 1))]", generation: 1)
    #expect(world.count("position 101 MNQ 1") == 1)
    world.hubs.completion = { _ in .succeeded }
    world.settle()
    #expect(world.hubs.closed.first == "user 1")
    world.event("GatewayUserPosition", "[\(Row.position(alpha, mnq, 2))]", generation: 1)
    #expect(world.count("position 101 MNQ 2") == 0 && world.role.figures["lateNews"] == 1)
  }

  @Test func whatBothConnectionsTellIsToldOnce() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? nil : .succeeded }
    world.advance(.seconds(5_401))
    world.feed.forget()
    let position = "[\(Row.position(alpha, mnq, 1))]"
    let order = "[\(Row.order(alpha, 7, mnq, status: 2, second: 1))]"
    let trade = "[\(Row.trade(alpha, 5, mnq))]"
    let old: Int64 = 1
    let new: Int64 = 2
    world.event("GatewayUserTrade", trade, generation: old)
    world.event("GatewayUserOrder", order, generation: new)
    world.event("GatewayUserTrade", trade, generation: new)
    world.event("GatewayUserOrder", order, generation: old)
    world.event("GatewayUserPosition", position, generation: new)
    world.event("GatewayUserPosition", position, generation: old)
    let wanted = ["contract MNQ", "trade 101 5", "order 101 7 2", "position 101 MNQ 1"]
    #expect(world.told == wanted)
    // What comes late on the new connection, after the change, is an echo too.
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
    world.hubs.completion = { _ in .succeeded }
    world.settle()
    world.event("GatewayUserTrade", trade, generation: new)
    #expect(world.told == wanted)
    #expect(world.role.figures["echoes"] == 4)
    world.advance(.seconds(6))
    world.event("GatewayUserTrade", trade, generation: new)
    #expect(world.told == wanted + ["trade 101 5"])
  }

  @Test func anOlderQuoteOfTheOtherConnectionIsDropped() {
    let world = world { $0.state.orders[alpha] = [Row.order(alpha, 1, mnq)] }
    world.hubs.completion = { $0 == .subscribeQuotes(mnq) ? nil : .succeeded }
    world.advance(.seconds(5_401))
    world.feed.forget()
    func quote(_ bid: Int, second: Int, generation: Int64) {
      world.event(
        "GatewayQuote",
        #"["\#(mnq)",{"bestBid":\#(bid),"timestamp":"2026-08-19T14:00:0\#(second)+00:00"}]"#,
        on: .market, generation: generation)
    }
    quote(29_001, second: 2, generation: 1)
    quote(29_000, second: 1, generation: 2)
    quote(29_001, second: 2, generation: 2)
    quote(29_002, second: 3, generation: 2)
    #expect(
      world.told == [
        "quote MNQ last - bid 29001 ask -", "quote MNQ last - bid 29002 ask -",
      ])
    #expect(world.role.figures["echoes"] == 2)
  }

  @Test func aSecondConnectionThatCannotBeHadLeavesTheFirstOne() {
    let world = world()
    world.hubs.isReachable = { _ in false }
    world.advance(.seconds(5_401))
    #expect(world.hubs.opened.count == 4 && world.hubs.closed == ["user 2", "market 2"])
    #expect(!world.told.contains { $0.hasSuffix("down") })
    world.position(alpha, mnq, 1, generation: 1)
    #expect(world.told.last == "position 101 MNQ 1")
    world.hubs.isReachable = { _ in true }
    world.advance(.seconds(61))
    #expect(world.role.figures["rotations"] == 2)
    #expect(world.log.count("reconnect") == 0)
  }

  @Test func aSecondConnectionThatIsNotReadyInTimeIsGivenUp() {
    let world = world()
    world.hubs.isReachable = { _ in nil }
    world.advance(.seconds(5_401 + 31))
    #expect(world.hubs.closed.first == "user 2")
    #expect(world.log.count("it was not ready in time") == 1)
  }

  @Test func aRefusedSubscriptionLeavesTheFirstOne() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? .refused("no") : .succeeded }
    world.advance(.seconds(5_401))
    #expect(world.hubs.closed == ["user 2", "market 1"])
    #expect(world.log.count("the venue refuses a subscription on it") == 1)
    #expect(world.role.userHub.generation == 1)
  }

  @Test func aLostAnswerLeavesTheFirstOne() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? .lost : .succeeded }
    world.advance(.seconds(5_401))
    #expect(world.hubs.closed == ["user 2", "market 1"])
  }

  @Test(arguments: [true, false])
  func theSecondOneStepsInWhenTheFirstOneEnds(isOpen: Bool) {
    let world = world()
    if isOpen {
      world.hubs.completion = { $0 == .subscribeTrades(alpha) ? nil : .succeeded }
    } else {
      world.hubs.isReachable = { _ in nil }
    }
    world.advance(.seconds(5_401))
    world.feed.forget()
    world.role.hubClosed(.user, generation: 1, reason: "the token ended")
    #expect(world.told == ["user hub down"])
    #expect(world.role.userHub.generation == 2)
    world.hubs.isReachable = { _ in true }
    world.hubs.completion = { _ in .succeeded }
    world.advance(.seconds(2))
    #expect(world.hubs.opened.filter { $0.hub == .user }.count == 2)
    #expect(world.told.contains("user hub up"))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
    #expect(world.log.count("reconnecting in") == 0)
  }

  @Test func aLogoutOnTheOldOfTwoConnectionsIsItsEndOnly() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? nil : .succeeded }
    world.advance(.seconds(5_401))
    let signIns = world.state.signIns
    world.event("GatewayLogout", "[]", generation: 1)
    world.hubs.completion = { _ in .succeeded }
    world.advance(.seconds(2))
    #expect(world.state.signIns == signIns)
    #expect(world.hubs.closed.first == "user 1")
    #expect(world.told.contains("user hub up") && world.reports.alarms.isEmpty)
  }

  @Test func aLogoutOnTheSecondConnectionIsOne() {
    let world = world()
    world.hubs.completion = { $0 == .subscribeTrades(alpha) ? nil : .succeeded }
    world.advance(.seconds(5_401))
    let signIns = world.state.signIns
    world.event("GatewayLogout", "[]", generation: 2)
    world.hubs.completion = { _ in .succeeded }
    world.advance(.seconds(2))
    #expect(world.state.signIns == signIns + 1)
    #expect(world.reports.alarms == [.loggedOut(.user)])
    #expect(world.told.contains("user hub up"))
  }

  @Test func contractsAreWantedAndForgottenOnBothConnections() {
    var line = HubLine(ReconnectSchedule.Settings())
    line.attemptStarted(tokenRevision: 1)
    _ = line.opened(1, at: MonotonicInstant(nanos: 0))
    line.want(.subscribeQuotes(mnq))
    _ = line.board.next(
      number: 1, now: MonotonicInstant(nanos: 0), deadline: MonotonicInstant(nanos: 1))
    let next = line.successorStarted(tokenRevision: 2)
    let onlyOld = line.forget(.subscribeQuotes(mnq))
    #expect(onlyOld == [1])
    line.successorOpened()
    line.want(.subscribeQuotes(ep))
    let subscription = line.successorSubscription(
      number: 2, now: MonotonicInstant(nanos: 0), deadline: MonotonicInstant(nanos: 1))
    #expect(subscription == .subscribeQuotes(ep))
    let onlyNew = line.forget(.subscribeQuotes(ep))
    #expect(onlyNew == [next])
  }

  @Test func stoppingClosesBoth() {
    let world = world()
    world.hubs.isReachable = { _ in nil }
    world.advance(.seconds(5_401))
    world.role.stop()
    #expect(world.hubs.closed == ["user 2", "user 1", "market 1"])
  }
}
