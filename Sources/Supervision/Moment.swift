package import RiskModel

/// A moment of the clock that counts from the boot of the machine, time asleep included.
///
/// Nobody can set it, and unlike `MonotonicInstant` it may be kept on disk, together with the
/// identity of the boot that it belongs to.
package struct BootInstant: Hashable, Comparable, Sendable, IntegerCoded {
  package var nanos: Int64

  package init(nanos: Int64) {
    self.nanos = nanos
  }

  package init(integer: Int64) {
    self.init(nanos: integer)
  }

  package var integer: Int64 { nanos }

  package static func < (lhs: BootInstant, rhs: BootInstant) -> Bool { lhs.nanos < rhs.nanos }
  package static func - (lhs: BootInstant, rhs: TimeSpan) -> BootInstant {
    BootInstant(nanos: lhs.nanos - rhs.nanos)
  }
}

/// The clocks of the machine, read together.
package struct Moment: Equatable, Sendable {
  /// For deadlines.
  package var monotonic: MonotonicInstant
  /// For the window of deaths, which outlives the supervisor.
  package var boot: BootInstant
  /// For people.
  package var civil: Instant

  package init(monotonic: MonotonicInstant, boot: BootInstant, civil: Instant) {
    self.monotonic = monotonic
    self.boot = boot
    self.civil = civil
  }
}

extension Instant {
  /// `2025-11-21T14:30:00.250Z`.
  package var timestamp: String {
    let milliseconds = nanosSinceEpoch.quotientRoundedDown(by: 1_000_000)
    let days = milliseconds.quotientRoundedDown(by: 86_400_000)
    let rest = milliseconds - days * 86_400_000
    let seconds = rest / 1_000
    let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, to: 2) }
    let date = CivilDate(daysSinceEpoch: Int(days))
    return "\(date)T\(time.joined(separator: ":")).\(padded(rest % 1_000, to: 3))Z"
  }
}

extension Int64 {
  fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

private func padded(_ number: Int64, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
