import RiskModel

/// State machine: whether the transport of one connection still answers.
///
/// A server that keeps its own times sends a ping every 15 s, so its silence alone tells of a dead
/// link late. A ping of WebSocket is answered at once. Whether the venue, or what stands before it,
/// answers those is not documented: only a connection that has answered one is held to it.
struct HubProbing: Equatable, Sendable {
  enum Step: Equatable {
    case ask(next: MonotonicInstant)
    case wait(next: MonotonicInstant)
    case giveUp
  }

  /// When the question was sent that waits for its answer.
  private var askedAt: MonotonicInstant?
  private var answeredAt: MonotonicInstant?
  private var lastTurn: MonotonicInstant?

  mutating func answered(at moment: MonotonicInstant) {
    answeredAt = max(answeredAt ?? moment, moment)
  }

  /// What to do now; `heardAt` is when the last byte of the hub's own was read.
  mutating func turn(
    at now: MonotonicInstant, heardAt: MonotonicInstant, interval: TimeSpan, timeout: TimeSpan
  ) -> Step {
    // Where this process itself stood still, the answer may be here and not yet read.
    let stoodStill = lastTurn.map { now - $0 > interval + timeout } ?? false
    lastTurn = now
    let lastSign = max(heardAt, answeredAt ?? heardAt)
    if let askedAt, lastSign >= askedAt || stoodStill { self.askedAt = nil }
    if let askedAt, now >= askedAt + timeout {
      guard answeredAt == nil else { return .giveUp }
      self.askedAt = nil
    }
    if let askedAt {
      return .wait(next: min(now + interval, askedAt + timeout))
    }
    // The first question only shows whether this hub answers any.
    guard answeredAt == nil || now >= lastSign + interval || stoodStill else {
      return .wait(next: lastSign + interval)
    }
    askedAt = now
    return .ask(next: now + min(interval, timeout))
  }
}
