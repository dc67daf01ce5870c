package import RiskModel

/// The hours in which the account may trade; where no rule keeps hours, those of the exchange.
package struct SessionReport: Equatable, Sendable, Codable {
  package var isInside: Bool
  /// The end of the session that is under way, or the beginning of the next.
  package var changesAt: Instant?
  /// Today and the days after it.
  package var days: [Day]
  /// Whether these are hours that no rule keeps; `nil` means that a rule does.
  package var isOfExchange: Bool?
  /// The first one after today that the calendar knows.
  package var nextHoliday: Day?
  package var nextEarlyClose: Day?

  package struct Day: Equatable, Sendable, Codable {
    package var date: CivilDate
    /// `nil` on a day without a session.
    package var opens: Instant?
    package var closes: Instant?
    /// `holiday`, `early close`, or nothing.
    package var note: String?

    package init(date: CivilDate, opens: Instant?, closes: Instant?, note: String? = nil) {
      self.date = date
      self.opens = opens
      self.closes = closes
      self.note = note
    }
  }

  package init(isInside: Bool, changesAt: Instant?, days: [Day]) {
    self.isInside = isInside
    self.changesAt = changesAt
    self.days = days
  }
}

extension SessionReport {
  private static let daysShown = 8

  /// What a plan says at a moment.
  package init(_ plan: SessionPlan, at now: Instant) {
    let today = plan.hours.zone.localTime(of: now).date
    let session = plan.session(at: now)
    self.init(
      isInside: session != nil, changesAt: session?.upperBound ?? plan.nextStart(after: now),
      days: (0..<Self.daysShown).map { Day(today.adding(days: $0), plan) })
    func next(_ dates: [CivilDate]) -> Day? {
      dates.filter { $0 > today }.min().map { Day($0, plan) }
    }
    nextHoliday = next(plan.holidays.closed)
    nextEarlyClose = next(plan.holidays.earlyCloses.map(\.date))
  }
}

extension SessionReport.Day {
  fileprivate init(_ date: CivilDate, _ plan: SessionPlan) {
    let session = plan.session(of: date)
    let isEarly = plan.holidays.earlyCloses.contains { $0.date == date }
    let note = plan.holidays.isClosed(on: date) ? "holiday" : isEarly ? "early close" : nil
    self.init(date: date, opens: session?.lowerBound, closes: session?.upperBound, note: note)
  }
}

extension SessionPlan {
  /// The sessions of the exchange, Monday to Friday.
  package init(_ hours: MarketHours) {
    self.init(
      hours: SessionHours(start: hours.open, end: hours.close, zone: hours.zone),
      holidays: hours.holidays)
  }
}
