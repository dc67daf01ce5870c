import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct ReadTests {
  @Test func manyOrdersArePagedAndAllTold() {
    let world = World()
    world.state.orders[alpha] = (1...230).map { Row.order(alpha, $0, mnq) }
    world.open()
    world.role.start()
    world.settle()
    #expect(
      world.told.last == "snapshot 101 orders \((1...230).map(Int64.init)) trades []")
    let offsets = world.venue.sent.compactMap { request -> Int? in
      if case .orderQuery(_, let statuses, let offset) = request {
        #expect(statuses == OrderStatus.working)
        return offset
      }
      return nil
    }
    #expect(offsets == [0, 99, 198])
  }

  @Test func tradesAreAskedForSinceTheStartOfTheTradingDay() {
    let world = World.running()
    let starts = world.venue.sent.compactMap { request -> Instant? in
      if case .tradeSearch(_, let start, let end) = request, end == nil { return start }
      return nil
    }
    // 2026-08-19 09:33 in Chicago belongs to the day that began on the 18th at 17:00.
    #expect(starts == [Instant(secondsSinceEpoch: 1_787_090_400)])
  }

  @Test func eventsDuringALaterReadAreToldAtOnceAndAgainAfterIt() {
    let world = World.running { $0.state.orders[alpha] = [Row.order(alpha, 1, mnq)] }
    world.held = ["/api/Trade/search"]
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(2))
    world.position(alpha, mnq, 2)
    world.order(alpha, 1, mnq, status: 3, second: 9)
    #expect(world.told == ["position 101 MNQ 2", "order 101 1 3"])
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.state.trades[alpha] = [Row.trade(alpha, 5, mnq), Row.trade(alpha, 6, mnq)]
    world.held = []
    world.settle()
    #expect(world.told.count == 2)
    world.advance(.milliseconds(300))
    #expect(
      world.told.dropFirst(2) == [
        "differences 101 2 by the evaluator's wish",
        "snapshot 101 MNQ 2 orders [] trades [5, 6]", "order 101 1 3",
      ])
    world.feed.forget()
    world.state.orders[alpha] = []
    world.advance(.seconds(40))
    #expect(world.told.isEmpty)
    world.state.positions[alpha] = []
    world.position(alpha, mnq, 0)
    #expect(world.told == ["position 101 MNQ 0"])
  }

  @Test func wishesAreCoalescedAndSpacedAndNeverDropped() {
    let world = World.running()
    let before = world.venue.count("/api/Trade/search")
    world.advance(.seconds(2))
    for _ in 0..<50 { world.role.feedRequested(.refresh(alpha)) }
    world.settle()
    #expect(world.venue.count("/api/Trade/search") == before + 1)
    for _ in 0..<50 { world.role.feedRequested(.refresh(alpha)) }
    world.advance(.milliseconds(4_900))
    #expect(world.venue.count("/api/Trade/search") == before + 1)
    world.advance(.milliseconds(200))
    #expect(world.venue.count("/api/Trade/search") == before + 2)
    world.advance(.seconds(6))
    #expect(world.venue.count("/api/Trade/search") == before + 2)
    #expect(world.count("snapshot 101 orders [] trades []") == 2)
  }

  @Test func aWishDuringAReadIsServedAfterIt() {
    let world = World.running()
    world.held = ["/api/Account/search"]
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(2))
    world.role.feedRequested(.refresh(alpha))
    world.held = []
    world.advance(.seconds(6))
    #expect(world.count("snapshot 101 orders [] trades []") == 2)
  }

  @Test func theCheckIsCheapAndSilentWhenAllIsWell() {
    let world = World.running {
      $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
      $0.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
    }
    let positions = world.venue.count("/api/Position/searchOpen")
    let trades = world.venue.count("/api/Trade/search")
    world.advance(.seconds(31))
    #expect(world.venue.count("/api/Position/searchOpen") == positions + 1)
    #expect(world.venue.count("/api/Trade/search") == trades + 1)
    guard case .tradeSearch(_, let start, nil) = world.venue.sent.last else {
      Issue.record("\(world.venue.sent.suffix(3))")
      return
    }
    // A minute before the last execution, which was at 14:00:01.
    #expect(start == Instant(secondsSinceEpoch: 1_787_147_941))
    #expect(world.told.isEmpty)
    #expect(world.role.figures["checks"] == 1 && world.role.figures["doubts"] == 0)
  }

  @Test func whatTheHubDidNotTellIsFoundByTheCheck() {
    let world = World.running()
    world.state.positions[alpha] = [Row.position(alpha, mnq, -4)]
    world.advance(.seconds(32))
    #expect(
      world.told == [
        "contract MNQ", "differences 101 1 by a difference",
        "snapshot 101 MNQ -4 orders [] trades []",
      ])
    #expect(world.role.figures["differences"] == 1)
    #expect(world.log.count("differs from the stream") == 1)
    #expect(world.log.count("had changes that no event told") == 1)
  }

  @Test func everythingIsReadNowAndThen() {
    let world = World.running()
    world.state.accounts = [Row.account(alpha, "PRAC-A", balance: "49000", canTrade: false)]
    world.advance(.seconds(299))
    #expect(world.told.isEmpty)
    world.advance(.seconds(2))
    #expect(
      world.told == [
        "differences 101 1 by the regular comparison", "snapshot 101 orders [] trades []",
      ])
    guard
      case .snapshot(let snapshot, _) = world.feed.messages.last(where: { message in
        if case .snapshot = message { return true }
        return false
      })
    else {
      Issue.record("no snapshot")
      return
    }
    #expect(snapshot.account.canTrade == false)
  }

  @Test func aFailedFirstReadIsToldAndRepeated() {
    let world = World()
    world.override = {
      $0.path == "/api/Position/searchOpen" ? ok(#""positions":null"#) : nil
    }
    world.open()
    world.role.start()
    world.settle()
    world.position(alpha, mnq, 2)
    #expect(world.count("unknown 101") == 1)
    #expect(world.told.suffix(2) == ["contract MNQ", "position 101 MNQ 2"])
    #expect(!world.told.contains { $0.hasPrefix("snapshot") })
    world.advance(.seconds(20))
    #expect(world.count("unknown 101") == 1)
    #expect(world.role.figures["failedReads"] == 5)
    // Each failure, and the alarm after the fifth.
    #expect(world.log.count("member reply.positions is null") == 6)
    world.override = { _ in nil }
    world.advance(.seconds(31))
    #expect(world.told.last == "snapshot 101 orders [] trades []")
  }

  @Test func aFailedPeriodicReadLeavesTheStateAsTheStreamTellsIt() {
    let world = World.running()
    world.override = {
      $0.path == "/api/Position/searchOpen" ? reply("", status: 502) : nil
    }
    world.advance(.seconds(40))
    #expect(world.role.figures["failedReads"] ?? 0 >= 1)
    #expect(world.told.isEmpty)
    world.position(alpha, mnq, 1)
    #expect(world.told == ["contract MNQ", "position 101 MNQ 1"])
  }

  @Test func pollsThatFailMeanAnUnknownState() {
    let world = World.running()
    world.hubs.isReachable = { $0 == .market }
    world.override = {
      $0.path == "/api/Order/v2/query" ? .failed(.timedOut) : nil
    }
    world.drop(.user)
    world.advance(.seconds(30))
    #expect(world.told == ["user hub down", "unknown 101"])
    guard case .degraded(let missing) = world.reports.statuses.last else {
      Issue.record("not degraded")
      return
    }
    #expect(missing.contains("the state of account 101 is not known"))
  }

  @Test func pollsThatBeginToFailMeanAnUnknownStateUntilOneSucceeds() {
    let world = World.running()
    world.hubs.isReachable = { $0 == .market }
    world.drop(.user)
    world.advance(.seconds(8))
    world.override = { $0.path == "/api/Order/v2/query" ? .failed(.timedOut) : nil }
    world.advance(.seconds(8))
    world.override = { _ in nil }
    world.advance(.seconds(8))
    #expect(
      world.told == [
        "user hub down", "snapshot 101 orders [] trades []", "unknown 101",
        "snapshot 101 orders [] trades []",
      ])
  }

  @Test func pollingStretchesWithTheAccounts() {
    let many = (1...6).map {
      ConfiguredAccount(id: AccountID($0), platformName: "P\($0)")
    }
    let world = World(accounts: many)
    world.state.accounts = many.map { Row.account($0.id, $0.platformName) }
    world.hubs.isReachable = { $0 == .market }
    world.open()
    world.role.start()
    world.advance(.seconds(20))
    let before = world.venue.sent.count
    world.advance(.seconds(60))
    #expect(world.venue.sent.count - before <= 100)
    #expect(world.venue.sent.count - before >= 72)
    #expect(world.venue.mostPending <= 4)
  }

  @Test func tooManyEventsForAMergeMeanAnotherRead() {
    let world = World.running(configure: { $0.reads.bufferLimit = 3 })
    world.held = ["/api/Trade/search"]
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(2))
    for size in 1...5 { world.position(alpha, mnq, size) }
    world.held = []
    world.state.positions[alpha] = [Row.position(alpha, mnq, 5)]
    world.advance(.seconds(9))
    let told = world.told
    #expect(told.prefix(5).filter { $0.hasPrefix("position") }.count == 4)
    #expect(told.filter { $0.hasPrefix("snapshot") }.count == 1)
    #expect(told.contains("position 101 MNQ 5"))
    #expect(world.log.count("more events than are kept") == 1)
  }

  @Test func tooManyEventsBeforeTheFirstSnapshotDoNotWaitAnyLonger() {
    let world = World { $0.reads.bufferLimit = 3 }
    world.held = ["/api/Trade/search"]
    world.open()
    world.role.start()
    world.settle()
    for size in 1...5 { world.position(alpha, mnq, size) }
    #expect(
      world.told.filter { !$0.contains("hub") } == [
        "contract MNQ", "unknown 101", "position 101 MNQ 1", "position 101 MNQ 2",
        "position 101 MNQ 3", "position 101 MNQ 4", "position 101 MNQ 5",
      ])
  }
}
