import RiskModel

/// The processes that the kernel has ended because their memory group was full.
///
/// The kernel counts such a kill before it sends SIGKILL, so that the count has risen by the time
/// at which a death is seen. Two deaths that are seen together share a rise of two, not of one.
struct MemoryKills: Equatable, Sendable {
  /// A rise that no death claimed within this was about another process of the group.
  static let claimTime = TimeSpan.seconds(1)

  /// The kernel's count at the last look; `nil` where it cannot be read.
  private var count: Int64?
  private var unclaimed: Int64 = 0
  private var risenAt: MonotonicInstant?

  init(count: Int64?) {
    self.count = count
  }

  /// Notes the count of now. A count that was not known before says nothing about the past.
  mutating func looked(_ count: Int64?, at moment: MonotonicInstant) {
    if let risenAt, moment - risenAt > Self.claimTime { unclaimed = 0 }
    if let before = self.count, let count, count > before {
      unclaimed += count - before
      risenAt = moment
    }
    self.count = count
  }

  /// - Returns: whether a death by SIGKILL that nobody here sent was one of them.
  mutating func claim() -> Bool {
    guard unclaimed > 0 else { return false }
    unclaimed -= 1
    return true
  }
}
