import FoundationEssentials
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Silence is remarkable only while the market is open.
@Suite struct MarketCalendarTests {
  private func isStale(_ hours: MarketHours) -> Bool {
    var scene = EngineScene(RiskConfiguration(marketHours: hours))
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(60))
    return scene.wait(.seconds(61)).contains(.notice(.markStale(Sample.account, Sample.mnq)))
  }

  private func time(_ time: TimeOfDay, plus minutes: Int) -> TimeOfDay {
    let minute = time.secondsSinceMidnight / 60 + minutes
    return TimeOfDay(hour: minute / 60, minute: minute % 60)
  }

  private var today: CivilDate { TimeZoneRule.chicago.localTime(of: Sample.morning).date }

  @Test func `a price is not stale on a holiday nor after an early close`() {
    #expect(isStale(.standard))
    #expect(!isStale(MarketHours(holidays: HolidayCalendar(closed: [today]))))
    let (date, time) = TimeZoneRule.chicago.localTime(of: Sample.morning + .seconds(30))
    let closing = HolidayCalendar.EarlyClose(date: date, time: time)
    #expect(!isStale(MarketHours(holidays: HolidayCalendar(earlyCloses: [closing]))))
  }

  @Test func `a price is not stale outside of the hours of its product`() {
    let (_, time) = TimeZoneRule.chicago.localTime(of: Sample.morning)
    let before = self.time(time, plus: -60)
    let after = self.time(time, plus: 60)
    func isStale(of root: SymbolRoot) -> Bool {
      self.isStale(MarketHours(products: [root: .init(open: after, close: before)]))
    }
    #expect(!isStale(of: Sample.mnq.root))
    #expect(isStale(of: Sample.mes.root))
  }

  @Test func `a market that has just opened is given its time for the first price`() {
    let (_, time) = TimeZoneRule.chicago.localTime(of: Sample.morning)
    let hours = MarketHours(open: self.time(time, plus: 10), close: self.time(time, plus: 130))
    var scene = EngineScene(RiskConfiguration(marketHours: hours))
    scene.hold(Sample.mnq, 2)
    let stale = Effect.notice(.markStale(Sample.account, Sample.mnq))
    for _ in 0..<11 { #expect(!scene.wait(.seconds(60)).contains(stale)) }
    var told = 0
    for _ in 0..<3 where scene.wait(.seconds(60)).contains(stale) { told += 1 }
    #expect(told == 1)
  }

  @Test func `a state that was stored without hours has the standard ones`() throws {
    let data = try JSONEncoder().encode(RiskConfiguration())
    #expect(try JSONDecoder().decode(RiskConfiguration.self, from: data) == RiskConfiguration())
    let text = String(decoding: data, as: UTF8.self)
    try #require(text.contains("\"marketHours\":"))
    let old = try JSONDecoder().decode(
      RiskConfiguration.self,
      from: Data(text.replacing("\"marketHours\":", with: "\"another\":").utf8))
    #expect(old.marketHours == .standard)
  }
}
