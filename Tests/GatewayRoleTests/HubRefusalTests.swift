import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// HTTP 401 for a hub connection: the token is of no use to streams.
@Suite struct HubRefusalTests {
  @Test(arguments: [Hub.user, .market])
  func aTokenThatAHubRefusesIsReplacedAndNotTriedAgain(hub: Hub) {
    let world = World.running()
    let dead = world.tokens.token
    world.hubs.upgradeStatus = { $0.token == dead ? 401 : nil }
    world.drop(hub)
    world.advance(.seconds(3))
    #expect(world.state.signIns == 2)
    let attempts = world.hubs.opened.filter { $0.hub == hub }
    #expect(attempts.filter { $0.token == dead }.count == 2, "the first one, and the refused one")
    #expect(attempts.last?.token == world.tokens.token && world.tokens.token != dead)
    #expect(world.told.contains("\(hub.rawValue) hub up"))
    #expect(world.role.figures["tokensRefusedByHubs"] == 1)
    #expect(world.log.count("refuses the token; another one is needed") == 1)
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test func aNeighboursTokenIsTakenFirst() {
    let world = World.running()
    let dead = world.tokens.token
    world.tokens.token = token(until: World.start + .seconds(80_000), mark: "neighbour")
    world.hubs.upgradeStatus = { $0.token == dead ? 401 : nil }
    world.drop(.user)
    world.advance(.seconds(3))
    #expect(world.state.signIns == 1 && world.told.contains("user hub up"))
  }

  @Test func bothHubsGiveUpATokenOnce() {
    let world = World.running()
    world.hubs.upgradeStatus = { _ in 401 }
    world.held = ["/api/Auth/loginKey"]
    world.drop(.user)
    world.drop(.market)
    world.advance(.seconds(5))
    #expect(world.venue.count("/api/Auth/loginKey") == 2)
    #expect(world.role.figures["tokensRefusedByHubs"] == 1)
  }

  @Test func untilThereIsAnotherTokenTheAccountsAreReadWithTheOldOne() {
    let world = World.running()
    world.hubs.upgradeStatus = { _ in 401 }
    world.held = ["/api/Auth/loginKey"]
    world.drop(.user)
    world.advance(.seconds(2))
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.advance(.seconds(7))
    #expect(world.told.last == "snapshot 101 MNQ 2 orders [] trades []")
    #expect(world.hubs.opened.filter { $0.hub == .user }.count == 2)
  }

  @Test func aHubThatTakesNoTokenCostsASignInInTenMinutes() {
    let world = World.running()
    world.hubs.upgradeStatus = { $0.hub == .user ? 401 : nil }
    world.drop(.user)
    world.advance(.seconds(600))
    #expect((2...3).contains(world.state.signIns), "\(world.state.signIns) sign-ins")
    #expect(world.role.figures["rotations"] ?? 0 <= 2, "the market hub is left alone")
    world.hubs.upgradeStatus = { _ in nil }
    world.advance(.seconds(70))
    #expect(world.told.contains("user hub up"))
    #expect(world.reports.statuses.last == .protecting)
  }

  @Test(arguments: [404, 409, 429, 502])
  func anotherStatusSaysNothingAboutTheToken(status: Int) {
    let world = World.running()
    world.hubs.upgradeStatus = { _ in status }
    world.drop(.user)
    world.advance(.seconds(50))
    #expect(world.state.signIns == 1)
    #expect(world.role.figures["tokensRefusedByHubs"] == 0)
  }

  @Test func aRenewedTokenThatIsRefusedLeavesTheOldConnection() {
    let world = World.running { world in
      world.state.token = { number in
        token(until: World.start + .seconds(Int64(number) * 10_800), mark: "t\(number)")
      }
    }
    world.hubs.upgradeStatus = { $0.token.revealed.hasSuffix("t2") ? 401 : nil }
    world.advance(.seconds(5_401))
    #expect(world.state.signIns == 3)
    #expect(!world.told.contains { $0.hasSuffix("down") })
    world.advance(.seconds(70))
    #expect(world.role.figures["rotations"] == 2)
    #expect(world.hubs.opened.suffix(2).allSatisfy { $0.token.revealed.hasSuffix("t3") })
  }
}
