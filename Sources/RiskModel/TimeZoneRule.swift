/// A time zone of the United States (or UTC) as a rule instead of a data file.
///
/// Daylight-saving time runs from the second Sunday of March, 02:00 local standard time, to the
/// first Sunday of November, 02:00 local daylight time (15 U.S.C. § 260a, since 2007). Pure code
/// needs no zone files for this; a test compares every transition with the C library's data.
package struct TimeZoneRule: Hashable, Sendable, Codable {
  package var identifier: String
  /// Offset of standard time from UTC in seconds; negative to the west.
  package var standardOffset: Int
  package var observesDaylightSaving: Bool

  package static let chicago = TimeZoneRule(
    identifier: "America/Chicago", standardOffset: -6 * 3_600, observesDaylightSaving: true)

  /// The zones that a configuration may name.
  package static let supported: [TimeZoneRule] = [
    chicago,
    TimeZoneRule(
      identifier: "America/New_York", standardOffset: -5 * 3_600, observesDaylightSaving: true),
    TimeZoneRule(
      identifier: "America/Denver", standardOffset: -7 * 3_600, observesDaylightSaving: true),
    TimeZoneRule(
      identifier: "America/Los_Angeles", standardOffset: -8 * 3_600, observesDaylightSaving: true),
    TimeZoneRule(identifier: "UTC", standardOffset: 0, observesDaylightSaving: false),
  ]

  package static func named(_ identifier: String) -> TimeZoneRule? {
    supported.first { $0.identifier == identifier }
  }

  /// The offset from UTC in seconds that is in force at a moment.
  package func offset(at instant: Instant) -> Int {
    guard observesDaylightSaving else { return standardOffset }
    let seconds = floorDivide(instant.nanosSinceEpoch, Instant.nanosPerSecond)
    let year = CivilDate(daysSinceEpoch: Int(floorDivide(seconds, 86_400))).year
    let spring = sunday(2, of: 3, year).daysSinceEpoch * 86_400 + 2 * 3_600 - standardOffset
    let autumn = sunday(1, of: 11, year).daysSinceEpoch * 86_400 + 3_600 - standardOffset
    return (spring..<autumn).contains(Int(seconds)) ? standardOffset + 3_600 : standardOffset
  }

  package func localTime(of instant: Instant) -> (date: CivilDate, time: TimeOfDay) {
    let local =
      floorDivide(instant.nanosSinceEpoch, Instant.nanosPerSecond) + Int64(offset(at: instant))
    let days = floorDivide(local, 86_400)
    let second = Int(local - days * 86_400)
    return (CivilDate(daysSinceEpoch: Int(days)), TimeOfDay(hour: 0, minute: 0, second: second))
  }

  /// The moment at which the wall clock shows a time on a date.
  ///
  /// A time that the spring change skips maps to the moment as long after the change (02:30 becomes
  /// 03:30); one that happens twice in autumn maps to its first occurrence.
  package func instant(of time: TimeOfDay, on date: CivilDate) -> Instant {
    let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(time.secondsSinceMidnight)
    let daylight = Instant(secondsSinceEpoch: local - Int64(standardOffset + 3_600))
    if observesDaylightSaving, offset(at: daylight) == standardOffset + 3_600 { return daylight }
    return Instant(secondsSinceEpoch: local - Int64(standardOffset))
  }

  private func sunday(_ ordinal: Int, of month: Int, _ year: Int) -> CivilDate {
    let first = CivilDate(year: year, month: month, day: 1)
    return first.adding(days: (7 - first.weekday) % 7 + 7 * (ordinal - 1))
  }
}

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}

/// The trading day of the venue: from one daily reset to the next, named after the date it ends on.
///
/// The reset is a wall-clock time on every calendar day (17:00 America/Chicago by default), so a
/// day has 23 or 25 hours when daylight-saving time changes.
package struct TradingDayRule: Hashable, Sendable, Codable {
  package var resetTime: TimeOfDay
  package var zone: TimeZoneRule

  package init(resetTime: TimeOfDay, zone: TimeZoneRule) {
    self.resetTime = resetTime
    self.zone = zone
  }

  package static let standard = TradingDayRule(
    resetTime: TimeOfDay(hour: 17, minute: 0), zone: .chicago)

  package func tradingDate(at instant: Instant) -> CivilDate {
    let today = zone.localTime(of: instant).date
    return instant < start(ofNextAfter: today) ? today : today.adding(days: 1)
  }

  /// The first moment of a trading day.
  package func start(of tradingDate: CivilDate) -> Instant {
    zone.instant(of: resetTime, on: tradingDate.adding(days: -1))
  }

  /// The daily reset that ends a trading day.
  package func end(of tradingDate: CivilDate) -> Instant {
    zone.instant(of: resetTime, on: tradingDate)
  }

  package func nextReset(after instant: Instant) -> Instant {
    end(of: tradingDate(at: instant))
  }

  private func start(ofNextAfter date: CivilDate) -> Instant {
    zone.instant(of: resetTime, on: date)
  }
}
