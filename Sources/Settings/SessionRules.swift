import RiskModel
import RiskRules

/// What config/holidays.yaml says.
struct HolidaysFile {
  static let name = "config/holidays.yaml"

  let calendar: HolidayCalendar
  let marketHours: MarketHours
  let place: Place

  init(_ top: Section) {
    let zone = top.value("timezone", .zone, default: .chicago)
    let closed = top.list("holidays", of: .date, default: [])
    var early: [HolidayCalendar.EarlyClose] = []
    for part in top.sections("early_close") {
      let date = part.required("date", .date)
      let time = part.required("close_time", .timeOfDay)
      part.finish()
      guard let day = date.value, let time = time.value else { continue }
      if closed.value.contains(day) {
        top.findings.problem(
          date.place, "\(day) is in holidays as well", "keep one of the two")
      } else if early.contains(where: { $0.date == day }) {
        top.findings.problem(date.place, "\(day) is there already", "keep one of the two")
      }
      early.append(.init(date: day, time: time))
    }
    let hours = top.section("market_hours") { $0.marketHours() }
    top.finish()
    if Set(closed.value).count < closed.value.count {
      top.findings.problem(closed.place, "names a date twice", "keep one of the two")
    }
    calendar = HolidayCalendar(
      zone: zone.value, closed: closed.value.sorted(),
      earlyCloses: early.sorted { $0.date < $1.date })
    marketHours = MarketHours(
      zone: zone.value, open: hours.week.open, close: hours.week.close, holidays: calendar,
      products: hours.products)
    place = top.place
  }

  /// The newest date that the file knows.
  var lastDate: CivilDate? {
    (calendar.closed + calendar.earlyCloses.map(\.date)).max()
  }

  func noteReach(_ findings: Findings) {
    let reach = lastDate.map { "knows no holiday after \($0)" } ?? "names no holiday"
    findings.notice(Place(file: place.file, line: nil, key: ""), reach)
  }
}

/// The block of the rule that keeps hours.
extension Section {
  /// `holidays` is `nil` when there is no file of them.
  func sessionBlockOutside(_ holidays: HolidaysFile?) -> SessionBlockOutside.Parameters? {
    let enabled = required("enabled", .boolean)
    let hours = section("allowed_hours") { part in
      part.hours(isRequired: enabled.value == true, mayBeginOnEve: false)
    }
    let zone = value("timezone", .zone, default: .chicago)
    let days = allowedDays()
    let respects = value("respect_holidays", .boolean, default: true)
    let action = sessionAction()
    let own = section("per_instrument_sessions") { $0.ownHours(zone.value) }
    refused("global_session", "write allowed_hours and timezone")
    guard enabled.value == true else { return nil }
    var calendar = HolidayCalendar()
    if respects.value {
      if let holidays {
        calendar = holidays.calendar
        holidays.noteReach(findings)
      } else {
        findings.problem(
          Place(file: HolidaysFile.name, line: nil, key: ""), "is missing",
          "install the file of the same name that comes with riskd, or write "
            + "respect_holidays: false")
      }
    }
    guard let hours else { return nil }
    func plan(_ hours: SessionHours) -> SessionPlan {
      SessionPlan(hours: hours, days: days, holidays: calendar)
    }
    return SessionBlockOutside.Parameters(
      plan: plan(SessionHours(start: hours.start, end: hours.end, zone: zone.value)),
      plansByRoot: own.mapValues(plan), action: action)
  }

  private func allowedDays() -> [Int] {
    let days = list(
      "allowed_days", of: .integer(0...6, unit: "days, 0 is Monday,"),
      default: SessionPlan.workdays.map(Int64.init))
    if days.isSound, days.value.isEmpty {
      findings.problem(
        days.place, "names no day, so the account would never open", "list the days, 0 is Monday")
    }
    return Set(days.value.map(Int.init)).sorted()
  }

  /// `action`, and the two switches of which one softens it.
  private func sessionAction() -> SessionBlockOutside.Action {
    let word = value(
      "action", .word("close_all_and_lockout", "CLOSE_ALL_AND_LOCKOUT", "CANCEL_ORDER"),
      default: "CLOSE_ALL_AND_LOCKOUT")
    let closes = optional("close_positions_at_session_end", .boolean)
    let locks = optional("lockout_outside_session", .boolean)
    if locks.isPresent {
      noteIgnored("lockout_outside_session", "action decides, and it has to agree")
    }
    guard word.value != "CANCEL_ORDER" else {
      for reading in [closes, locks] where reading.value == true {
        findings.problem(
          reading.place, "is true, and the action CANCEL_ORDER only cancels orders",
          "write false, or action: CLOSE_ALL_AND_LOCKOUT")
      }
      return .cancelOrder
    }
    if locks.value == false {
      findings.problem(
        locks.place, "is false, and the action \(word.value) locks",
        "write true, or action: CANCEL_ORDER")
    }
    return closes.value == false ? .noNewExposure : .closeAllAndLockout
  }

  private func ownHours(_ zone: TimeZoneRule) -> [SymbolRoot: SessionHours] {
    let enabled = value("enabled", .boolean, default: true)
    var hours: [SymbolRoot: SessionHours] = [:]
    section("sessions") { symbols in
      for (name, entry) in symbols.allEntries.prefix(Section.mostElements) {
        symbols.section(name) { part in
          let times = part.hours(isRequired: true, mayBeginOnEve: true)
          let own = part.value("timezone", .zone, default: zone)
          guard let root = symbols.symbol(name, at: entry.place), let times else { return }
          let session = SessionHours(start: times.start, end: times.end, zone: own.value)
          if hours.updateValue(session, forKey: root) != nil {
            findings.problem(
              entry.place, "\(root) is there already by its other name", "keep one of the two")
          }
        }
      }
    }
    if !enabled.value, !hours.isEmpty {
      findings.notice(enabled.place, "is false: the sessions below have no effect")
    }
    return enabled.value ? hours : [:]
  }

  private func hours(
    isRequired: Bool, mayBeginOnEve: Bool
  ) -> (start: TimeOfDay, end: TimeOfDay)? {
    let start = required("start", .timeOfDay, if: isRequired)
    let end = required("end", .timeOfDay, if: isRequired)
    guard let first = start.value, let last = end.value else { return nil }
    if mayBeginOnEve ? first == last : last <= first {
      findings.problem(
        end.place, mayBeginOnEve ? "is the start as well" : "is not after start",
        mayBeginOnEve ? "write another time" : "write a later time of the same day")
    }
    return (first, last)
  }
}

extension ValueForm where Value == CivilDate {
  static var date: ValueForm {
    ValueForm(
      right: "a date such as 2026-12-25",
      read: { scalar in
        let parts = scalar.text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
          parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
          let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
          (2000...2999).contains(year), (1...12).contains(month)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        return date.adding(days: 0) == date ? date : nil
      })
  }
}
