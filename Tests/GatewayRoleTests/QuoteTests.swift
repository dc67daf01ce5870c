import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct QuoteTests {
  private func quote(_ world: World, _ contract: ContractID, _ members: String) {
    world.event("GatewayQuote", #"["\#(contract)",{\#(members)}]"#, on: .market)
  }

  private func subscriptions(_ world: World) -> [HubInvocation] {
    world.hubs.invoked.filter { $0.hub == .market }.map(\.invocation)
  }

  @Test func whatIsHeldWorkingOrWatchedIsSubscribed() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    #expect(subscriptions(world) == [.subscribeQuotes(mnq)])
    world.order(alpha, 4, ep)
    world.settle()
    #expect(subscriptions(world) == [.subscribeQuotes(mnq), .subscribeQuotes(ep)])
    let other = ContractID("CON.F.US.GCE.Z26")
    world.state.contracts.append(other)
    world.role.feedRequested(.watch([other, mnq]))
    world.settle()
    #expect(subscriptions(world).last == .subscribeQuotes(other))
    #expect(world.told.last == "contract GCE")
  }

  @Test func quotesAreMergedAndMayBeReplacedOnTheirWay() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    quote(world, mnq, #""bestBid":29000"#)
    quote(world, mnq, #""bestAsk":29000.5"#)
    quote(world, mnq, #""volume":7"#)
    quote(world, mnq, #""lastPrice":29000.25"#)
    #expect(
      world.told == [
        "quote MNQ last - bid 29000 ask -", "quote MNQ last - bid 29000 ask 29000.5",
        "quote MNQ last 29000.25 bid 29000 ask 29000.5",
      ])
    #expect(world.feed.deliveries == Array(repeating: .coalescing(mnq), count: 3))
    #expect(world.role.figures["quotes"] == 3)
  }

  @Test func quotesThatNobodyAskedForAreDropped() {
    let world = World.running()
    quote(world, mnq, #""bestBid":29000"#)
    #expect(world.told.isEmpty)
  }

  @Test func aBadQuoteIsCountedAndLoggedNowAndThen() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    for _ in 0..<100 { quote(world, mnq, #""bestBid":"x""#) }
    #expect(world.told.isEmpty)
    #expect(world.role.figures["payloadErrors"] == 100)
    #expect(world.log.count("GatewayQuote: member quote.bestBid is malformed") == 1)
    world.advance(.seconds(11))
    quote(world, mnq, #""bestBid":"x""#)
    #expect(world.log.count("before=99 more") == 1)
  }

  @Test func aLostMarketHubForgetsWhatItMightHaveMissed() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    quote(world, mnq, #""bestBid":29000,"bestAsk":29001"#)
    world.drop(.market)
    world.settle()
    quote(world, mnq, #""bestAsk":29002"#)
    #expect(world.told.last == "quote MNQ last - bid - ask 29002")
    #expect(
      subscriptions(world) == [.subscribeQuotes(mnq), .subscribeQuotes(mnq)])
  }

  @Test func quotesStayForAWhileAfterTheyAreNeeded() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    quote(world, mnq, #""bestBid":29000"#)
    world.state.positions[alpha] = []
    world.position(alpha, mnq, 0)
    world.advance(.seconds(890))
    #expect(subscriptions(world) == [.subscribeQuotes(mnq)])
    world.advance(.seconds(60))
    #expect(subscriptions(world) == [.subscribeQuotes(mnq), .unsubscribeQuotes(mnq)])
    world.position(alpha, mnq, 1)
    world.settle()
    #expect(subscriptions(world).last == .subscribeQuotes(mnq))
  }

  @Test func aQuoteWaitsForItsContractAndThenTheLatestIsTold() {
    let world = World.running { $0.state.catalogue = [] }
    world.held = ["/api/Contract/searchById"]
    world.role.feedRequested(.watch([mnq]))
    world.settle()
    quote(world, mnq, #""bestBid":29000"#)
    quote(world, mnq, #""bestBid":29001"#)
    #expect(world.told.isEmpty)
    world.held = []
    world.settle()
    #expect(world.told == ["contract MNQ", "quote MNQ last - bid 29001 ask -"])
  }
}
