import RiskModel

/// State machine: whether every lockout that is recorded, by this process or by the one before, is on
/// the disk. What the disk did not take is asked again after a pause that doubles; a new lockout is
/// asked for at once.
struct Durability {
  private static let firstPause = TimeSpan.seconds(1)
  private static let longestPause = TimeSpan.seconds(60)

  /// Something is recorded that no synchronisation has covered which began after it.
  private(set) var isOwed: Bool
  private var isAsked = false
  private var failures: Int64 = 0
  private var retryAt: MonotonicInstant?

  init(isOwed: Bool) {
    self.isOwed = isOwed
  }

  /// The last synchronisation failed.
  var hasFailed: Bool { failures > 0 }

  /// A lockout was decided.
  mutating func owe() {
    isOwed = true
    retryAt = nil
  }

  /// Whether the disk should be asked now. It is asked one thing at a time.
  func isDue(at now: MonotonicInstant) -> Bool {
    isOwed && !isAsked && (retryAt.map { now >= $0 } ?? true)
  }

  mutating func asked() {
    isOwed = false
    isAsked = true
  }

  mutating func done() {
    isAsked = false
    failures = 0
    retryAt = nil
  }

  mutating func failed(at now: MonotonicInstant) {
    isAsked = false
    isOwed = true
    let pause = TimeSpan(nanos: Self.firstPause.nanos << min(failures, 10))
    retryAt = now + min(pause, Self.longestPause)
    failures += 1
  }
}
