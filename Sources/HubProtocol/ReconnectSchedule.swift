package import RiskModel

/// When to try again after a connection was lost or could not be had.
///
/// It never gives up. The delays start over only after a connection that lasted, so a server that
/// accepts and drops at once is not hammered at delay zero.
package struct ReconnectSchedule: Sendable {
  package struct Settings: Equatable, Sendable {
    /// The delay before each attempt; the last repeats.
    package var delays: [TimeSpan]
    /// Up to this many thousandths of a delay are added to it at random.
    package var jitterPermille: Int64
    /// Attempts without a lasting connection before people are told.
    package var maxAttempts: Int
    /// How long a connection has to last to count.
    package var stableAfter: TimeSpan
    /// The least time between two notices.
    package var noticeInterval: TimeSpan

    package init(
      delays: [TimeSpan] = [0, 2, 10, 30, 60].map { .seconds($0) }, jitterPermille: Int64 = 100,
      maxAttempts: Int = 10, stableAfter: TimeSpan = .seconds(30),
      noticeInterval: TimeSpan = .seconds(60)
    ) {
      self.delays = delays
      self.jitterPermille = jitterPermille
      self.maxAttempts = maxAttempts
      self.stableAfter = stableAfter
      self.noticeInterval = noticeInterval
    }
  }

  /// The next attempt.
  package struct Step: Equatable, Sendable {
    /// Counts from 1 since the last connection that lasted.
    package var attempt: Int
    package var delay: TimeSpan
    /// Whether a critical notice is due.
    package var isCritical: Bool

    package init(attempt: Int, delay: TimeSpan, isCritical: Bool) {
      self.attempt = attempt
      self.delay = delay
      self.isCritical = isCritical
    }
  }

  package let settings: Settings
  /// Attempts since the last connection that lasted.
  package private(set) var attempts = 0
  private var connectedAt: MonotonicInstant?
  private var noticedAt: MonotonicInstant?

  package init(_ settings: Settings = Settings()) {
    precondition(!settings.delays.isEmpty, "Condition failed: there is at least one delay")
    precondition(
      (0...1_000).contains(settings.jitterPermille),
      "Condition failed: the jitter is at most the delay itself")
    self.settings = settings
  }

  /// The hub accepted the handshake.
  package mutating func connected(at now: MonotonicInstant) {
    connectedAt = now
  }

  /// A connection was lost, or an attempt failed. `random` is any random number.
  package mutating func lost(at now: MonotonicInstant, random: UInt64) -> Step {
    if let connectedAt, now >= connectedAt + settings.stableAfter {
      attempts = 0
      noticedAt = nil
    }
    connectedAt = nil
    attempts += 1
    let delay = settings.delays[min(attempts, settings.delays.count) - 1]
    let isCritical = isNoticeDue(now)
    if isCritical { noticedAt = now }
    return Step(attempt: attempts, delay: jittered(delay, random), isCritical: isCritical)
  }

  private func isNoticeDue(_ now: MonotonicInstant) -> Bool {
    guard attempts > settings.maxAttempts else { return false }
    guard let noticedAt else { return true }
    return now >= noticedAt + settings.noticeInterval
  }

  private func jittered(_ delay: TimeSpan, _ random: UInt64) -> TimeSpan {
    let most = UInt64(delay.nanos / 1_000 * settings.jitterPermille)
    return delay + TimeSpan(nanos: Int64(random % (most + 1)))
  }
}
