import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// The window of requests, the circuit breaker and the lock of the token, in the role.
@Suite struct EdgeTests {
  @Test func `requests wait for the window, and the important ones leave first`() {
    let world = World.running()
    world.advance(.seconds(2))
    let before = world.venue.sent.count
    world.window.left = 0
    world.role.feedRequested(.refresh(alpha))
    world.role.feedRequested(
      .query(QueryID(inputOrdinal: 1, index: 0), .workingOrders(alpha)))
    world.advance(.milliseconds(500))
    #expect(world.venue.sent.count == before)
    // The read is not begun while nothing of it could leave.
    #expect(world.role.figures["requestsWaiting"] == 1)
    #expect(world.role.figures["accountsWaiting"] == 1)
    world.window.left = 1
    world.advance(.seconds(1))
    #expect(world.venue.sent.count == before + 1)
    #expect(world.venue.sent.last?.path == "/api/Order/v2/query")
    #expect(world.told.contains { $0.hasPrefix("answer") })
    world.window.left = 100
    world.advance(.seconds(2))
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
  }

  @Test func `what waits too long for the window is unknown and asked again`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.window.left = 0
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(35))
    #expect(world.role.figures["readsPostponed"] ?? 0 >= 1)
    #expect(world.count("unknown 101") == 1)
    world.window.left = .max
    world.advance(.seconds(40))
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
  }

  @Test func `a 429 is told to all who share the window`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { _ in reply("", status: 429) }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.window.refusals >= 1)
  }

  @Test func `a venue that keeps failing is left alone for a minute, then tried`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.needsToken ? reply("", status: 503) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(20))
    #expect(world.reports.alarms.contains(.callsBlocked(.accounts)))
    #expect(world.log.count("Circuit breaker OPEN") == 1)
    #expect(world.role.figures["openBreakers"] == 1)
    let sent = world.venue.sent.count
    world.role.feedRequested(
      .query(QueryID(inputOrdinal: 9, index: 0), .workingOrders(alpha)))
    world.advance(.seconds(5))
    #expect(world.venue.sent.count == sent)
    #expect(world.told.contains { $0.contains("circuit breaker OPEN") })
    world.override = { _ in nil }
    world.advance(.seconds(120))
    #expect(world.log.count("Circuit breaker CLOSED") == 1)
    #expect(world.told.last == "snapshot 101 orders [] trades []")
  }

  @Test func `one read that fails in all its parts is one failure`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.needsToken ? reply("", status: 503) : nil }
    let before = world.venue.sent.count
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.venue.sent.count >= before + 4)
    #expect(world.role.figures["openBreakers"] == 0)
    // At 0, 1, 3 and 8 seconds.
    world.advance(.seconds(17))
    #expect(world.role.figures["failedReads"] == 4 && world.role.figures["openBreakers"] == 0)
    world.advance(.seconds(2))
    #expect(world.role.figures["failedReads"] == 5 && world.role.figures["openBreakers"] == 1)
  }

  @Test func `reads that were stopped are tried as soon as the hub is connected again`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.needsToken ? reply("", status: 503) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(20))
    #expect(world.role.figures["openBreakers"] == 1)
    world.override = { _ in nil }
    world.feed.forget()
    world.advance(.seconds(5))
    #expect(!world.told.contains { $0.hasPrefix("snapshot") })
    world.drop(.user)
    world.advance(.seconds(3))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
    #expect(world.log.count("Circuit breaker HALF_OPEN: the hub is back; accounts") == 1)
    #expect(world.log.count("Circuit breaker CLOSED") == 1)
    #expect(world.role.figures["openBreakers"] == 0)
  }

  @Test func `a hub that is back while queries still fail stops them for another minute`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.needsToken ? reply("", status: 503) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(20))
    world.drop(.user)
    world.advance(.seconds(3))
    let sent = world.venue.sent.count
    world.advance(.seconds(40))
    #expect(world.venue.sent.count == sent && world.role.figures["openBreakers"] == 1)
    world.override = { _ in nil }
    world.advance(.seconds(60))
    #expect(world.log.count("Circuit breaker CLOSED") == 1)
    #expect(world.told.last == "snapshot 101 orders [] trades []")
  }

  @Test func `signing in is never blocked`() {
    let world = World()
    world.override = { _ in reply("", status: 503) }
    world.open()
    world.role.start()
    world.advance(.seconds(22))
    #expect(world.venue.count("/api/Auth/loginKey") == 4)
    #expect(world.role.figures["openBreakers"] == 0)
  }

  @Test func `a gateway that may not ask takes what its neighbour stored`() {
    let world = World()
    world.tokens.isTaken = true
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(world.venue.sent.isEmpty)
    world.tokens.token = token(until: World.start + .seconds(80_000), mark: "neighbour")
    world.advance(.seconds(1))
    #expect(world.state.signIns == 0 && world.tokens.saves == 0)
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.log.count("Token Manager: Token valid until") == 1)
    #expect(world.log.count("Token refreshed successfully") == 0)
  }

  @Test func `a neighbour that holds the lock for ever is not waited for`() {
    let world = World()
    world.tokens.isTaken = true
    world.open()
    world.role.start()
    world.advance(.milliseconds(4_900))
    #expect(world.state.signIns == 0)
    world.advance(.milliseconds(500))
    #expect(world.state.signIns == 1)
    #expect(world.reports.statuses.last == .protecting)
    #expect(world.log.count("going on without it") == 1)
  }

  @Test func `the right to ask ends with the answer, whatever it is`() {
    let world = World()
    world.override = { $0.path == "/api/Auth/loginKey" ? reply("", status: 503) : nil }
    world.open()
    world.role.start()
    world.settle()
    #expect(!world.tokens.isRefreshing && world.tokens.refreshes == 1)
    world.override = { $0.path == "/api/Auth/loginKey" ? refusal(3) : nil }
    world.advance(.seconds(2))
    #expect(!world.tokens.isRefreshing && world.tokens.refreshes == 2)
    world.override = { _ in nil }
    world.advance(.seconds(301))
    #expect(!world.tokens.isRefreshing && world.tokens.refreshes == 3)
    #expect(world.tokens.saves == 1)
  }

  @Test func `waits between failed reads are lengthened at random`() {
    var timing = ReadTiming()
    timing.jitter = 100
    #expect(timing.retryDelay(after: 0, random: 1_000) == .milliseconds(1_100))
    #expect(timing.retryDelay(after: 1, random: 500) == .milliseconds(2_100))
    #expect(timing.retryDelay(after: 99, random: 0) == .seconds(30))
    var desk = AccountDesk(ConfiguredAccount(id: alpha, platformName: "PRAC-A"))
    let now = MonotonicInstant(nanos: 0)
    desk.readFailed(at: now, wait: .milliseconds(1_100))
    #expect(desk.retryAt == now + .milliseconds(1_100) && desk.failures == 1)
  }

  /// What is read, and how it fails.
  static let reads = [
    "/api/Account/search", "/api/Contract/available", "/api/Contract/searchById",
  ]

  @Test(arguments: reads)
  func `the same waits follow whatever read failed`(path: String) {
    let world = World {
      // The breaker would stop the reads.
      $0.breaker.failureThreshold = 1_000
    }
    world.state.catalogue = []
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    var moments: [Int64] = []
    world.override = { [unowned world] request in
      guard request.path == path else { return nil }
      moments.append((world.clock.monotonicNow() - MonotonicInstant(nanos: 0)).milliseconds)
      return reply("", status: 503)
    }
    world.open()
    world.role.start()
    world.advance(.seconds(90))
    let waits = zip(moments.dropFirst(), moments).map { ($0 - $1) / 1_000 }
    #expect(waits.prefix(6) == [1, 2, 5, 10, 30, 30], "\(moments)")
    // The first one that is answered starts them anew.
    world.override = { _ in nil }
    world.advance(.seconds(40))
    #expect(world.reports.statuses.last == .protecting)
  }
}
