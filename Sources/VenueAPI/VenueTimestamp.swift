package import RiskModel

// Timestamps of the venue: YYYY-MM-DDTHH:MM:SS, a fraction of 0 to 9 digits, then Z or ±HH:MM.
//
// REST writes microseconds with trailing zeros trimmed, the hubs up to seven digits (observed
// live). Years outside 1678-2261 do not fit an `Instant`; the year 1 is the venue's "no time".

package enum VenueTimestamp {
  /// The instant that a text names, or `nil` when it is not such a text.
  package static func instant(_ text: String) -> Instant? {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.take("-"),
      let month = scanner.number(digits: 2), scanner.take("-"),
      let day = scanner.number(digits: 2), scanner.take("T"),
      let hour = scanner.number(digits: 2), scanner.take(":"),
      let minute = scanner.number(digits: 2), scanner.take(":"),
      let second = scanner.number(digits: 2),
      (1_678...2_261).contains(year), hour < 24, minute < 60, second < 60
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date,
      let nanos = fraction(&scanner), let offset = offsetSeconds(&scanner), scanner.isAtEnd
    else { return nil }
    let seconds =
      Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - offset
    return Instant(secondsSinceEpoch: seconds) + TimeSpan(nanos: nanos)
  }

  /// Whether a text is the default value of the venue's date type, which stands for "none".
  static func isNone(_ text: String) -> Bool { text.hasPrefix("0001-01-01T00:00:00") }

  /// The form for requests: UTC with six digits, rounded down.
  package static func text(_ instant: Instant) -> String {
    let micros = floorDivide(instant.nanosSinceEpoch, 1_000)
    let fraction = String(micros - floorDivide(micros, 1_000_000) * 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return secondText(instant, separator: "T") + "." + zeros + fraction + "Z"
  }

  /// UTC to the second, `2025-10-23 12:00:00`, as status lines show it.
  package static func secondText(_ instant: Instant, separator: String = " ") -> String {
    let seconds = floorDivide(instant.nanosSinceEpoch, Instant.nanosPerSecond)
    let days = floorDivide(seconds, 86_400)
    let clock = Int(seconds - days * 86_400)
    let parts = [clock / 3_600, clock / 60 % 60, clock % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return CivilDate(daysSinceEpoch: Int(days)).description + separator
      + parts.joined(separator: ":")
  }

  private static func fraction(_ scanner: inout DigitScanner) -> Int64? {
    guard scanner.take(".") else { return 0 }
    var nanos: Int64 = 0
    var digits = 0
    while let digit = scanner.digit() {
      digits += 1
      nanos = nanos * 10 + Int64(digit)
      guard digits <= 9 else { return nil }
    }
    guard digits > 0 else { return nil }
    for _ in digits..<9 { nanos *= 10 }
    return nanos
  }

  private static func offsetSeconds(_ scanner: inout DigitScanner) -> Int64? {
    if scanner.take("Z") { return 0 }
    let isWest = scanner.take("-")
    guard isWest || scanner.take("+"), let hours = scanner.number(digits: 2), scanner.take(":"),
      let minutes = scanner.number(digits: 2), hours < 24, minutes < 60
    else { return nil }
    let seconds = Int64(hours * 3_600 + minutes * 60)
    return isWest ? -seconds : seconds
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}

/// Reads fixed-width decimal fields.
struct DigitScanner {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, UInt32(bytes[offset]) == character.value else { return false }
    offset += 1
    return true
  }

  mutating func digit() -> Int? {
    guard offset < bytes.count else { return nil }
    let value = Int(bytes[offset]) - 0x30
    guard value >= 0, value < 10 else { return nil }
    offset += 1
    return value
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }
}
