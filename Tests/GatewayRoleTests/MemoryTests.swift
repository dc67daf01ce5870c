import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// What a gateway asks at its start, and what it does without asking.
@Suite struct MemoryTests {
  private static let searches = "/api/Account/search"
  private static let catalogue = "/api/Contract/available"

  /// A gateway that comes after the one of `earlier`, some time later.
  private func successor(
    of earlier: World, after span: TimeSpan = .seconds(1),
    accounts: [ConfiguredAccount] = [ConfiguredAccount(id: alpha, platformName: "PRAC-A")],
    _ prepare: (World) -> Void = { _ in }
  ) -> World {
    let world = World(accounts: accounts)
    world.clock.move(to: world.clock.monotonicNow() + span)
    world.memory.memory = earlier.memory.memory
    world.tokens.token = earlier.tokens.token
    prepare(world)
    world.open()
    world.role.start()
    world.settle()
    return world
  }

  @Test func `the first gateway keeps what it learned, once`() throws {
    let world = World.running()
    let memory = try #require(world.memory.memory)
    #expect(memory.accounts.map(\.id) == [alpha])
    #expect(memory.contracts.isEmpty == false && memory.contractsAt != nil)
    let saves = world.memory.saves
    world.advance(.seconds(3_600))
    #expect(world.memory.saves == saves)
  }

  @Test func `the next one asks for the state of its accounts and nothing else`() {
    let world = successor(of: World.running())
    #expect(
      world.venue.sent.map(\.path).sorted() == [
        Self.searches, "/api/Order/v2/query", "/api/Position/searchOpen", "/api/Trade/search",
      ])
    #expect(world.count("snapshot 101 orders [] trades []") == 1)
    #expect(world.reports.statuses == [.protecting])
  }

  @Test func `one list of accounts serves all that are read at one moment`() {
    let accounts = [
      ConfiguredAccount(id: alpha, platformName: "PRAC-A"),
      ConfiguredAccount(id: beta, platformName: "PRAC-B"),
    ]
    let world = successor(of: World.running(accounts: accounts), accounts: accounts)
    #expect(world.venue.count(Self.searches) == 1)
    #expect(world.venue.sent.count == 7)
    #expect(world.told.count { $0.hasPrefix("snapshot") } == 2)
  }

  @Test func `events come before anything was asked where the window has no place`() {
    let world = successor(of: World.running()) { $0.window.left = 0 }
    #expect(world.venue.sent.isEmpty)
    world.position(alpha, mnq, 2)
    #expect(world.told.suffix(2) == ["contract MNQ", "position 101 MNQ 2"])
    #expect(world.count("unknown 101") == 1)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.window.left = .max
    world.advance(.seconds(2))
    #expect(
      world.told.last { $0.hasPrefix("snapshot") } == "snapshot 101 MNQ 2 orders [] trades []")
  }

  @Test func `the evaluator's question passes a window that is closed to reads`() {
    let world = successor(of: World.running()) {
      $0.window.left = 3
      $0.window.reserve = 3
    }
    #expect(world.venue.sent.isEmpty)
    world.role.feedRequested(
      .query(QueryID(inputOrdinal: 1, index: 0), .workingOrders(alpha)))
    world.settle()
    #expect(world.venue.sent.map(\.path) == ["/api/Order/v2/query"])
    #expect(world.told.last == "answer 1-0 orders []")
  }

  @Test(arguments: [(43_100, 0), (43_300, 1), (86_500, 1), (-1, 1)])
  func `a catalogue is read again when it is half a day old`(age: Int64, requests: Int) throws {
    let earlier = World.running()
    earlier.memory.memory?.contractsAt = World.start + .seconds(100_000 - age)
    let world = successor(of: earlier, after: .seconds(100_000)) {
      $0.tokens.token = token(until: World.start + .seconds(190_000), mark: "late")
    }
    world.advance(.seconds(61))
    #expect(world.venue.count(Self.catalogue) == requests)
  }

  @Test(arguments: [(86_300, true), (86_500, false), (-1, false)])
  func `an account is remembered for a day`(age: Int64, isRemembered: Bool) {
    let earlier = World.running()
    earlier.memory.memory?.accounts[0].at = World.start + .seconds(100_000 - age)
    earlier.memory.memory?.contractsAt = World.start + .seconds(100_000)
    let world = successor(of: earlier, after: .seconds(100_000)) {
      $0.tokens.token = token(until: World.start + .seconds(190_000), mark: "late")
      $0.window.left = 0
    }
    world.position(alpha, mnq, 2)
    #expect(world.told.contains("position 101 MNQ 2") == isRemembered)
  }

  @Test func `an account that was renamed meanwhile is forgotten and not protected`() {
    let world = successor(of: World.running()) { $0.state.accounts = [Row.account(alpha, "OTHER")] }
    world.advance(.seconds(5))
    #expect(world.count("unprotectable 101") == 1)
    #expect(world.memory.memory?.accounts.isEmpty == true)
  }

  @Test func `an account under another name is looked up before it is heard`() {
    let earlier = World.running()
    earlier.memory.memory?.accounts[0].platformName = "PRAC-B"
    let world = successor(of: earlier) { $0.window.left = 0 }
    world.position(alpha, mnq, 2)
    #expect(!world.told.contains("position 101 MNQ 2"))
  }

  @Test func `the first read waits a second for a hub that does not come`() {
    let world = successor(of: World.running()) { $0.hubs.isReachable = { _ in nil } }
    #expect(world.venue.sent.isEmpty)
    world.advance(.seconds(1))
    #expect(world.venue.count("/api/Position/searchOpen") == 1)
    #expect(world.told.contains { $0.hasPrefix("snapshot 101") })
  }
}
