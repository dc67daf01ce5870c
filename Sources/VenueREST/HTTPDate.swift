import RiskModel

/// Dates of HTTP headers (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// The two obsolete forms, which no server may produce any more, are not read.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func instant(_ text: String) -> Instant? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].count == 4, parts[0].last == ",", parts[5] == "GMT",
      let day = number(parts[1], digits: 2), let year = number(parts[3], digits: 4),
      let month = months.firstIndex(where: { $0 == parts[2] })
    else { return nil }
    let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = number(clock[0], digits: 2), hour < 24,
      let minute = number(clock[1], digits: 2), minute < 60,
      let second = number(clock[2], digits: 2), second <= 60
    else { return nil }
    let date = CivilDate(year: year, month: month + 1, day: day)
    guard CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date else { return nil }
    let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second
    return Instant(secondsSinceEpoch: Int64(seconds))
  }

  /// A count of seconds or a date. Waits beyond a day are read as a day.
  static func retryAfter(_ text: String) -> HTTPReply.RetryAfter? {
    if !text.isEmpty, text.utf8.allSatisfy({ $0.isASCIIDigit }) {
      return .delay(.seconds(min(Int64(text) ?? 86_400, 86_400)))
    }
    return instant(text).map { .date($0) }
  }

  private static func number(_ text: Substring, digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ $0.isASCIIDigit }) else { return nil }
    return Int(text)
  }
}
