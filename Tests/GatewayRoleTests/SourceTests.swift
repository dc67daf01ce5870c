import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// Stream, lists and our own trades: what is dropped on a link that seems well is found.
@Suite struct SourceTests {
  private func world() -> World {
    let world = World.running()
    world.advance(.seconds(5))
    return world
  }

  private func fill(_ world: World, _ trades: [Int], position: Int) {
    world.state.trades[alpha] = trades.map { Row.trade(alpha, $0, mnq) }
    world.state.positions[alpha] = [Row.position(alpha, mnq, position)]
  }

  @Test func aFillThatIsToldWholeIsComparedOnceAndSilently() {
    let world = world()
    fill(world, [5], position: 1)
    world.trade(alpha, 5, mnq)
    world.position(alpha, mnq, 1)
    world.advance(.seconds(20))
    #expect(world.told == ["contract MNQ", "trade 101 5", "position 101 MNQ 1"])
    #expect(world.role.figures["checks"] == 1)
    #expect(world.role.figures["accountsInDoubt"] == 0)
    #expect(world.reports.alarms.isEmpty)
  }

  enum Dropped: CaseIterable { case trade, position, both }

  @Test(arguments: Dropped.allCases)
  func aDroppedFillIsFoundWithinTwoAndAHalfSecondsOfTheNextEvent(dropped: Dropped) {
    let world = world()
    fill(world, [5], position: 1)
    if dropped == .position { world.trade(alpha, 5, mnq) }
    if dropped == .trade { world.position(alpha, mnq, 1) }
    // The related event where both are missing: the order is reported filled.
    if dropped == .both { world.order(alpha, 1, mnq, status: 2) }
    world.feed.forget()
    world.advance(.milliseconds(2_500))
    #expect(world.told.last == "snapshot 101 MNQ 1 orders [] trades [5]")
    #expect(world.reports.alarms.count == 1)
    guard case .eventsMissed(alpha, _, _, _) = world.reports.alarms.first else {
      Issue.record("\(world.reports.alarms)")
      return
    }
    world.advance(.seconds(20))
    #expect(world.role.figures["accountsInDoubt"] == 0 && world.role.figures["doubts"] == 1)
    #expect(world.reports.alarms.count == 1)
  }

  @Test func aBalanceThatMovesAloneIsARelatedEvent() {
    let world = world()
    fill(world, [5], position: 1)
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "49999")
    world.event("GatewayUserAccount", "[\(world.state.accounts[0])]")
    world.advance(.milliseconds(2_500))
    #expect(world.told.last == "snapshot 101 MNQ 1 orders [] trades [5]")
  }

  @Test func withoutAnyEventTheRegularComparisonFindsIt() {
    let world = world()
    fill(world, [5], position: 1)
    world.advance(.seconds(31))
    #expect(world.told.last == "snapshot 101 MNQ 1 orders [] trades [5]")
    #expect(world.log.count("trade 5 happened and no event told of it cause=") == 1)
  }

  @Test func comparisonsAreTwoSecondsApartAndNeverDropped() {
    let world = world()
    var position = 0
    for _ in 0..<100 {
      position += 1
      fill(world, Array(1...position), position: position)
      world.trade(alpha, position, mnq)
      world.position(alpha, mnq, position)
      world.advance(.milliseconds(100))
    }
    #expect((4...6).contains(world.role.figures["checks"] ?? 0))
    world.advance(.seconds(3))
    #expect(world.told.count == 201 && world.reports.alarms.isEmpty)
  }

  @Test func anAccountThatTradesWithoutAPauseKeepsNoOtherFromBeingCompared() {
    let accounts = (1...4).map { AccountID(100 + Int64($0)) }
    let world = World.running(
      accounts: accounts.map { ConfiguredAccount(id: $0, platformName: "PRAC-\($0)") }
    ) { world in
      world.state.accounts = accounts.map { Row.account($0, "PRAC-\($0)") }
    }
    world.advance(.seconds(5))
    func fill(_ account: AccountID, _ position: Int) {
      world.state.trades[account] = (1...position).map { Row.trade(account, $0, mnq) }
      world.state.positions[account] = [Row.position(account, mnq, position)]
    }
    // Three trade for a minute, which no budget that all share would allow every two seconds.
    for position in 1...60 {
      for account in accounts.dropLast() {
        fill(account, position)
        world.trade(account, position, mnq)
        world.position(account, mnq, position)
      }
      world.advance(.seconds(1))
    }
    let checks = world.role.figures["checks"] ?? 0
    #expect((75...99).contains(checks), "\(checks) comparisons")
    // An execution of the fourth is dropped, and its position is told.
    let quiet = accounts[3]
    fill(quiet, 1)
    world.feed.forget()
    world.position(quiet, mnq, 1)
    world.advance(.milliseconds(2_500))
    #expect(world.told.contains("snapshot 104 MNQ 1 orders [] trades [1]"), "\(world.told)")
  }

  @Test func aRegularReadingThatWaitsForTheWindowIsNotOvertakenByComparisons() {
    let beta = AccountID(102)
    let world = World.running(
      accounts: [alpha, beta].map { ConfiguredAccount(id: $0, platformName: "PRAC-\($0)") }
    ) { world in
      world.state.accounts = [alpha, beta].map { Row.account($0, "PRAC-\($0)") }
    }
    world.advance(.seconds(5))
    world.window.left = 0
    world.role.turn { world.role.wantRead(alpha, .full, .periodic) }
    world.advance(.milliseconds(100))
    #expect(world.role.lane.hasWaiting(.survey))
    world.state.trades[beta] = [Row.trade(beta, 5, mnq)]
    world.state.positions[beta] = [Row.position(beta, mnq, 1)]
    world.trade(beta, 5, mnq)
    world.position(beta, mnq, 1)
    world.advance(.seconds(3))
    #expect(world.role.lane.hasWaiting(.survey) && !world.role.lane.hasWaiting(.comparison))
    world.window.left = .max
    world.advance(.seconds(4))
    #expect(world.role.figures["checks"] == 1)
    #expect(world.role.figures["failedReads"] == 0)
  }

  @Test func tradesThatDoNotAddUpAreAnAlarmAndThenTheListIsFollowed() {
    let world = World.running {
      $0.state.positions[alpha] = [Row.position(alpha, mnq, 4)]
    }
    world.advance(.seconds(5))
    // The venue lists a size that no execution explains, and tells it.
    world.state.positions[alpha] = [Row.position(alpha, mnq, 6)]
    world.position(alpha, mnq, 6)
    world.advance(.milliseconds(100))
    #expect(world.role.figures["accountsInDoubt"] == 1)
    world.advance(.seconds(9))
    #expect(world.reports.alarms.isEmpty)
    world.advance(.seconds(2))
    #expect(
      world.reports.alarms == [
        .sourcesDisagree(
          alpha, first: "position CON.F.US.MNQ.U26: 6, and the trades add up to 4", count: 1)
      ])
    world.advance(.seconds(400))
    #expect(world.role.figures["accountsInDoubt"] == 0 && world.reports.alarms.count == 1)
    #expect(world.role.figures["doubtsAlarmed"] == 1)
  }

  @Test func anExecutionThatTheVenueDoesNotListIsAnAlarm() {
    let world = world()
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.trade(alpha, 5, mnq)
    world.position(alpha, mnq, 1)
    world.advance(.seconds(60))
    #expect(world.reports.alarms.count == 1)
    guard case .sourcesDisagree(alpha, let first, 1)? = world.reports.alarms.first else {
      Issue.record("\(world.reports.alarms)")
      return
    }
    #expect(first == "trade 5 was told and the venue does not list it")
  }

  @Test func aListThatComesTooLateIsAskedForAgain() {
    let world = world()
    fill(world, [5], position: 1)
    world.trade(alpha, 5, mnq)
    world.position(alpha, mnq, 1)
    world.advance(.seconds(5))
    // One answer of the venue is old: stream and trades agree, and the list alone does not.
    var answers = 0
    world.override = { request in
      guard request.path == "/api/Position/searchOpen", answers < 2 else { return nil }
      answers += 1
      return ok(#""positions":[]"#)
    }
    world.feed.forget()
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(2))
    #expect(answers == 2)
    #expect(world.told == ["snapshot 101 MNQ 1 orders [] trades [5]"])
    #expect(world.reports.alarms.isEmpty)
  }

  @Test func positionsThatMoveDuringTheReadAreReadAtMostThreeTimesMore() {
    let world = world()
    world.feed.forget()
    let before = world.venue.count("/api/Position/searchOpen")
    world.held = ["/api/Position/searchOpen"]
    world.role.feedRequested(.refresh(alpha))
    for size in 1...6 {
      world.settle()
      world.position(alpha, mnq, size)
      let isAnswered = world.venue.answer(ok(#""positions":[]"#)) {
        $0.path == "/api/Position/searchOpen"
      }
      #expect(isAnswered == (size <= 4))
      world.advance(.milliseconds(250))
    }
    #expect(world.venue.count("/api/Position/searchOpen") - before == 4)
    #expect(world.told.filter { $0.hasPrefix("snapshot") }.count == 1)
  }

  @Test func aBalanceThatMovesOtherwiseThanTheTradesIsReadAgainAndThenTold() {
    let world = world()
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "49000")
    world.advance(.milliseconds(295_500))
    let reads = world.venue.count("/api/Account/search")
    #expect(world.role.figures["balanceDrifts"] == 1)
    #expect(world.role.figures["accountsInDoubt"] == 1)
    world.advance(.seconds(2))
    #expect(world.venue.count("/api/Account/search") == reads + 1)
    #expect(world.reports.alarms == [Self.missedBalance])
    world.advance(.seconds(12))
    let told = "the balance moved by \(Money(dollars: -1_000)), and the trades add up to "
    #expect(
      world.reports.alarms.last
        == .sourcesDisagree(alpha, first: told + "\(Money.zero)", count: 1))
    world.advance(.seconds(2))
    #expect(world.role.figures["accountsInDoubt"] == 0)
    // A payout is told once, and the sums go on from there.
    world.advance(.seconds(301))
    #expect(world.reports.alarms.count == 2 && world.role.figures["doubtsAlarmed"] == 1)
    world.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "48999.64")
    world.advance(.seconds(301))
    #expect(world.role.figures["balanceDrifts"] == 1)
    #expect(world.role.figures["doubtsAlarmed"] == 1)
  }

  private static let missedBalance = GatewayAlarm.eventsMissed(
    alpha, cause: ReadCause.periodic.rawValue, first: "\(SourceDifference.account)", count: 1)

  @Test func aBalanceThatTheNextReadExplainsIsNoAlarm() {
    let world = world()
    // The venue lists an old balance once.
    world.override = { [unowned world] request in
      guard request.path == "/api/Account/search", world.role.figures["doubts"] == 0 else {
        return nil
      }
      return ok(#""accounts":[\#(Row.account(alpha, "PRAC-A", balance: "49000"))]"#)
    }
    world.advance(.seconds(360))
    #expect(world.role.figures["balanceDrifts"] == 1 && world.role.figures["doubts"] == 1)
    #expect(world.role.figures["accountsInDoubt"] == 0)
    #expect(world.role.figures["doubtsAlarmed"] == 0)
  }

  @Test func anEventDuringTheReadLeavesTheBalanceToTheNextOne() {
    let world = world()
    world.held = ["/api/Account/search"]
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "49990")
    world.event("GatewayUserAccount", "[\(world.state.accounts[0])]")
    world.held = []
    world.advance(.seconds(1))
    #expect(world.role.figures["balanceDrifts"] == 0)
    world.advance(.seconds(300))
    #expect(world.role.figures["balanceDrifts"] == 1)
  }

  @Test func balancesMayHaveFeesOrNot() {
    let world = world()
    world.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.advance(.seconds(301))
    #expect(world.role.figures["balanceDrifts"] == 0)
    // The fee is booked later.
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "49999.64")
    world.advance(.seconds(301))
    #expect(world.role.figures["balanceDrifts"] == 0)
    // And taken back, with one cent.
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "50000.01")
    world.state.trades[alpha] = [Row.trade(alpha, 5, mnq)]
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "48999.64")
    world.advance(.seconds(301))
    #expect(world.role.figures["balanceDrifts"] == 1)
  }

  @Test(arguments: [
    [0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [2, 0, 1, 3], [1, 3, 0, 2],
  ])
  func theEventsOfAFillMayComeInAnyOrderAndTwice(order: [Int]) {
    let world = world()
    fill(world, [5], position: 1)
    world.state.accounts[0] = Row.account(alpha, "PRAC-A", balance: "49999.64")
    let tell = [
      { world.order(alpha, 1, mnq, status: 2) }, { world.trade(alpha, 5, mnq) },
      { world.position(alpha, mnq, 1) },
      { world.event("GatewayUserAccount", "[\(world.state.accounts[0])]") },
    ]
    for index in order + order { tell[index]() }
    world.advance(.seconds(40))
    #expect(world.told.count == 9 && !world.told.contains { $0.hasPrefix("snapshot") })
    #expect(world.role.figures["accountsInDoubt"] == 0 && world.reports.alarms.isEmpty)
  }
}
