import Glibc
import RiskModel
import RiskTestKit
import Testing

@Suite struct TradingSessionTests {
  private static let chicago = TimeZoneRule.chicago

  private func plan(
    _ start: String, _ end: String, days: [Int] = SessionPlan.workdays,
    holidays: HolidayCalendar = HolidayCalendar(), zone: TimeZoneRule = chicago
  ) throws -> SessionPlan {
    let hours = SessionHours(
      start: try #require(TimeOfDay(start)), end: try #require(TimeOfDay(end)), zone: zone)
    return SessionPlan(hours: hours, days: days, holidays: holidays)
  }

  private func moment(_ hour: Int, _ minute: Int, _ date: CivilDate) -> Instant {
    Self.chicago.instant(of: TimeOfDay(hour: hour, minute: minute), on: date)
  }

  private let friday = CivilDate(year: 2026, month: 11, day: 20)

  @Test func `a night session belongs to the day on which it ends`() throws {
    let plan = try plan("17:00", "16:00")
    #expect(plan.isOpen(at: moment(15, 59, friday)))
    #expect(!plan.isOpen(at: moment(16, 0, friday)))
    #expect(!plan.isOpen(at: moment(17, 0, friday)))
    #expect(!plan.isOpen(at: moment(12, 0, friday.adding(days: 1))))
    #expect(!plan.isOpen(at: moment(16, 59, friday.adding(days: 2))))
    #expect(plan.isOpen(at: moment(17, 0, friday.adding(days: 2))))
    #expect(plan.nextStart(after: moment(16, 0, friday)) == moment(17, 0, friday.adding(days: 2)))
  }

  @Test func `a holiday takes the night before it and not the night after it`() throws {
    let thursday = friday.adding(days: -1)
    let plan = try plan("17:00", "16:00", holidays: HolidayCalendar(closed: [thursday]))
    #expect(!plan.isOpen(at: moment(20, 0, thursday.adding(days: -1))))
    #expect(!plan.isOpen(at: moment(10, 0, thursday)))
    #expect(plan.isOpen(at: moment(20, 0, thursday)))
  }

  @Test func `an early close never makes a session longer, and may take all of it`() throws {
    func plan(_ close: String) throws -> SessionPlan {
      let time = try #require(TimeOfDay(close))
      return try self.plan(
        "08:30", "15:00", holidays: HolidayCalendar(earlyCloses: [.init(date: friday, time: time)]))
    }
    #expect(try plan("12:15").session(of: friday)?.upperBound == moment(12, 15, friday))
    #expect(try plan("16:00").session(of: friday)?.upperBound == moment(15, 0, friday))
    #expect(try plan("08:15").session(of: friday) == nil)
  }

  @Test func `a plan without days has no next session`() throws {
    #expect(try plan("08:30", "15:00", days: []).nextStart(after: Sample.morning) == nil)
  }

  /// Every half hour of six years, against the wall clock of the C library.
  @Test(.serialized, arguments: TimeZoneRule.supported)
  func `sessions follow the wall clock of the zone data`(zone: TimeZoneRule) throws {
    let day = try plan("08:30", "15:00", zone: zone)
    let night = try plan("18:00", "17:00", zone: zone)
    let start = 1_767_225_600  // 2026-01-01T00:00:00Z
    setenv("TZ", zone.identifier, 1)
    tzset()
    var wrong: [Int] = []
    var wasNight = true
    for second in stride(from: start, to: start + 6 * 366 * 86_400, by: 1_800) {
      var time = time_t(second)
      var parts = tm()
      localtime_r(&time, &parts)
      let minute = Int(parts.tm_hour) * 60 + Int(parts.tm_min)
      let isWorkday = (1...5).contains(parts.tm_wday)
      let isDay = isWorkday && (510..<900).contains(minute)
      let isNight =
        isWorkday && minute < 17 * 60 || (0...4).contains(parts.tm_wday) && minute >= 18 * 60
      let instant = Instant(secondsSinceEpoch: Int64(second))
      if day.isOpen(at: instant) != isDay || night.isOpen(at: instant) != isNight {
        wrong.append(second)
      }
      if isNight, !wasNight, night.nextStart(after: instant - .seconds(1)) != instant {
        wrong.append(second)
      }
      wasNight = isNight
    }
    #expect(wrong.isEmpty)
  }

  /// The reset is at 17:00 of the wall clock on every date, once, whatever the clocks do.
  @Test func `resets follow the wall clock of the zone data`() {
    setenv("TZ", "America/Chicago", 1)
    tzset()
    let rule = TradingDayRule.standard
    var date = CivilDate(year: 2025, month: 1, day: 1)
    var last = rule.end(of: date)
    for _ in 0..<(10 * 366) {
      date = date.adding(days: 1)
      let reset = rule.end(of: date)
      var time = time_t(reset.nanosSinceEpoch / Instant.nanosPerSecond)
      var parts = tm()
      localtime_r(&time, &parts)
      #expect(parts.tm_hour == 17 && parts.tm_min == 0 && parts.tm_sec == 0)
      #expect(Int(parts.tm_mday) == date.day && Int(parts.tm_mon) + 1 == date.month)
      #expect([23, 24, 25].contains((reset - last).nanos / 3_600_000_000_000))
      #expect(rule.tradingDate(at: reset - TimeSpan(nanos: 1)) == date)
      #expect(rule.tradingDate(at: reset) == date.adding(days: 1))
      last = reset
    }
  }

  @Test func `a stop is met by one that is as tight`() {
    let stop = ProtectiveStop(side: .sell, price: .at("100"))
    func order(
      _ price: String?, _ side: Side = .sell, _ type: OrderType = .stop,
      _ status: OrderStatus = .open
    ) -> Order {
      Order(
        id: OrderID(1), account: Sample.account, contract: Sample.mnq, createdAt: Sample.morning,
        status: status, type: type, side: side, size: 1, stopPrice: price.map(Price.at))
    }
    #expect(stop.isMet(by: order("100")) && stop.isMet(by: order("101")))
    #expect(!stop.isMet(by: order("99.75")) && !stop.isMet(by: order(nil)))
    #expect(!stop.isMet(by: order("100", .buy)) && !stop.isMet(by: order("100", .sell, .limit)))
    #expect(!stop.isMet(by: order("100", .sell, .stop, .filled)))
    #expect(ProtectiveStop(side: .buy, price: .at("100")).isMet(by: order("99", .buy)))
  }
}
