/// A length of time in nanoseconds.
package struct TimeSpan: Hashable, Comparable, Sendable, IntegerCoded {
  package var nanos: Int64

  package static let zero = TimeSpan(nanos: 0)

  package init(nanos: Int64) {
    self.nanos = nanos
  }

  package init(integer: Int64) {
    self.init(nanos: integer)
  }

  package var integer: Int64 { nanos }

  package static func microseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanos: count * 1_000) }
  package static func milliseconds(_ count: Int64) -> TimeSpan {
    TimeSpan(nanos: count * 1_000_000)
  }
  package static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanos: count * 1_000_000_000) }

  package var milliseconds: Int64 { nanos / 1_000_000 }

  package static func < (lhs: TimeSpan, rhs: TimeSpan) -> Bool { lhs.nanos < rhs.nanos }
  package static func + (lhs: TimeSpan, rhs: TimeSpan) -> TimeSpan {
    TimeSpan(nanos: lhs.nanos + rhs.nanos)
  }
  package static func - (lhs: TimeSpan, rhs: TimeSpan) -> TimeSpan {
    TimeSpan(nanos: lhs.nanos - rhs.nanos)
  }
  package static func * (lhs: TimeSpan, rhs: Int64) -> TimeSpan {
    TimeSpan(nanos: lhs.nanos * rhs)
  }
}

/// A moment of civil time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// It says when something happened. Deadlines that must not move when somebody sets the clock use
/// `MonotonicInstant`; the two do not convert into each other.
package struct Instant: Hashable, Comparable, Sendable, IntegerCoded {
  package var nanosSinceEpoch: Int64

  package static let nanosPerSecond: Int64 = 1_000_000_000

  package init(nanosSinceEpoch: Int64) {
    self.nanosSinceEpoch = nanosSinceEpoch
  }

  package init(integer: Int64) {
    self.init(nanosSinceEpoch: integer)
  }

  package var integer: Int64 { nanosSinceEpoch }

  package init(secondsSinceEpoch: Int64) {
    self.nanosSinceEpoch = secondsSinceEpoch * Instant.nanosPerSecond
  }

  package static func < (lhs: Instant, rhs: Instant) -> Bool {
    lhs.nanosSinceEpoch < rhs.nanosSinceEpoch
  }
  package static func + (lhs: Instant, rhs: TimeSpan) -> Instant {
    Instant(nanosSinceEpoch: lhs.nanosSinceEpoch + rhs.nanos)
  }
  package static func - (lhs: Instant, rhs: TimeSpan) -> Instant {
    Instant(nanosSinceEpoch: lhs.nanosSinceEpoch - rhs.nanos)
  }
  package static func - (lhs: Instant, rhs: Instant) -> TimeSpan {
    TimeSpan(nanos: lhs.nanosSinceEpoch - rhs.nanosSinceEpoch)
  }
}

/// A moment of the machine's monotonic clock, in nanoseconds since an arbitrary start.
///
/// It is meaningful within one boot of one machine only and never leaves it.
package struct MonotonicInstant: Hashable, Comparable, Sendable, IntegerCoded {
  package var nanos: Int64

  package init(nanos: Int64) {
    self.nanos = nanos
  }

  package init(integer: Int64) {
    self.init(nanos: integer)
  }

  package var integer: Int64 { nanos }

  package static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool {
    lhs.nanos < rhs.nanos
  }
  package static func + (lhs: MonotonicInstant, rhs: TimeSpan) -> MonotonicInstant {
    MonotonicInstant(nanos: lhs.nanos + rhs.nanos)
  }
  package static func - (lhs: MonotonicInstant, rhs: MonotonicInstant) -> TimeSpan {
    TimeSpan(nanos: lhs.nanos - rhs.nanos)
  }
}

/// Where a worker reads the time. Pure code is told the time; only roles and shells hold a clock.
package protocol Clock: Sendable {
  func now() -> Instant
  func monotonicNow() -> MonotonicInstant
}
