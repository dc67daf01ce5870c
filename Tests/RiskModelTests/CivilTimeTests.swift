import Glibc
import RiskModel
import RiskTestKit
import Testing

@Suite struct CivilTimeTests {
  @Test func `dates count days both ways`() {
    for days in stride(from: -200_000, to: 200_000, by: 37) {
      let date = CivilDate(daysSinceEpoch: days)
      #expect(date.daysSinceEpoch == days)
      #expect((1...12).contains(date.month) && (1...31).contains(date.day))
    }
    #expect(CivilDate(year: 2026, month: 11, day: 22).weekday == 0)
    #expect(CivilDate(year: 2024, month: 2, day: 28).adding(days: 1).day == 29)
    #expect(CivilDate(year: 2026, month: 3, day: 7).description == "2026-03-07")
    #expect(CivilDate(year: 2025, month: 12, day: 31) < CivilDate(year: 2026, month: 1, day: 1))
  }

  @Test(arguments: ["24:00", "7:00", "17:60", "17", "17:00:00", "aa:bb", "", "-1:00", "+1:00"])
  func `a time of day is HH:MM`(text: String) {
    #expect(TimeOfDay(text) == nil)
  }

  @Test func `a time of day reads and shows`() throws {
    let time = try #require(TimeOfDay("08:30"))
    #expect(time == TimeOfDay(hour: 8, minute: 30))
    #expect(time.description == "08:30")
    #expect(time < TimeOfDay(hour: 17, minute: 0))
  }

  /// Every hour of eight years, and every second around each change, in each supported zone.
  @Test(.serialized, arguments: TimeZoneRule.supported)
  func `offsets equal those of the zone data`(zone: TimeZoneRule) {
    let data = ZoneData(zone.identifier)
    let start = 1_735_689_600  // 2025-01-01T00:00:00Z
    for hour in 0..<(8 * 366 * 24) {
      let second = start + hour * 3_600
      for offset in [0, -1] {
        let instant = Instant(secondsSinceEpoch: Int64(second + offset))
        #expect(zone.offset(at: instant) == data.offset(at: second + offset))
      }
    }
  }

  @Test func `a skipped time moves on and a doubled time is the first`() {
    let zone = TimeZoneRule.chicago
    let spring = CivilDate(year: 2026, month: 3, day: 8)
    let skipped = zone.instant(of: TimeOfDay(hour: 2, minute: 30), on: spring)
    #expect(zone.localTime(of: skipped).time == TimeOfDay(hour: 3, minute: 30))
    let autumn = CivilDate(year: 2026, month: 11, day: 1)
    let doubled = zone.instant(of: TimeOfDay(hour: 1, minute: 30), on: autumn)
    #expect(zone.offset(at: doubled) == -5 * 3_600)
  }

  @Test func `zones are known by name`() {
    #expect(TimeZoneRule.named("America/Chicago") == .chicago)
    #expect(TimeZoneRule.named("Europe/Paris") == nil)
  }

  @Test func `a trading day runs from reset to reset`() {
    let rule = TradingDayRule.standard
    let date = CivilDate(year: 2026, month: 11, day: 18)
    #expect(rule.tradingDate(at: Sample.morning) == date)
    #expect(rule.tradingDate(at: rule.start(of: date)) == date)
    #expect(
      rule.tradingDate(at: rule.start(of: date) - TimeSpan(nanos: 1)) == date.adding(days: -1))
    #expect(rule.tradingDate(at: rule.end(of: date)) == date.adding(days: 1))
    #expect(rule.nextReset(after: Sample.morning) == rule.end(of: date))
    // 17:00 in Chicago is 23:00 in UTC in winter and 22:00 in summer.
    #expect(rule.end(of: date) == Instant(secondsSinceEpoch: 1_795_042_800))
  }

  @Test(arguments: [(2026, 3, 8, 23), (2026, 11, 1, 25), (2027, 3, 14, 23), (2027, 11, 7, 25)])
  func `the day of a change is an hour shorter or longer`(y: Int, m: Int, d: Int, hours: Int64) {
    let rule = TradingDayRule.standard
    let date = CivilDate(year: y, month: m, day: d)
    #expect(rule.end(of: date) - rule.start(of: date) == .seconds(hours * 3_600))
  }

  struct Moment: Sendable {
    var hoursAfterWednesday10: Int64
    var isOpen: Bool
  }

  @Test(arguments: [
    Moment(hoursAfterWednesday10: 0, isOpen: true),
    // The daily halt from 16:00 to 17:00.
    Moment(hoursAfterWednesday10: 6, isOpen: false),
    Moment(hoursAfterWednesday10: 7, isOpen: true),
    // Friday 16:00, Saturday, Sunday 10:00 and 17:00.
    Moment(hoursAfterWednesday10: 54, isOpen: false),
    Moment(hoursAfterWednesday10: 72, isOpen: false),
    Moment(hoursAfterWednesday10: 96, isOpen: false),
    Moment(hoursAfterWednesday10: 103, isOpen: true),
  ])
  func `silence is remarkable in market hours only`(moment: Moment) {
    let instant = Sample.morning + .seconds(moment.hoursAfterWednesday10 * 3_600)
    #expect(MarketHours.standard.isOpen(at: instant) == moment.isOpen)
  }
}

/// The C library's zone data, read through a `tm` in the wanted zone.
private struct ZoneData {
  private let identifier: String

  init(_ identifier: String) {
    self.identifier = identifier
  }

  func offset(at second: Int) -> Int {
    ZoneData.use(identifier)
    var time = time_t(second)
    var parts = tm()
    localtime_r(&time, &parts)
    return parts.tm_gmtoff
  }

  private static func use(_ identifier: String) {
    if getenv("TZ").map({ String(cString: $0) }) != identifier {
      setenv("TZ", identifier, 1)
      tzset()
    }
  }
}
