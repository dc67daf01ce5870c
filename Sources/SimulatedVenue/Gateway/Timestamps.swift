package import RiskModel

/// How the venue writes a moment.
package enum TimestampPrecision: Sendable {
  /// REST: microseconds (observed live).
  case microseconds
  /// Hubs: 100 nanoseconds (observed live).
  case hundredNanoseconds
  /// Bars and token claims.
  case seconds
}

extension Instant {
  /// ISO 8601 with the offset `+00:00`; the fraction loses its trailing zeros (observed live).
  package func venueText(
    _ precision: TimestampPrecision, _ form: WireForm = WireForm()
  ) -> String {
    let utc = nanosSinceEpoch.floored(by: Instant.nanosPerSecond)
    let nanos = nanosSinceEpoch - utc * Instant.nanosPerSecond
    let seconds = utc + form.timestampOffset.seconds
    let natural =
      switch precision {
      case .microseconds: decimalText(units: nanos / 1_000, scale: 6)
      case .hundredNanoseconds: decimalText(units: nanos / 100, scale: 7)
      case .seconds: "0"
      }
    let day = CivilDate(daysSinceEpoch: Int(seconds.floored(by: 86_400)))
    let time = Int(seconds - seconds.floored(by: 86_400) * 86_400)
    var fraction = String(natural.dropFirst())
    if let digits = form.timestampDigits, precision != .seconds {
      let all = ("000000000" + "\(nanos)").suffix(9)
      fraction = digits == 0 ? "" : "." + all.prefix(digits)
    }
    return "\(day)T\(clockText(time))\(fraction)\(form.timestampOffset.rawValue)"
  }

  /// The form of the HTTP header `Date`: `Sun, 06 Nov 1994 08:49:37 GMT`.
  package var httpDate: String {
    let seconds = nanosSinceEpoch.floored(by: Instant.nanosPerSecond)
    let day = CivilDate(daysSinceEpoch: Int(seconds.floored(by: 86_400)))
    let time = Int(seconds - seconds.floored(by: 86_400) * 86_400)
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    return "\(weekdays[day.weekday]), \(padded(day.day)) \(months[day.month - 1]) \(day.year)"
      + " \(clockText(time)) GMT"
  }

  /// Reads ISO 8601 with 0 to 9 digits of a second and `Z`, an offset, or none (then UTC).
  package init?(venueText text: some StringProtocol) {
    let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let day = Instant.day(parts[0]) else { return nil }
    var clock = parts[1]
    guard let offset = Instant.takeOffset(&clock), let nanos = Instant.clockNanos(clock) else {
      return nil
    }
    let midnight = Int64(day.daysSinceEpoch) * 86_400
    self = Instant(secondsSinceEpoch: midnight - offset) + TimeSpan(nanos: nanos)
  }

  private static func day(_ text: some StringProtocol) -> CivilDate? {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.map(\.utf8.count) == [4, 2, 2], let year = UInt16(numbers[0]),
      let month = UInt8(numbers[1]), let day = UInt8(numbers[2]), (1...12).contains(month),
      (1...31).contains(day)
    else { return nil }
    let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    return CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date ? date : nil
  }

  /// Cuts the offset off and returns it in seconds.
  private static func takeOffset<Text: StringProtocol>(_ text: inout Text) -> Int64?
  where Text.SubSequence == Text {
    if text.last == "Z" || text.last == "z" {
      text = text.dropLast()
      return 0
    }
    guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return 0 }
    guard let offset = TimeOfDay(text[text.index(after: sign)...]) else { return nil }
    let seconds = Int64(offset.secondsSinceMidnight)
    let isNegative = text[sign] == "-"
    text = text[..<sign]
    return isNegative ? -seconds : seconds
  }

  private static func clockNanos(_ text: some StringProtocol) -> Int64? {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard numbers.map(\.utf8.count) == [2, 2, 2], let hour = UInt8(numbers[0]),
      let minute = UInt8(numbers[1]), let second = UInt8(numbers[2]), hour < 24, minute < 60,
      second < 60
    else { return nil }
    var nanos: Int64 = 0
    if halves.count == 2 {
      let digits = halves[1].utf8.count
      guard (1...9).contains(digits), let fraction = UInt64(halves[1]) else { return nil }
      nanos = (0..<(9 - digits)).reduce(Int64(fraction)) { value, _ in value * 10 }
    }
    let seconds = Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    return seconds * Instant.nanosPerSecond + nanos
  }
}

extension Int64 {
  /// The quotient rounded towards minus infinity.
  fileprivate func floored(by divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}

private func clockText(_ secondsOfDay: Int) -> String {
  [secondsOfDay / 3_600, secondsOfDay / 60 % 60, secondsOfDay % 60].map(padded)
    .joined(separator: ":")
}

private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
