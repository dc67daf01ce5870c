import FoundationEssentials
import RiskModel
import Testing

@Suite struct MarketHoursTests {
  @Test func `a holiday takes the evening before and the day`() {
    var hours = MarketHours.standard
    let wednesday = CivilDate(year: 2026, month: 11, day: 25)
    hours.holidays.closed = [wednesday.adding(days: 1)]
    let noon = TradingDayRule.standard.start(of: wednesday) + .seconds(19 * 3_600)
    let isOpen = [0, 3, 5, 12, 27, 29, 45].map { hours.isOpen(at: noon + .seconds($0 * 3_600)) }
    // Wednesday 12:00, 15:00 and 17:00; Thursday 00:00, 15:00 and 17:00; Friday 09:00.
    #expect(isOpen == [true, true, false, false, false, true, true])
  }

  @Test func `an early close ends the session of its day, not the next one`() {
    let friday = CivilDate(year: 2026, month: 11, day: 27)
    let hours = MarketHours(
      holidays: HolidayCalendar(
        earlyCloses: [.init(date: friday, time: TimeOfDay(hour: 12, minute: 15))]))
    func isOpen(_ date: CivilDate, _ hour: Int, _ minute: Int) -> Bool {
      let time = TimeOfDay(hour: hour, minute: minute)
      return hours.isOpen(at: TimeZoneRule.chicago.instant(of: time, on: date))
    }
    #expect(isOpen(friday.adding(days: -1), 15, 59))
    #expect(isOpen(friday.adding(days: -1), 17, 0))
    #expect(isOpen(friday, 12, 14))
    #expect(!isOpen(friday, 12, 15))
    #expect(!isOpen(friday, 15, 59))
    #expect(!isOpen(friday, 17, 0))
    #expect(isOpen(friday.adding(days: 2), 17, 0))
  }

  @Test func `a product keeps hours of its own, also within one day`() throws {
    let hours = MarketHours(
      products: [
        SymbolRoot("ZC"): .init(
          open: TimeOfDay(hour: 19, minute: 0), close: TimeOfDay(hour: 13, minute: 20)),
        SymbolRoot("HE"): .init(
          open: TimeOfDay(hour: 8, minute: 30), close: TimeOfDay(hour: 13, minute: 5)),
      ])
    let tuesday = CivilDate(year: 2026, month: 11, day: 24)
    func open(_ root: String, _ date: CivilDate, _ hour: Int, _ minute: Int = 0) -> Bool {
      let time = TimeOfDay(hour: hour, minute: minute)
      return hours.isOpen(
        at: TimeZoneRule.chicago.instant(of: time, on: date), for: SymbolRoot(root))
    }
    #expect(open("ZC", tuesday, 13, 19) && !open("ZC", tuesday, 13, 20))
    #expect(!open("ZC", tuesday, 18, 59) && open("ZC", tuesday, 19))
    #expect(!open("HE", tuesday, 8, 29) && open("HE", tuesday, 8, 30))
    #expect(!open("HE", tuesday, 13, 5) && !open("HE", tuesday, 19))
    #expect(open("MNQ", tuesday, 15, 59) && !open("MNQ", tuesday, 16, 30))
    let sunday = tuesday.adding(days: -2)
    #expect(!open("HE", sunday, 9) && !open("ZC", sunday, 18) && open("ZC", sunday, 19))
    let text = try JSONEncoder().encode(hours)
    #expect(try JSONDecoder().decode(MarketHours.self, from: text) == hours)
    let old = try JSONEncoder().encode(MarketHours.standard)
    #expect(!String(decoding: old, as: UTF8.self).contains("products"))
  }
}
