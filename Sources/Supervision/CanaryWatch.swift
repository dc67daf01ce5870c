import RiskModel

/// The last canary that reached the enforcer.
///
/// The gateway sends one every ten seconds; it takes the way of an event of the venue, through the
/// evaluator and its journal, and changes nothing.
package struct CanarySighting: Equatable, Sendable, Codable {
  /// Counted by the gateway, anew in each of its lives.
  package var number: Int64
  /// From the gateway to the enforcer.
  package var microseconds: Int64
  /// Canaries that have reached the enforcer since its start.
  package var count: Int64

  package init(number: Int64, microseconds: Int64, count: Int64) {
    self.number = number
    self.microseconds = microseconds
    self.count = count
  }
}

/// State machine: whether canaries arrive.
///
/// While a worker is missing none can; the time that counts begins when all are ready.
struct CanaryWatch: Equatable, Sendable {
  enum Change: Equatable {
    case lost(after: TimeSpan)
    case back(after: TimeSpan)
  }

  private enum State: Equatable {
    /// A worker is missing. Can transition to: `.waiting`.
    case pathBroken
    /// Can transition to: `.pathBroken`, `.lost`.
    case waiting(since: MonotonicInstant)
    /// Can transition to: `.pathBroken`, `.waiting`.
    case lost(since: MonotonicInstant)
  }

  private var state = State.pathBroken
  private(set) var latest: CanarySighting?
  private(set) var lastAt: MonotonicInstant?
  /// Since the supervisor started.
  private(set) var total: Int64 = 0

  var isLost: Bool {
    if case .lost = state { true } else { false }
  }

  /// The next enforcer counts from zero.
  mutating func enforcerStarted() {
    latest = nil
  }

  mutating func saw(_ sighting: CanarySighting?, at moment: MonotonicInstant) -> Change? {
    guard let sighting, sighting != latest else { return nil }
    total += max(0, sighting.count - (latest?.count ?? 0))
    latest = sighting
    lastAt = moment
    switch state {
    case .pathBroken:
      return nil
    case .waiting:
      state = .waiting(since: moment)
      return nil
    case .lost(let since):
      state = .waiting(since: moment)
      return .back(after: moment - since)
    }
  }

  mutating func timePassed(
    at moment: MonotonicInstant, isPathWhole: Bool, limit: TimeSpan
  ) -> Change? {
    guard isPathWhole else {
      state = .pathBroken
      return nil
    }
    switch state {
    case .pathBroken:
      state = .waiting(since: moment)
      return nil
    case .waiting(let since):
      guard moment - since >= limit else { return nil }
      state = .lost(since: since)
      return .lost(after: moment - since)
    case .lost:
      return nil
    }
  }

  /// The supervisor itself stood still for this long.
  mutating func postpone(by span: TimeSpan) {
    switch state {
    case .pathBroken: break
    case .waiting(let since): state = .waiting(since: since + span)
    case .lost(let since): state = .lost(since: since + span)
    }
  }
}
