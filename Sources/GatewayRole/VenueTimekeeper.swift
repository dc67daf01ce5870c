import RiskModel

/// The venue's own time: its `Date` fields and the monotonic time since.
///
/// A `Date` is whole seconds, rounded down, and some way old on arrival, so every sample is at or
/// before the venue's true time. The latest reading of all samples is kept: the estimate never runs
/// ahead of the venue by more than a second's rounding, which is what may end a lockout.
struct VenueTimekeeper {
  /// A sample this far behind the estimate means that the venue's clock was set back.
  static let setBackLimit: TimeSpan = .seconds(5)
  /// An estimate of this age gives way to a new sample, whatever it says.
  static let ageLimit: TimeSpan = .seconds(600)

  private var sample: (date: Instant, at: MonotonicInstant)?
  /// Thousandths of real time at which the venue's time goes.
  private let rate: Int64

  init(rate: Int64 = 1_000) {
    self.rate = rate
  }

  mutating func dateReceived(_ date: Instant, at now: MonotonicInstant) {
    guard let sample, let estimate = time(at: now) else {
      sample = (date, now)
      return
    }
    let isSetBack = date + VenueTimekeeper.setBackLimit < estimate
    let isOld = now - sample.at > VenueTimekeeper.ageLimit
    if date > estimate || isSetBack || isOld { self.sample = (date, now) }
  }

  /// `nil` before the first reply.
  func time(at now: MonotonicInstant) -> Instant? {
    sample.map { sample in
      let passed = (now - sample.at).nanos
      // In thousandths: a hurried estimate would otherwise overflow after half a year.
      return sample.date + TimeSpan(nanos: passed / 1_000 * rate + passed % 1_000 * rate / 1_000)
    }
  }
}
