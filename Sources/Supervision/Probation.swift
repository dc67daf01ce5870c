import RiskModel

/// State machine: whether a release on trial has shown that it works.
///
/// It has when all workers have been ready without a counted death for long enough and canaries
/// came through meanwhile. An event of the venue is not asked for: there are weekends.
struct Probation: Equatable, Sendable {
  private enum State: Equatable {
    /// Not on trial. Can transition to: none.
    case over
    /// Something is not as it should be. Can transition to: `.healthy`.
    case waiting
    /// Can transition to: `.waiting`, `.passed`.
    case healthy(since: MonotonicInstant, canariesBefore: Int64)
    /// The good word could not be written. Can transition to: `.passed`, `.waiting`.
    case unwritten(retryAt: MonotonicInstant)
    /// The good word is being written. Can transition to: `.over`, `.unwritten`.
    case passed
  }

  /// Pause before the next attempt to write the verdict.
  static let retryInterval = TimeSpan.seconds(30)
  /// Seconds of good health for each canary that has to come through.
  private static let secondsPerCanary: Int64 = 20

  private var state: State

  init(isOnTrial: Bool) {
    state = isOnTrial ? .waiting : .over
  }

  var isOnTrial: Bool { state != .over }

  /// Canaries asked for during this span.
  static func canariesNeeded(in span: TimeSpan) -> Int64 {
    span.milliseconds / 1_000 / secondsPerCanary
  }

  /// A death that counts: the time of good health begins anew.
  mutating func died() {
    guard isOnTrial else { return }
    state = .waiting
  }

  /// - Returns: whether the release is good now; to be answered with `written` or `notWritten`.
  mutating func timePassed(
    at moment: MonotonicInstant, isHealthy: Bool, canaries: Int64, needed: TimeSpan
  ) -> Bool {
    switch state {
    case .over, .passed:
      return false
    case .waiting:
      if isHealthy { state = .healthy(since: moment, canariesBefore: canaries) }
      return false
    case .healthy(let since, let before):
      guard isHealthy else {
        state = .waiting
        return false
      }
      guard moment - since >= needed, canaries - before >= Self.canariesNeeded(in: needed) else {
        return false
      }
      state = .passed
      return true
    case .unwritten(let retryAt):
      guard moment >= retryAt else { return false }
      state = .passed
      return true
    }
  }

  mutating func written() { state = .over }

  mutating func notWritten(at moment: MonotonicInstant) {
    state = .unwritten(retryAt: moment + Self.retryInterval)
  }

  /// Since when all is well, and the canaries that have come since.
  func health(
    at moment: MonotonicInstant, canaries: Int64
  ) -> (since: TimeSpan, canaries: Int64) {
    guard case .healthy(let since, let before) = state else { return (.zero, 0) }
    return (moment - since, canaries - before)
  }

  /// The supervisor itself stood still for this long.
  mutating func postpone(by span: TimeSpan) {
    switch state {
    case .over, .waiting, .passed: break
    case .healthy(let since, let before):
      state = .healthy(since: since + span, canariesBefore: before)
    case .unwritten(let retryAt): state = .unwritten(retryAt: retryAt + span)
    }
  }
}
