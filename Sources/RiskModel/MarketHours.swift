/// The weekly hours of a futures market: one session for each day from Monday to Friday, less the
/// holidays. Products that keep other hours than the market have their own.
///
/// They only tell whether silence of the market is remarkable; no rule opens or closes by them.
package struct MarketHours: Hashable, Sendable, Codable {
  package var zone: TimeZoneRule
  /// When the session of a day begins: the evening before, where that is later than `close`.
  package var open: TimeOfDay
  /// When the session of the day ends.
  package var close: TimeOfDay
  /// Days whose session does not take place, neither the evening before nor the day itself, and
  /// days whose session ends early.
  package var holidays: HolidayCalendar
  /// What is stored without it has none.
  private var products: [SymbolRoot: Session]?

  /// The hours of one product, in the zone of the market.
  package struct Session: Hashable, Sendable, Codable {
    package var open: TimeOfDay
    package var close: TimeOfDay

    package init(open: TimeOfDay, close: TimeOfDay) {
      precondition(open != close, "Condition failed: a session has a length")
      self.open = open
      self.close = close
    }
  }

  package init(
    zone: TimeZoneRule = .chicago, open: TimeOfDay = TimeOfDay(hour: 17, minute: 0),
    close: TimeOfDay = TimeOfDay(hour: 16, minute: 0),
    holidays: HolidayCalendar = HolidayCalendar(), products: [SymbolRoot: Session] = [:]
  ) {
    precondition(open != close, "Condition failed: a session has a length")
    self.zone = zone
    self.open = open
    self.close = close
    self.holidays = holidays
    self.products = products.isEmpty ? nil : products
  }

  /// The CME's electronic futures market: Sunday 17:00 to Friday 16:00 in Chicago, with a halt from
  /// 16:00 to 17:00 each day; no holidays.
  package static let standard = MarketHours()

  package init() {
    self.init(zone: .chicago)
  }

  /// Whether the market is open; of a product with hours of its own, whether that is.
  package func isOpen(at instant: Instant, for root: SymbolRoot? = nil) -> Bool {
    let session = root.flatMap { products?[$0] } ?? Session(open: open, close: close)
    let (date, time) = zone.localTime(of: instant)
    let beginsOnEve = session.close < session.open
    if beginsOnEve, time >= session.open { return hasSession(date.adding(days: 1)) }
    guard time < session.close, beginsOnEve || time >= session.open, hasSession(date) else {
      return false
    }
    return holidays.earlyClose(on: date).map { instant < $0 } ?? true
  }

  private func hasSession(_ date: CivilDate) -> Bool {
    (1...5).contains(date.weekday) && !holidays.isClosed(on: date)
  }
}
