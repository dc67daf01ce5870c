import RiskModel
import TraderFeed

/// Figures as a trader reads them.
struct Wording {
  /// The word for what is not known; never a zero.
  static let unknown = "unknown"

  var zone: TimeZoneRule
  var now: Instant

  func money(_ value: Money?) -> String { value.map(Wording.money) ?? Wording.unknown }

  static func money(_ value: Money) -> String { "\(value)" }

  /// With its sign, and grey when nothing is known.
  func result(_ value: Money?) -> (text: String, style: ScreenStyle) {
    guard let value else { return (Wording.unknown, .warning) }
    if value.micros > 0 { return ("+\(value)", .good) }
    return ("\(value)", value.micros < 0 ? .bad : .plain)
  }

  func price(_ value: Price?) -> String { value.map { "\($0)" } ?? "-" }

  func time(_ instant: Instant) -> String {
    let seconds = zone.localTime(of: instant).time.secondsSinceMidnight
    return "\(clock(seconds / 60)):\(two(seconds % 60))"
  }

  func shortTime(_ instant: Instant) -> String {
    clock(zone.localTime(of: instant).time.secondsSinceMidnight / 60)
  }

  /// `17:00:00`, with the day when it is another one.
  func moment(_ instant: Instant) -> String {
    let date = zone.localTime(of: instant).date
    return date == zone.localTime(of: now).date
      ? time(instant) : "\(Wording.day(date)) \(shortTime(instant))"
  }

  func dateAndTime(_ instant: Instant) -> String {
    let date = zone.localTime(of: instant).date
    return "\(Wording.weekday(date)) \(date) \(time(instant))"
  }

  /// `Fri 21 Nov`.
  static func day(_ date: CivilDate) -> String {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    return "\(weekday(date)) \(date.day) \(months[(date.month - 1) % months.count])"
  }

  static func weekday(_ date: CivilDate) -> String {
    ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.weekday]
  }

  /// `1:29:55`, `2 d 3:10:00`; the rest of a second counts as a whole one.
  static func countdown(_ span: TimeSpan) -> String {
    let seconds = max(0, (span.nanos + 999_999_999) / 1_000_000_000)
    return lasting(seconds)
  }

  static func duration(_ span: TimeSpan) -> String {
    lasting(max(0, span.nanos / 1_000_000_000))
  }

  private static func lasting(_ seconds: Int64) -> String {
    let days = seconds / 86_400
    let rest = seconds % 86_400
    let text = "\(rest / 3_600):\(twoDigits(rest / 60 % 60)):\(twoDigits(rest % 60))"
    return days > 0 ? "\(days) d \(text)" : text
  }

  /// `4 s`, `12 min`, `3 h`, `2 d`.
  func age(_ instant: Instant?) -> String {
    guard let instant else { return Wording.unknown }
    let seconds = max(0, (now - instant).nanos / 1_000_000_000)
    switch seconds {
    case ..<120: return "\(seconds) s"
    case ..<7_200: return "\(seconds / 60) min"
    case ..<172_800: return "\(seconds / 3_600) h"
    default: return "\(seconds / 86_400) d"
    }
  }

  /// The short name of a contract: the exchange's, or root and month of the venue's.
  func symbol(_ contract: ContractID, _ name: String?) -> String {
    if let name { return name }
    let parts = contract.text.split(separator: ".")
    return parts.count == 5 ? "\(parts[3])\(parts[4])" : contract.text
  }

  func amount(_ value: Int64, _ unit: DistanceReport.Unit) -> String {
    switch unit {
    case .money: "\(Money(micros: value))"
    case .contracts, .trades: "\(value)"
    case .time: Wording.duration(TimeSpan(nanos: value))
    }
  }

  /// `120.00 of 500.00, 380.00 left`.
  func distance(_ distance: DistanceReport) -> String {
    let unit = distance.unit
    let used = amount(distance.unit == .time ? max(0, distance.used) : distance.used, unit)
    return "\(used) of \(amount(distance.limit, unit)), \(amount(distance.left, unit)) left"
  }

  private func clock(_ minutes: Int) -> String { "\(two(minutes / 60)):\(two(minutes % 60))" }
  private func two(_ number: Int) -> String { Wording.twoDigits(Int64(number)) }
  private static func twoDigits(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
