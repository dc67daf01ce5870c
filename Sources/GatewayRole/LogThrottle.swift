import RiskModel

/// Lets the first of many like messages through and then one per interval, with the number of those
/// in between.
struct LogThrottle {
  static let interval: TimeSpan = .seconds(10)

  private var lastAt: MonotonicInstant?
  private var suppressed = 0

  /// How many were suppressed before this one; `nil` when this one is suppressed too.
  mutating func admit(at now: MonotonicInstant) -> Int? {
    if let lastAt, now < lastAt + LogThrottle.interval {
      suppressed += 1
      return nil
    }
    lastAt = now
    defer { suppressed = 0 }
    return suppressed
  }
}
