import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing
import TraderFeed

@Suite struct TraderReportTests {
  static let rules = RiskConfiguration(
    maxContracts: .init(limit: 5),
    maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2, SymbolRoot("ES"): 2]),
    dailyRealizedLoss: .init(lossLimit: .of("500")),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")),
    cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))]),
    sessionBlockOutside: .init(
      plan: SessionPlan(
        hours: SessionHours(
          start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 15, minute: 0),
          zone: .chicago),
        holidays: HolidayCalendar(
          closed: [CivilDate(year: 2_026, month: 11, day: 19)],
          earlyCloses: [
            .init(
              date: CivilDate(year: 2_026, month: 11, day: 20), time: TimeOfDay(hour: 12, minute: 0)
            )
          ]))))

  static func snapshot(_ stage: EvaluatorStage, trades: [Trade] = []) -> FeedMessage {
    .snapshot(
      AccountSnapshot(
        account: Account(
          id: Sample.account, name: "50KTC", balance: .of("50000"), canTrade: true),
        positions: [], workingOrders: [], trades: trades, startedAt: stage.clock.instant),
      receivedAt: stage.clock.instant)
  }

  static func read(_ rules: RiskConfiguration = rules) -> EvaluatorStage {
    let stage = EvaluatorStage(rules)
    stage.feed(snapshot(stage))
    return stage
  }

  static func account(_ stage: EvaluatorStage) throws -> AccountReport {
    let report = stage.role.report()
    #expect(report.at == stage.clock.instant)
    return try #require(report.accounts.first { $0.id == Sample.account })
  }

  @Test func `before the account is read nothing of it is a zero`() throws {
    let account = try Self.account(EvaluatorStage(Self.rules))
    #expect(account.name == nil)
    #expect(account.realized == nil)
    #expect(account.costs == nil)
    #expect(account.open == nil)
    #expect(account.balance == nil)
    #expect(account.doubt == "not read from the venue since the start")
    let loss = try #require(account.rules.first { $0.rule == .dailyRealizedLoss })
    #expect(loss.unknown == "the account was not read yet")
  }

  @Test func `once it is read the doubt is over`() throws {
    let stage = Self.read()
    var account = try Self.account(stage)
    #expect(account.doubt == nil)
    #expect(account.name == "50KTC")
    #expect(account.realized == .zero)
    #expect(account.open == .zero)
    #expect(account.balance == .of("50000"))
    #expect(account.dayStartedAt < stage.clock.instant)
    #expect(account.dayEndsAt > stage.clock.instant)
    stage.feed(
      .unknown(Sample.account, reason: "the hub was cut", receivedAt: stage.clock.instant))
    account = try Self.account(stage)
    #expect(account.doubt == "the hub was cut")
  }

  @Test func `a position comes with its mark, its result and its stop`() throws {
    let stage = Self.read()
    stage.hold(Sample.mnq, 2)
    var account = try Self.account(stage)
    #expect(account.positions.first?.mark == nil)
    #expect(account.positions.first?.open == nil)
    #expect(account.open == nil)
    #expect(
      account.rules.first { $0.rule == .dailyUnrealizedLoss }?.unknown
        == "no price of \(Sample.mnq)")

    stage.feed(.quote(Quote(contract: Sample.mnq, last: .at("20010"), bid: .at("20009.75"))))
    stage.feed(
      .order(
        Order(
          id: OrderID(1), account: Sample.account, contract: Sample.mnq,
          createdAt: stage.clock.instant, status: .open, type: .stop, side: .sell, size: 1,
          stopPrice: .at("19990"))))
    account = try Self.account(stage)
    let position = try #require(account.positions.first)
    #expect(position.name == "MNQZ6")
    #expect(position.mark == .at("20010"))
    #expect(position.open == .of("40"))
    #expect(position.stop == .at("19990"))
    #expect(position.stopSize == 1)
    #expect(account.open == .of("40"))
    #expect(account.orders.map(\.stopPrice) == [.at("19990")])
    #expect(account.moreOrders == 0)
    #expect(account.quotes.first?.bid == .at("20009.75"))
    let mnq = account.rules[1].distances.first { $0.subject == "MNQ" }
    #expect(mnq?.used == 2)
    #expect(mnq?.left == 0)
    #expect(mnq?.percent == 100)
  }

  @Test func `every rule is told, those that are off too`() throws {
    let account = try Self.account(Self.read())
    #expect(account.rules.map(\.rule) == RuleID.allCases.filter { $0 != .failClosed })
    let settings = account.rules.filter(\.isEnabled).map(\.setting)
    #expect(
      settings == [
        "at most 5 contracts, net", "EP 2, MNQ 2", "a loss of 500.00 a day",
        "an open loss of 300.00 a position", "300 s after a loss of 100.00",
        "08:30 to 15:00 America/Chicago",
      ])
    #expect(account.rules.filter { !$0.isEnabled }.allSatisfy { $0.setting == "off" })
  }

  @Test func `every rule has words for what is set`() throws {
    let rules = RiskConfiguration(
      maxUnrealizedProfit: .init(mode: .breakeven(armAfterTicks: 8)),
      tradeFrequencyLimit: .init(windows: [
        .init(limit: 30, span: .seconds(3_600)), .init(limit: 50, span: nil),
      ]),
      noStopLossGrace: .init(grace: .seconds(30)), authLossGuard: .init(),
      symbolBlocks: .init(blocked: [SymbolRoot("RTY")]),
      tradeManagement: .init(
        autoStopTicks: 10, breakeven: .init(triggerTicks: 8),
        trailing: .init(activationTicks: 12, distanceTicks: 6)),
      dailyRealizedProfit: .init(target: .of("1000"), combined: true))
    let account = try Self.account(Self.read(rules))
    #expect(
      account.rules.filter(\.isEnabled).map(\.setting) == [
        "back at zero after 8 ticks of profit", "30 trades within 60 min, 50 trades a day",
        "a stop within 30 s", "locks while the venue forbids trading", "RTY",
        "a stop at 10 ticks, break-even after 8 ticks, a stop that follows by 6 ticks",
        "a profit of 1000.00 a day, open result included",
      ])
  }

  @Test func `a combined limit is not told from half of its sum`() throws {
    let rules = RiskConfiguration(
      dailyRealizedLoss: .init(lossLimit: .of("500"), combined: true))
    let stage = Self.read(rules)
    stage.hold(Sample.mnq, 1)
    let rule = try #require(try Self.account(stage).rules.first { $0.rule == .dailyRealizedLoss })
    #expect(rule.distances.isEmpty)
    #expect(rule.unknown == "no price of \(Sample.mnq)")
  }

  @Test func `a lockout has its reason, its end and what it means in plain words`() throws {
    let stage = Self.read()
    stage.trade("-600", id: 1)
    let account = try Self.account(stage)
    let lockout = try #require(account.lockouts.first { $0.rule == .dailyRealizedLoss })
    #expect(lockout.endsAt == account.dayEndsAt)
    #expect(lockout.ends == "at the daily reset")
    #expect(lockout.means == "no positions and no orders")
    #expect(lockout.reason.contains("the daily loss limit is 500.00"))
    #expect(account.realized == .of("-600"))
    #expect(account.trades.map(\.profit) == [.of("-600")])
    #expect(account.events.contains { $0.kind == .breach && $0.rule == .dailyRealizedLoss })
    #expect(account.events.contains { $0.kind == .lockout })
    #expect(account.totals.lockouts >= 1)
  }

  @Test func `what the enforcer did and proved is told, with the rule it is for`() throws {
    let stage = Self.read()
    stage.hold(Sample.mnq, 3)
    let target = try #require(stage.adopted.first)
    stage.report(
      .step(
        EnforcementStep(
          target: target.id, account: Sample.account, action: .reduce(Sample.mnq, by: 1),
          outcome: .accepted, sentAt: stage.clock.instant, duration: .milliseconds(80))))
    stage.report(
      .failing(target.id, passes: 3, problem: "market closed", at: stage.clock.instant))
    stage.report(
      .proven(
        target.id, EnforcementSummary(requests: 2, passes: 1, duration: .milliseconds(180)),
        at: stage.clock.instant))
    let account = try Self.account(stage)
    let told = account.events.filter { $0.rule == .maxContractsPerInstrument }
    #expect(told.map(\.kind).contains(.action))
    #expect(told.first { $0.kind == .failing }?.why == "market closed")
    #expect(told.first { $0.kind == .proven }?.why.contains("2 requests, 180 ms") == true)
    #expect(account.totals.actions == 1)
    #expect(account.totals.closes == 1)
    #expect(account.totals.cancels == 0)
  }

  @Test func `a lockout that ended is kept with how it ended`() throws {
    let stage = Self.read()
    stage.trade("-150", id: 1)
    #expect(try Self.account(stage).lockouts.map(\.rule) == [.cooldownAfterLoss])
    stage.clock.instant = stage.clock.instant + .seconds(301)
    stage.feed(.venueTime(stage.clock.instant, receivedAt: stage.clock.instant))
    let account = try Self.account(stage)
    #expect(account.lockouts.isEmpty)
    #expect(account.endedLockouts.map(\.ending) == ["its time was over"])
    #expect(account.endedLockouts.map(\.endedAt) == [stage.clock.instant])
  }

  @Test func `restored lockouts are told by an evaluator that starts over`() throws {
    let stage = Self.read()
    stage.trade("-600", id: 1)
    let next = EvaluatorStage(
      Self.rules, engine: RiskEngine(state: stage.role.engineState), quietStart: true)
    let account = try Self.account(next)
    #expect(account.lockouts.contains { $0.rule == .dailyRealizedLoss })
    #expect(account.doubt == "not read from the venue since the start")
  }

  @Test func `sessions are told for today and a week`() throws {
    let session = try #require(try Self.account(Self.read()).session)
    #expect(session.isInside)
    #expect(session.days.count == 8)
    #expect(session.days[0].note == nil)
    #expect(session.days[1].opens == nil)
    #expect(session.days[1].note == "holiday")
    #expect(session.days[2].note == "early close")
  }

  @Test func `the way from the venue is told`() throws {
    let stage = EvaluatorStage(Self.rules)
    #expect(stage.role.report().stream.hubs.map(\.isConnected) == [nil, nil])
    let start = stage.clock.instant
    stage.feed(.hub(.user, isConnected: true, receivedAt: start))
    stage.clock.instant = start + .seconds(5)
    stage.feed(.hub(.user, isConnected: true, receivedAt: stage.clock.instant))
    stage.feed(.quote(Quote(contract: Sample.mnq, last: .at("20000"))))
    stage.trade("10", id: 1)
    let stream = stage.role.report().stream
    #expect(stream.hubs.map(\.isConnected) == [true, nil])
    #expect(stream.hubs.first?.since == start)
    #expect(stream.lastQuoteAt == stage.clock.instant)
    #expect(stream.lastTradeAt == stage.clock.instant)
    #expect(stream.lastWriteAt == stage.clock.instant)
  }

  @Test func `a trade that was taken back is not shown`() throws {
    let stage = Self.read()
    stage.trade("10", id: 1)
    var trade = Trade(
      id: TradeID(1), account: Sample.account, contract: Sample.mnq,
      executedAt: stage.clock.instant, price: .at("20000"), profit: .of("10"), fees: .zero,
      side: .sell, size: 1, order: OrderID(1))
    trade.isVoided = true
    stage.feed(.trade(trade))
    #expect(try Self.account(stage).trades.isEmpty)
  }

  @Test func `asking for a report changes nothing`() {
    let stage = Self.read()
    stage.hold(Sample.mnq, 2)
    let before = stage.role.engineState
    _ = stage.role.report()
    #expect(stage.role.engineState == before)
    #expect(stage.host.turnsWanted == 0)
  }
}
