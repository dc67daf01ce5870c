import RiskModel
import Testing
import TraderFeed

@Suite struct FeedBoardTests {
  static let start = Instant(secondsSinceEpoch: 1_763_730_000)

  static func account(
    _ seconds: Int64, open: Int64?, day: Int = 21, change: (inout AccountReport) -> Void = { _ in }
  ) -> AccountReport {
    var account = AccountReport(
      id: AccountID(7), at: start + .seconds(seconds),
      tradingDate: CivilDate(year: 2_025, month: 11, day: day),
      dayStartedAt: start - .seconds(3_600), dayEndsAt: start + .seconds(80_000))
    account.realized = .zero
    account.open = open.map { Money(dollars: $0) }
    change(&account)
    return account
  }

  static func board(_ accounts: [AccountReport]) -> AccountReport? {
    var board = FeedBoard()
    for account in accounts { board.take(EvaluatorReport(at: account.at, accounts: [account])) }
    let feed = board.feed(
      at: start, zone: .chicago, service: ServiceReport(), clock: ClockReport())
    return feed.accounts.first
  }

  @Test func `the course keeps the latest figure of each stretch`() {
    let account = Self.board([
      Self.account(0, open: 1), Self.account(10, open: 2), Self.account(300, open: 3),
      Self.account(310, open: nil), Self.account(600, open: nil),
    ])
    #expect(account?.course.map(\.result) == [Money(dollars: 2), Money(dollars: 3), nil])
  }

  @Test func `the course of a day is bounded`() {
    let account = Self.board((0..<400).map { Self.account($0 * 300, open: $0) })
    #expect(account?.course.count == 300)
    #expect(account?.course.last?.result == Money(dollars: 399))
  }

  @Test func `extremes are those of the open result, with their moments`() {
    let account = Self.board([
      Self.account(0, open: 5), Self.account(1, open: -20), Self.account(2, open: nil),
      Self.account(3, open: 30), Self.account(4, open: 30),
    ])
    #expect(
      account?.worstOpen == ResultPoint(at: Self.start + .seconds(1), result: Money(dollars: -20)))
    #expect(
      account?.bestOpen == ResultPoint(at: Self.start + .seconds(3), result: Money(dollars: 30)))
  }

  @Test func `a new trading day begins with nothing`() {
    let account = Self.board([
      Self.account(0, open: -50), Self.account(1, open: 2, day: 24),
    ])
    #expect(account?.course.map(\.result) == [Money(dollars: 2)])
    #expect(account?.worstOpen?.result == Money(dollars: 2))
  }

  @Test func `what an evaluator before this one told is not forgotten`() {
    func event(_ second: Int64) -> EventReport {
      EventReport(
        at: Self.start + .seconds(second), kind: .action, rule: nil, what: "\(second)", why: "")
    }
    let account = Self.board([
      Self.account(0, open: 0) { $0.events = (0..<15).reversed().map(event) },
      Self.account(30, open: 0) { $0.events = (10..<25).reversed().map(event) },
    ])
    #expect(account?.events.map(\.what) == (5..<25).reversed().map { "\($0)" })
  }

  @Test func `trades and ended lockouts are told once`() {
    func trade(_ id: Int64) -> TradeReport {
      TradeReport(
        id: TradeID(id), at: Self.start + .seconds(id), contract: ContractID("C"), side: .buy,
        size: 1, price: Price(points: 1), profit: nil)
    }
    func lockout(_ ordinal: Int64) -> LockoutReport {
      var lockout = LockoutReport(
        id: TargetID(inputOrdinal: ordinal, index: 0), rule: .maxContracts, since: Self.start,
        endsAt: nil, ends: "", reason: "", means: "")
      lockout.endedAt = Self.start + .seconds(ordinal)
      return lockout
    }
    let account = Self.board([
      Self.account(0, open: 0) {
        $0.trades = [trade(2), trade(1)]
        $0.endedLockouts = [lockout(2), lockout(1)]
      },
      Self.account(1, open: 0) {
        $0.trades = [trade(3), trade(2)]
        $0.endedLockouts = [lockout(3), lockout(2)]
      },
    ])
    #expect(account?.trades.map(\.id.number) == [3, 2, 1])
    #expect(account?.endedLockouts.map(\.id.inputOrdinal) == [3, 2, 1])
  }

  @Test func `an account that is not reported any more is gone`() {
    var board = FeedBoard()
    board.take(EvaluatorReport(at: Self.start, accounts: [Self.account(0, open: 1)]))
    board.take(EvaluatorReport(at: Self.start, accounts: []))
    let feed = board.feed(
      at: Self.start, zone: .chicago, service: ServiceReport(), clock: ClockReport())
    #expect(feed.accounts.isEmpty)
    #expect(board.reportedAt == Self.start)
  }

  @Test func `the way from the venue is what the evaluator told last`() {
    var stream = StreamReport()
    stream.events = 17
    var board = FeedBoard()
    board.take(EvaluatorReport(at: Self.start, accounts: [], stream: stream))
    let feed = board.feed(
      at: Self.start, zone: .chicago, service: ServiceReport(), clock: ClockReport())
    #expect(feed.service.stream.events == 17)
  }

  @Test func `time on the clock adds up`() {
    let clock = ClockReport(clockedInAt: Self.start, earlierToday: .seconds(60))
    #expect(clock.today(at: Self.start + .seconds(5)) == .seconds(65))
    #expect(ClockReport(earlierToday: .seconds(60)).today(at: Self.start) == .seconds(60))
    #expect(clock.today(at: Self.start - .seconds(5)) == .seconds(60))
  }

  @Test func `a total needs both of its parts`() {
    #expect(Self.account(0, open: nil).total == nil)
    #expect(Self.account(0, open: 3).total == Money(dollars: 3))
  }

  @Test func `a board after this one goes on with the day`() throws {
    var former = FeedBoard()
    for (seconds, open) in [(0, 5), (300, -20), (600, 30)] as [(Int64, Int64)] {
      let account = Self.account(seconds, open: open)
      former.take(EvaluatorReport(at: account.at, accounts: [account]))
    }
    var board = FeedBoard(earlier: former.days)
    let now = Self.account(900, open: 1)
    board.take(EvaluatorReport(at: now.at, accounts: [now]))
    let day = try #require(board.days.first)
    #expect(day.course.map(\.result) == [5, -20, 30, 1].map { Money(dollars: $0) })
    #expect(
      day.worstOpen == ResultPoint(at: Self.start + .seconds(300), result: Money(dollars: -20)))
    #expect(day.bestOpen?.result == Money(dollars: 30))
  }

  @Test func `another day and a time to come are not gone on with`() throws {
    func course(_ account: AccountReport, after seconds: Int64) throws -> DayCourse {
      let point = ResultPoint(at: Self.start + .seconds(seconds), result: Money(dollars: -9))
      var board = FeedBoard(earlier: [
        DayCourse(
          account: account.id, tradingDate: CivilDate(year: 2_025, month: 11, day: 21),
          course: [point], worstOpen: point, bestOpen: point)
      ])
      board.take(EvaluatorReport(at: account.at, accounts: [account]))
      return try #require(board.days.first)
    }
    #expect(try course(Self.account(300, open: 1), after: 0).course.count == 2)
    for day in [
      try course(Self.account(300, open: 1, day: 24), after: 0),
      try course(Self.account(300, open: 1), after: 9_000),
    ] {
      #expect(day.course.map(\.result) == [Money(dollars: 1)])
      #expect(day.worstOpen?.result == Money(dollars: 1))
      #expect(day.bestOpen?.result == Money(dollars: 1))
    }
  }
}
