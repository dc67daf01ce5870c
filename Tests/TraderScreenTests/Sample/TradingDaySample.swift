package import RiskModel
package import TraderFeed

/// A trading day in New York's winter: Friday 2025-11-21, 14:30:05 in Chicago.
package enum TradingDaySample {
  package static let now = Instant(secondsSinceEpoch: 1_763_757_005)
  static let mnq = ContractID("CON.F.US.MNQ.Z25")
  static let es = ContractID("CON.F.US.EP.Z25")

  package static func before(_ seconds: Int64) -> Instant { now - .seconds(seconds) }

  package static func feed() -> TraderFeed {
    TraderFeed(
      at: before(0), service: service, accounts: [account()],
      clock: ClockReport(clockedInAt: before(3_600), earlierToday: .seconds(1_425)))
  }

  package static var service: ServiceReport {
    var service = ServiceReport()
    service.release = "1.0.0"
    service.status =
      "RUNNING: gateway ready, evaluator ready, enforcer ready, monitor ready; 0 deaths in 600 s"
    service.startedAt = before(90_061)
    service.workers = [
      WorkerReport(name: "gateway", heardAt: before(1)),
      WorkerReport(name: "evaluator", heardAt: before(0)),
      WorkerReport(name: "enforcer", heardAt: before(2), problem: "the venue is busy"),
    ]
    service.stream.hubs = [
      HubReport(name: "user", isConnected: true, since: before(90_000)),
      HubReport(name: "market", isConnected: false, since: before(65)),
    ]
    service.tokenValidUntil = now + .seconds(36_000)
    service.stream.lastTradeAt = before(330)
    service.stream.lastQuoteAt = before(65)
    service.stream.lastEventAt = before(12)
    service.stream.events = 48_211
    service.database = DatabaseReport(
      path: "data/risk_manager.db", bytes: 12_582_912)
    service.stream.lastWriteAt = before(1)
    return service
  }

  package static func account(id: Int64 = 1_001) -> AccountReport {
    var account = AccountReport(
      id: AccountID(id), at: before(0), tradingDate: CivilDate(year: 2_025, month: 11, day: 21),
      dayStartedAt: before(77_405), dayEndsAt: now + .seconds(8_995))
    account.name = "50KTC-V2-\(id)"
    account.canTrade = true
    account.balance = Money(dollars: 50_880)
    account.realized = Money(dollars: -120)
    account.costs = Money(micros: 7_400_000)
    account.open = Money(micros: 35_500_000)
    account.positions = positions
    account.orders = [stop]
    account.quotes = quotes
    account.rules = rules
    account.lockouts = [cooldown]
    account.endedLockouts = [endedCooldown]
    account.trades = trades
    account.events = events
    account.totals = totals
    account.session = session
    account.course = course
    account.worstOpen = ResultPoint(at: before(7_200), result: Money(dollars: -95))
    account.bestOpen = ResultPoint(at: before(600), result: Money(micros: 61_250_000))
    return account
  }

  static var positions: [PositionReport] {
    var long = PositionReport(
      contract: mnq, signedSize: 2, averagePrice: Price(nanos: 21_000_125_000_000),
      openedAt: before(330))
    long.name = "MNQZ25"
    long.mark = Price(nanos: 21_009_000_000_000)
    long.markedAt = before(65)
    long.open = Money(micros: 35_500_000)
    long.stop = Price(nanos: 20_980_000_000_000)
    long.stopSize = 2
    return [long]
  }

  static var stop: OrderReport {
    var order = OrderReport(
      id: OrderID(3_400_000_001), contract: mnq, type: .stop, side: .sell, size: 2, status: .open,
      createdAt: before(325))
    order.name = "MNQZ25"
    order.stopPrice = Price(nanos: 20_980_000_000_000)
    return order
  }

  static var quotes: [QuoteReport] {
    var quote = QuoteReport(contract: mnq)
    quote.name = "MNQZ25"
    quote.bid = Price(nanos: 21_008_750_000_000)
    quote.ask = Price(nanos: 21_009_250_000_000)
    quote.last = Price(nanos: 21_009_000_000_000)
    quote.at = before(65)
    return [quote]
  }

  static func rule(
    _ rule: RuleID, _ setting: String, _ distances: [DistanceReport] = [], unknown: String? = nil
  ) -> RuleReport {
    var report = RuleReport(rule: rule, isEnabled: true, setting: setting)
    report.distances = distances
    report.unknown = unknown
    return report
  }

  static func distance(
    _ unit: DistanceReport.Unit, _ used: Int64, _ limit: Int64, of subject: String? = nil
  ) -> DistanceReport {
    DistanceReport(
      subject: subject, unit: unit, used: used, limit: limit, left: max(0, limit - used),
      percent: used > 0 ? used * 100 / limit : 0)
  }

  static var rules: [RuleReport] {
    [
      rule(.maxContracts, "at most 5 contracts", [distance(.contracts, 2, 5)]),
      rule(
        .maxContractsPerInstrument, "MNQ 2, NQ 1, ES 1",
        [distance(.contracts, 2, 2, of: "MNQ"), distance(.contracts, 0, 1, of: "EP")]),
      rule(
        .dailyRealizedLoss, "500.00 a day", [distance(.money, 120_000_000, 500_000_000)]),
      rule(
        .dailyUnrealizedLoss, "300.00 a position",
        [distance(.money, -35_500_000, 300_000_000, of: mnq.text)]),
      rule(
        .maxUnrealizedProfit, "1000.00 a position",
        [distance(.money, 35_500_000, 1_000_000_000, of: mnq.text)]),
      rule(.tradeFrequencyLimit, "30 trades within 60 min", [distance(.trades, 23, 30)]),
      rule(.cooldownAfterLoss, "300 s after a loss of 100.00"),
      rule(.noStopLossGrace, "a stop within 30 s"),
      rule(
        .sessionBlockOutside, "08:30 to 15:00 Chicago",
        [distance(.time, 21_605_000_000_000, 23_400_000_000_000)]),
      rule(.authLossGuard, "locks while the venue forbids trading"),
      rule(.symbolBlocks, "RTY"),
      RuleReport(rule: .tradeManagement, isEnabled: false, setting: "off"),
      RuleReport(rule: .dailyRealizedProfit, isEnabled: false, setting: "off"),
    ]
  }

  static var cooldown: LockoutReport {
    LockoutReport(
      id: TargetID(inputOrdinal: 184, index: 0), rule: .cooldownAfterLoss, since: before(110),
      endsAt: now + .seconds(190), ends: "at 14:33:15",
      reason: "A trade in MNQZ25 lost 120.00; from 100.00 on you take a break.",
      means: "nothing may be added to what is held", reentries: 1)
  }

  static var endedCooldown: LockoutReport {
    var lockout = LockoutReport(
      id: TargetID(inputOrdinal: 97, index: 1), rule: .tradeFrequencyLimit, since: before(9_000),
      endsAt: before(8_900), ends: "at 12:01:45",
      reason: "You made 31 trades within 3600 s; the limit is 30.", means: "no new exposure")
    lockout.endedAt = before(8_900)
    lockout.ending = "its time was over"
    return lockout
  }

  static var trades: [TradeReport] {
    [
      TradeReport(
        id: TradeID(12), at: before(110), contract: mnq, side: .sell, size: 1,
        price: Price(nanos: 20_960_000_000_000), profit: Money(dollars: -120)),
      TradeReport(
        id: TradeID(11), at: before(330), contract: mnq, side: .buy, size: 3,
        price: Price(nanos: 21_000_250_000_000), profit: nil),
    ]
  }

  static var events: [EventReport] {
    [
      EventReport(
        at: before(108), kind: .proven, rule: .cooldownAfterLoss, what: "proven at the venue",
        why: "2 requests, 180 ms"),
      EventReport(
        at: before(109), kind: .action, rule: .cooldownAfterLoss, what: "reduced MNQZ25 by 1",
        why: "accepted"),
      EventReport(
        at: before(110), kind: .breach, rule: .cooldownAfterLoss, what: "rule broken",
        why: "A trade in MNQZ25 lost 120.00; from 100.00 on you take a break."),
    ]
  }

  static var totals: EnforcementTotals {
    var totals = EnforcementTotals()
    totals.actions = 4
    totals.closes = 2
    totals.cancels = 1
    totals.lockouts = 2
    totals.since = before(77_405)
    return totals
  }

  package static var session: SessionReport {
    let zone = TimeZoneRule.chicago
    let first = CivilDate(year: 2_025, month: 11, day: 21)
    let days = (0..<8).map { offset in
      let date = first.adding(days: offset)
      let isClosed = [0, 6].contains(date.weekday) || offset == 6
      let isEarly = offset == 7
      return SessionReport.Day(
        date: date,
        opens: isClosed ? nil : zone.instant(of: TimeOfDay(hour: 8, minute: 30), on: date),
        closes: isClosed
          ? nil : zone.instant(of: TimeOfDay(hour: isEarly ? 12 : 15, minute: 0), on: date),
        note: offset == 6 ? "holiday" : isEarly ? "early close" : nil)
    }
    var session = SessionReport(isInside: true, changesAt: now + .seconds(1_795), days: days)
    session.nextHoliday = days[6]
    session.nextEarlyClose = days[7]
    return session
  }

  /// Every half hour of the day, with a gap around noon.
  static var course: [ResultPoint] {
    (0..<43).map { index in
      let dollars = index < 20 ? Int64(index) * 8 : 160 - Int64(index - 20) * 18
      let isGap = (28..<32).contains(index)
      return ResultPoint(
        at: before(77_405) + .seconds(Int64(index) * 1_800),
        result: isGap ? nil : Money(dollars: dollars))
    }
  }
}
