import RiskModel

/// State machine: whether the process of one worker makes progress.
///
/// One challenge is on its way at a time, so that a slow worker is not given more to do. The answer
/// comes from the loop that does the work, behind the work that waits; it therefore proves more
/// than a timer that beats beside a stuck loop.
struct ProgressWatch: Equatable, Sendable {
  private enum State: Equatable {
    /// Can transition to: `.asked`, when the moment has come.
    case resting(until: MonotonicInstant)
    /// Can transition to: `.resting`, with the answer.
    case asked(nonce: Int64, at: MonotonicInstant, isReportedSlow: Bool)
  }

  enum TimeAction: Equatable {
    case ask(nonce: Int64)
    /// Half the time for an answer is over.
    case reportSlow(waited: TimeSpan)
    case giveUp(Hang)
  }

  enum AnswerAction: Equatable {
    /// The answer belongs to no challenge that is open.
    case ignore
    case noteProgress
    /// As above, after it had been reported slow.
    case noteRecovery(waited: TimeSpan)
    case giveUp(Hang)
  }

  /// What came a moment ago says nothing: a worker that has no inputs has timers, and one of them may
  /// beat in step with the challenges.
  private static let leastAge = TimeSpan.milliseconds(250)

  private var state: State
  private var lastNonce: Int64 = 0
  /// Since when every answer has told of inputs that wait for a while, and of none handled.
  private var waitingSince: MonotonicInstant?
  private(set) var latest: WorkerProgress?
  /// From the challenge to the answer, the last time.
  private(set) var answerTime: TimeSpan?

  init(at moment: MonotonicInstant) {
    state = .resting(until: moment)
  }

  /// When `timePassed` has something to do.
  func deadline(silenceLimit: TimeSpan) -> MonotonicInstant {
    switch state {
    case .resting(let until): until
    case .asked(_, let at, isReportedSlow: false): at + silenceLimit.half
    case .asked(_, let at, isReportedSlow: true): at + silenceLimit
    }
  }

  mutating func timePassed(at moment: MonotonicInstant, silenceLimit: TimeSpan) -> TimeAction? {
    switch state {
    case .resting(let until):
      guard moment >= until else { return nil }
      lastNonce += 1
      state = .asked(nonce: lastNonce, at: moment, isReportedSlow: false)
      return .ask(nonce: lastNonce)
    case .asked(let nonce, let at, let isReportedSlow):
      let waited = moment - at
      if waited >= silenceLimit { return .giveUp(.silent(milliseconds: waited.milliseconds)) }
      guard !isReportedSlow, waited >= silenceLimit.half else { return nil }
      state = .asked(nonce: nonce, at: at, isReportedSlow: true)
      return .reportSlow(waited: waited)
    }
  }

  /// `stuckLimit` is how long inputs may wait while none is handled; `nil` before the worker is
  /// ready.
  mutating func answered(
    nonce: Int64, _ progress: WorkerProgress, at moment: MonotonicInstant,
    interval: TimeSpan, stuckLimit: TimeSpan?
  ) -> AnswerAction {
    guard case .asked(nonce, let askedAt, let wasSlow) = state else { return .ignore }
    let waited = moment - askedAt
    state = .resting(until: max(moment, askedAt + interval))
    answerTime = waited
    if progress.backlog == 0 || progress.oldestAgeMilliseconds < Self.leastAge.milliseconds {
      waitingSince = nil
    } else if waitingSince == nil || progress.inputs != latest?.inputs {
      waitingSince = moment
    }
    latest = progress
    if let waitingSince, let stuckLimit, moment - waitingSince >= stuckLimit {
      let milliseconds = (moment - waitingSince).milliseconds
      return .giveUp(.stuck(backlog: progress.backlog, milliseconds: milliseconds))
    }
    return wasSlow ? .noteRecovery(waited: waited) : .noteProgress
  }

  /// Silence during the start is forgiven once the worker is ready.
  mutating func becameReady(at moment: MonotonicInstant) {
    waitingSince = nil
    if case .asked(let nonce, _, _) = state {
      state = .asked(nonce: nonce, at: moment, isReportedSlow: false)
    }
  }

  /// The supervisor itself stood still for this long.
  mutating func postpone(by span: TimeSpan) {
    switch state {
    case .resting(let until): state = .resting(until: until + span)
    case .asked(let nonce, let at, let isReportedSlow):
      state = .asked(nonce: nonce, at: at + span, isReportedSlow: isReportedSlow)
    }
    waitingSince = waitingSince.map { $0 + span }
  }
}

extension TimeSpan {
  fileprivate var half: TimeSpan { TimeSpan(nanos: nanos / 2) }
}
