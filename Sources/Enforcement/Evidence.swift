import RiskModel

/// The place of an input among all inputs of the controller. Clocks tie; places do not.
///
/// Requests are sent after everything else that an input does, so a request of the same place is
/// later than what was learned there.
typealias Ordinal = Int64

/// From where something about the venue is known, and as of when.
struct Evidence: Equatable, Sendable {
  enum Origin: Equatable, Sendable {
    case event
    case snapshot(startedAt: Instant)
    case read(askedAt: Instant)
    /// A request that changes the venue answered that there is nothing to act on.
    case reply(askedAt: Instant)
  }

  var origin: Origin
  /// For what was told, where it arrived; for what was asked, where the question was sent: the
  /// answer shows the venue at some moment after that, and nothing orders it against events.
  var ordinal: Ordinal
  /// The clock at `ordinal`.
  var moment: MonotonicInstant
  /// Where it became known.
  var learned: Ordinal
  /// Nobody knows whether it still holds: the evaluator only remembers it, or was told otherwise by a
  /// reading of which it is not known whether it is older.
  var isDoubtful = false
  /// What the venue's own clock had shown when it was told, at least: the latest of the venue's times
  /// that were told with it or before it. News may be late; this says how late at most. Without
  /// meaning for what was asked.
  var venueTime = Instant(nanosSinceEpoch: 0)

  var wasAsked: Bool {
    switch origin {
    case .read, .reply: true
    case .event, .snapshot: false
    }
  }

  var isEvent: Bool { origin == .event }

  /// Somebody saw the position itself; a reply only says that there was nothing to act on.
  var isSight: Bool {
    if case .reply = origin { false } else { true }
  }

  /// Whether what is known by this evidence outlives what `other` says.
  func outlives(_ other: Evidence) -> Bool {
    switch other.origin {
    case .event:
      return false
    case .read, .reply:
      return ordinal > other.ordinal
    case .snapshot(let startedAt):
      switch origin {
      case .read(let askedAt), .reply(let askedAt): return askedAt > startedAt
      case .event, .snapshot: return false
      }
    }
  }
}

/// Whether independent reads, far enough apart, say the same.
struct Agreement<Value: Equatable & Sendable>: Sendable {
  private struct Reading: Sendable {
    var ordinal: Ordinal
    var moment: MonotonicInstant
  }

  /// What the readings of the present run all say.
  private var value: Value?
  /// Readings of the run, oldest first; of those close together only the first.
  private var readings: [Reading] = []
  private var latest: MonotonicInstant?

  private static var kept: Int { 16 }
  private static var spacing: TimeSpan { .milliseconds(250) }

  mutating func read(_ read: Value, evidence: Evidence) {
    if value != read { forget() }
    value = read
    latest = evidence.moment
    let isClose = readings.last.map { evidence.moment - $0.moment < Agreement.spacing } ?? false
    guard !isClose else { return }
    readings.append(Reading(ordinal: evidence.ordinal, moment: evidence.moment))
    if readings.count > Agreement.kept { readings.removeFirst() }
  }

  /// Something else than a read said so.
  mutating func hear(_ heard: Value) {
    if let value, value != heard { forget() }
  }

  mutating func forget() {
    value = nil
    readings = []
    latest = nil
  }

  /// The value that two reads agreed on, both sent at `ordinal` or later and so far apart.
  func value(since ordinal: Ordinal, apart: TimeSpan) -> Value? {
    guard let value, let latest, let first = readings.first(where: { $0.ordinal >= ordinal }),
      latest - first.moment >= apart
    else { return nil }
    return value
  }

  /// When a second read would count, if one is missing.
  func secondReadAt(since ordinal: Ordinal, apart: TimeSpan) -> MonotonicInstant? {
    readings.first { $0.ordinal >= ordinal }.map { $0.moment + apart }
  }
}
