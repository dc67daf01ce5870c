/// Dates on which the market is closed or closes early.
///
/// An operator's file says which; riskd knows no holiday by itself.
package struct HolidayCalendar: Hashable, Sendable, Codable {
  /// The zone of the closing times.
  package var zone: TimeZoneRule
  /// Trading days without a session.
  package var closed: [CivilDate]
  package var earlyCloses: [EarlyClose]

  package struct EarlyClose: Hashable, Sendable, Codable {
    package var date: CivilDate
    package var time: TimeOfDay

    package init(date: CivilDate, time: TimeOfDay) {
      self.date = date
      self.time = time
    }
  }

  package init(
    zone: TimeZoneRule = .chicago, closed: [CivilDate] = [], earlyCloses: [EarlyClose] = []
  ) {
    self.zone = zone
    self.closed = closed
    self.earlyCloses = earlyCloses
  }

  package func isClosed(on date: CivilDate) -> Bool { closed.contains(date) }

  /// When the market closes on a date of which the calendar says so.
  package func earlyClose(on date: CivilDate) -> Instant? {
    earlyCloses.first { $0.date == date }.map { zone.instant(of: $0.time, on: date) }
  }
}

/// The hours in which somebody trades, by wall clock.
///
/// A session whose end is not after its start begins on the evening before the date that it
/// belongs to: 18:00 to 17:00 of a Monday begins on Sunday.
package struct SessionHours: Hashable, Sendable, Codable {
  package var start: TimeOfDay
  package var end: TimeOfDay
  package var zone: TimeZoneRule

  package init(start: TimeOfDay, end: TimeOfDay, zone: TimeZoneRule) {
    self.start = start
    self.end = end
    self.zone = zone
  }

  package var beginsOnEve: Bool { end <= start }
}

/// The sessions of a symbol or an account: hours on some days of the week, less the holidays.
package struct SessionPlan: Hashable, Sendable, Codable {
  package var hours: SessionHours
  /// Days of the week, 0 is Monday. A session belongs to the date on which it ends.
  package var days: [Int]
  package var holidays: HolidayCalendar

  package static let workdays = [0, 1, 2, 3, 4]
  /// Longer than any row of days without a session: a plan that has none in it has none at all.
  static let horizon = 400

  package init(
    hours: SessionHours, days: [Int] = SessionPlan.workdays,
    holidays: HolidayCalendar = HolidayCalendar()
  ) {
    self.hours = hours
    self.days = days
    self.holidays = holidays
  }

  /// The session of a date; `nil` when there is none.
  package func session(of date: CivilDate) -> Range<Instant>? {
    guard days.contains((date.weekday + 6) % 7), !holidays.isClosed(on: date) else { return nil }
    let eve = hours.beginsOnEve ? date.adding(days: -1) : date
    let start = hours.zone.instant(of: hours.start, on: eve)
    let regular = hours.zone.instant(of: hours.end, on: date)
    let end = min(regular, holidays.earlyClose(on: date) ?? regular)
    return start < end ? start..<end : nil
  }

  /// The session that is under way at a moment.
  package func session(at instant: Instant) -> Range<Instant>? {
    let date = hours.zone.localTime(of: instant).date
    return [date, date.adding(days: 1)].lazy.compactMap { session(of: $0) }
      .first { $0.contains(instant) }
  }

  package func isOpen(at instant: Instant) -> Bool { session(at: instant) != nil }

  /// The next beginning of a session after a moment; `nil` when the plan has none within a year.
  package func nextStart(after instant: Instant) -> Instant? {
    let date = hours.zone.localTime(of: instant).date
    for day in 0..<SessionPlan.horizon {
      if let session = session(of: date.adding(days: day)), session.lowerBound > instant {
        return session.lowerBound
      }
    }
    return nil
  }
}
