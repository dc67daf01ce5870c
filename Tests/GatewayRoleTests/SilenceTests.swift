import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// A market hub that is connected, answers pings and says nothing.
@Suite struct SilenceTests {
  /// It is Wednesday 09:33 in Chicago.
  private func world(_ prepare: (World) -> Void = { _ in }) -> World {
    World.running { world in
      world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
      world.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
      prepare(world)
    }
  }

  private func quote(_ world: World, _ contract: ContractID, _ bid: Int) {
    world.event("GatewayQuote", #"["\#(contract)",{"bestBid":\#(bid)}]"#, on: .market)
  }

  @Test func aFrozenMarketHubIsConnectedAnew() {
    let world = world()
    world.advance(.seconds(10))
    quote(world, mnq, 29_000)
    world.advance(.seconds(118))
    #expect(world.hubs.generation(.market) == 1)
    world.advance(.seconds(10))
    #expect(world.hubs.generation(.market) == 2 && world.hubs.closed == ["market 1"])
    #expect(world.log.count("no quotes of CON.F.US.MNQ.U26 in an open market") == 1)
    #expect(world.hubs.opened.filter { $0.hub == .user }.count == 1)
    #expect(world.told.contains("market hub down") && world.told.contains("market hub up"))
    quote(world, mnq, 29_001)
    world.advance(.seconds(100))
    #expect(world.hubs.generation(.market) == 2 && world.role.figures["silences"] == 1)
  }

  @Test func oneSilentContractAmongOthersIsSubscribedAnew() {
    let world = world {
      $0.state.positions[alpha]?.append(Row.position(alpha, ep, 1))
      $0.state.trades[alpha]?.append(Row.trade(alpha, 6, ep))
    }
    for second in 0..<13 {
      quote(world, ep, 6_000 + second)
      world.advance(.seconds(10))
    }
    #expect(world.hubs.generation(.market) == 1)
    let calls = world.hubs.invoked.map(\.invocation)
    #expect(calls.suffix(2) == [.unsubscribeQuotes(mnq), .subscribeQuotes(mnq)])
    #expect(world.log.count("in an open market; subscribed again") == 1)
  }

  @Test func aMarketThatDoesNotTradeIsNotHammered() {
    let world = world()
    world.advance(.seconds(6 * 3_600))
    // After 2, 4, 8, 16 and then every 32 minutes, until the halt at 16:00.
    #expect((8...16).contains(world.hubs.generation(.market)))
  }

  @Test func aClosedMarketIsNotSuspect() {
    // 16:03 in Chicago: the halt; 17:00 begins the next session.
    let world = world()
    world.clock.move(to: world.clock.monotonicNow() + .seconds(6 * 3_600 + 30 * 60))
    world.advance(.seconds(5))
    let generation = world.hubs.generation(.market)
    let silences = world.role.figures["silences"]
    world.advance(.seconds(56 * 60))
    #expect(world.hubs.generation(.market) == generation)
    #expect(world.role.figures["silences"] == silences)
  }

  @Test func aHolidayIsNotSuspect() {
    let world = World.running(
      { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] },
      configure: { $0.marketHours.holidays.closed = [CivilDate(year: 2026, month: 8, day: 19)] })
    world.advance(.seconds(3_600))
    #expect(world.hubs.generation(.market) == 1 && world.role.figures["silences"] == 0)
  }

  @Test func aProductWithHoursOfItsOwnIsSuspectInThemAlone() {
    let hours = MarketHours.Session(
      open: TimeOfDay(hour: 19, minute: 0), close: TimeOfDay(hour: 8, minute: 0))
    for isOwn in [true, false] {
      let world = World.running(
        {
          $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
          $0.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
        }, configure: { if isOwn { $0.marketHours = MarketHours(products: [mnq.root: hours]) } })
      world.advance(.seconds(600))
      #expect((world.role.figures["silences"] == 0) == isOwn)
    }
  }

  @Test func nobodyLooksForSilenceWhereThatIsSwitchedOff() {
    let world = World.running(
      { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] },
      configure: { $0.watchesSilence = false })
    world.advance(.seconds(3_600))
    #expect(world.hubs.generation(.market) == 1 && world.role.figures["silences"] == 0)
  }

  @Test func whatIsNotHeldMayBeSilent() {
    let world = World.running { $0.state.orders[alpha] = [Row.order(alpha, 1, mnq)] }
    world.advance(.seconds(3_600))
    #expect(world.hubs.generation(.market) == 1 && world.role.figures["silences"] == 0)
  }

  @Test func aTradePrintIsASignOfLife() {
    let world = world()
    for _ in 0..<20 {
      world.event(
        "GatewayTrade",
        #"["\#(mnq)",[{"symbolId":"F.US.MNQ","price":29000,"type":0,"volume":1}]]"#, on: .market)
      world.advance(.seconds(30))
    }
    #expect(world.role.figures["silences"] == 0)
  }
}
