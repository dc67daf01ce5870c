import GRDB
import RiskModel

/// Values as version 1 may hold them.
enum LegacyValue {
  struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size, or
  /// ISO 8601, in UTC where no offset is given.
  static func instant(_ value: DatabaseValue) throws -> Instant? {
    switch value.storage {
    case .null: return nil
    case .int64(let number): return Instant(nanosSinceEpoch: nanos(number))
    case .double(let number) where abs(number) < 1e11:
      return Instant(nanosSinceEpoch: Int64((number * 1e6).rounded()) * 1_000)
    case .double(let number) where abs(number) < 9e18:
      return Instant(nanosSinceEpoch: nanos(Int64(number)))
    // A column of texts turns numbers into texts; a year has fewer digits than any such number.
    case .string(let text) where text.utf8.count >= 9 && Double(text) != nil:
      return try Int64(text).map { try instant($0.databaseValue) }
        ?? instant((Double(text) ?? 0).databaseValue)
    case .string(let text):
      guard let instant = instant(text) else { throw Unreadable(description: "no time: \(text)") }
      return instant
    default:
      throw Unreadable(description: "no time: \(value)")
    }
  }

  /// A REAL as an integer of the given fraction.
  static func fixed(_ value: DatabaseValue, _ scale: Double) throws -> Int64? {
    switch value.storage {
    case .null: return nil
    case .int64(let number):
      let (scaled, overflow) = number.multipliedReportingOverflow(by: Int64(scale))
      if !overflow { return scaled }
    case .double(let number):
      let scaled = (number * scale).rounded()
      if abs(scaled) < 9e18 { return Int64(scaled) }
    default: break
    }
    throw Unreadable(description: "no amount: \(value)")
  }

  private static func nanos(_ number: Int64) -> Int64 {
    switch number.magnitude {
    case ..<100_000_000_000: number * 1_000_000_000
    case ..<100_000_000_000_000: number * 1_000_000
    case ..<100_000_000_000_000_000: number * 1_000
    default: number
    }
  }

  private static func instant(_ text: String) -> Instant? {
    var rest = Substring(text)
    func number(_ digits: Int, after mark: Set<Character>? = nil) -> Int? {
      if let mark {
        guard let first = rest.first, mark.contains(first) else { return nil }
        rest.removeFirst()
      }
      guard rest.prefix(digits).count == digits, let number = Int(rest.prefix(digits)) else {
        return nil
      }
      rest.removeFirst(digits)
      return number
    }
    guard let year = number(4), let month = number(2, after: ["-"]), (1...12).contains(month),
      let day = number(2, after: ["-"]), (1...31).contains(day)
    else { return nil }
    var seconds = Int64(CivilDate(year: year, month: month, day: day).daysSinceEpoch) * 86_400
    guard !rest.isEmpty else { return Instant(secondsSinceEpoch: seconds) }
    guard let hour = number(2, after: ["T", " "]), hour < 24,
      let minute = number(2, after: [":"]), minute < 60
    else { return nil }
    seconds += Int64(hour * 3_600 + minute * 60)
    if rest.first == ":" {
      guard let second = number(2, after: [":"]), second < 61 else { return nil }
      seconds += Int64(second)
    }
    var nanos: Int64 = 0
    if rest.first == "." {
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard !digits.isEmpty else { return nil }
      let padded = digits.prefix(9) + String(repeating: "0", count: max(0, 9 - digits.count))
      nanos = Int64(padded) ?? 0
      rest = rest.dropFirst(1 + digits.count)
    }
    if let sign = rest.first, sign == "+" || sign == "-" {
      rest.removeFirst()
      guard let hours = number(2) else { return nil }
      if rest.first == ":" { rest.removeFirst() }
      guard let minutes = rest.isEmpty ? 0 : number(2) else { return nil }
      seconds -= Int64(hours * 3_600 + minutes * 60) * (sign == "+" ? 1 : -1)
    } else if rest == "Z" {
      rest.removeFirst()
    }
    guard rest.isEmpty else { return nil }
    return Instant(nanosSinceEpoch: seconds * 1_000_000_000 + nanos)
  }
}
