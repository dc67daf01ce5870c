import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// More accounts than can be read at once are read in turn, and it is said which wait.
@Suite struct ManyAccountTests {
  private func world(
    _ count: Int, configure: (inout GatewaySettings) -> Void = { _ in }
  ) -> World {
    let accounts = (1...count).map { AccountID(1_000 + Int64($0)) }
    let world = World(
      accounts: accounts.map { ConfiguredAccount(id: $0, platformName: "PRAC-\($0)") }, configure)
    world.state.accounts = accounts.map { Row.account($0, "PRAC-\($0)") }
    return world
  }

  private func start(_ world: World) {
    world.open()
    world.role.start()
    world.settle()
  }

  private func known(_ world: World) -> Int64 { world.role.figures["accountsKnown"] ?? 0 }

  private func faults(_ world: World) -> [String] {
    if case .degraded(let faults)? = world.reports.statuses.last { faults } else { [] }
  }

  /// Accounts in the order in which their positions were asked for.
  private func read(_ world: World) -> [AccountID] {
    world.venue.sent.compactMap {
      if case .positionSearchOpen(let account) = $0 { account } else { nil }
    }
  }

  @Test func `no read is refused by the gateway's own queue`() {
    let world = world(150) { $0.requests.queueLimit = 16 }
    start(world)
    world.advance(.seconds(4))
    #expect(known(world) == 150)
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.role.figures["failedReads"] == 0)
    #expect(world.role.figures["requestsGivenUp"] == 0)
    #expect(world.log.count("cannot be read") == 0)
    #expect(world.venue.mostPending <= 4)
    #expect(world.told.count { $0.hasPrefix("snapshot") } >= 150)
  }

  @Test func `one list of accounts is asked for by many reads`() {
    let world = world(60)
    start(world)
    world.advance(.seconds(4))
    let reads = world.venue.count("/api/Position/searchOpen")
    #expect(world.venue.count("/api/Account/search") < reads / 2 + 5)
  }

  @Test func `while the window has no place the status says who is protected and who waits`() {
    let world = world(40)
    world.window.left = 50
    start(world)
    world.advance(.seconds(35))
    let protected = known(world)
    #expect(protected > 5 && protected < 20)
    #expect(
      faults(world).first == "\(protected) of 40 accounts are protected (1001, 1002, 1003, "
        + "1004, 1005, 1006, 1007, 1008 and \(protected - 8) more)")
    #expect(
      faults(world).last?.hasPrefix("the state of \(40 - protected) accounts is not known (")
        == true)
    // An event of one that waits is told, and that its state is not known.
    let last = AccountID(1_040)
    #expect(world.count("unknown 1040") == 1)
    world.feed.forget()
    world.position(last, mnq, 2)
    #expect(world.told.contains("position 1040 MNQ 2"))

    world.window.left = 30
    world.advance(.seconds(60))
    #expect(known(world) > protected && known(world) < 40)
    world.window.left = .max
    world.advance(.seconds(30))
    #expect(known(world) == 40)
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.role.figures["failedReads"] == 0)
    #expect(!world.reports.alarms.contains { if case .unreadable = $0 { true } else { false } })
  }

  @Test func `a read that was begun when the window closed begins anew`() {
    let world = world(12)
    world.window.left = 12
    start(world)
    world.advance(.seconds(45))
    #expect(world.role.figures["readsPostponed"] ?? 0 > 0)
    #expect(world.role.figures["failedReads"] == 0)
    world.window.left = .max
    world.advance(.seconds(10))
    #expect(known(world) == 12)
  }

  @Test func `what holds something is read before what holds nothing`() {
    let world = world(30)
    world.window.left = 12
    world.open()
    world.role.start()
    world.role.feedRequested(.readFirst([AccountID(1_029), AccountID(1_017)]))
    world.settle()
    world.advance(.seconds(2))
    let first = Array(read(world).prefix(2))
    #expect(Set(first) == [AccountID(1_017), AccountID(1_029)])
  }

  @Test func `what the hub told of goes forward`() {
    let world = world(30)
    world.window.left = 8
    start(world)
    let begun = Set(read(world))
    let told = AccountID(1_028)
    #expect(!begun.contains(told))
    world.position(told, mnq, 1)
    world.window.left = .max
    world.advance(.seconds(3))
    let others = read(world).drop { begun.contains($0) }
    // One that had begun may go on before it.
    #expect(others.prefix(4).contains(told))
  }

  @Test func `the words about many accounts change once a second`() {
    let world = world(40) { $0.startupTimeout = .milliseconds(500) }
    world.window.left = 30
    start(world)
    world.advance(.seconds(1))
    let before = world.reports.statuses.count
    world.window.left = 60
    world.advance(.milliseconds(900))
    #expect(world.reports.statuses.count <= before + 2)
    world.drop(.market)
    #expect(faults(world).contains("the market hub is not connected"))
  }

  @Test func `what is remembered of many accounts is kept once`() {
    let world = world(50)
    start(world)
    world.advance(.seconds(4))
    #expect(world.memory.memory?.accounts.count == 50)
    #expect(world.memory.saves < 10)
  }

  @Test func `without the hub an account that waits for too long is told as unknown`() {
    let world = world(20)
    start(world)
    world.advance(.seconds(4))
    #expect(known(world) == 20)
    world.window.left = 0
    world.hubs.isReachable = { _ in false }
    world.feed.forget()
    world.drop(.user)
    world.advance(.seconds(20))
    #expect(world.told.count { $0.hasPrefix("unknown") } == 0)
    world.advance(.seconds(45))
    #expect(Set(world.told.filter { $0.hasPrefix("unknown") }).count == 20)
    #expect(known(world) == 0)
    world.window.left = .max
    world.advance(.seconds(20))
    #expect(known(world) == 20)
  }

  @Test func `a regular reading that waits makes no account unknown of which the hub tells`() {
    let world = world(20)
    start(world)
    world.advance(.seconds(4))
    world.window.left = 0
    world.feed.forget()
    world.advance(.seconds(600))
    #expect(world.told.count { $0.hasPrefix("unknown") } == 0)
    #expect(known(world) == 20 && world.role.figures["failedReads"] == 0)
  }
}
