import RiskModel

/// State machine: one worker, through all of its processes.
///
/// It knows nothing of the other workers; `SupervisionPlan` decides when a worker starts, what a
/// death means and how long the pause is.
struct WorkerLife: Equatable, Sendable {
  enum State: Equatable {
    /// Its turn has not come. Can transition to: `.spawning`, `.over`.
    case idle
    /// A process has been asked for. Can transition to: `.running`, `.pausing`, `.over`.
    case spawning
    /// Can transition to: `.ending`, `.gone`.
    case running(WorkerProcess)
    /// On the way out, whoever wanted it. Can transition to: `.gone`, `.over`.
    case ending(WorkerProcess, Ending)
    /// Dead; the plan has not yet said what follows. Can transition to: `.spawning`, `.pausing`,
    /// `.over`.
    case gone
    /// Waits for its restart. Can transition to: `.spawning`, `.over`.
    case pausing(until: MonotonicInstant)
    /// Not started again in this life of the supervisor.
    case over
  }

  enum TimeAction: Equatable {
    case launch
    case ask(nonce: Int64)
    case reportSlow(waited: TimeSpan)
    case giveUp(Hang)
    case signal(Signal)
    /// Even SIGKILL has not ended it.
    case reportUnkillable
  }

  let name: WorkerName
  private(set) var state = State.idle
  /// Counts the processes of this worker; packets and deaths of earlier ones are told by it.
  private(set) var life: Int64 = 0
  private(set) var lastDeath: LastDeath?
  /// Since when the worker does not do its job; `nil` while it does.
  private(set) var downSince: MonotonicInstant?
  /// Somebody waits for the restart: no pause before it.
  private(set) var isRestartWanted = false
  var backoff = Backoff()

  struct LastDeath: Equatable, Sendable {
    var cause: CauseOfDeath
    var civil: Instant
  }

  init(_ name: WorkerName) {
    self.name = name
  }
}

// What happens to the worker.
extension WorkerLife {
  /// - Returns: the number of the life that begins.
  mutating func launch(at moment: MonotonicInstant) -> Int64 {
    switch state {
    case .idle, .gone, .pausing:
      life += 1
      state = .spawning
      isRestartWanted = false
      downSince = downSince ?? moment
      return life
    case .spawning, .running, .ending, .over:
      preconditionFailure("Invariant: \(name) is started while it is \(stage)")
    }
  }

  mutating func spawned(pid: Int32, at moment: Moment) {
    guard case .spawning = state else {
      preconditionFailure("Invariant: a process of \(name) appeared while it is \(stage)")
    }
    state = .running(WorkerProcess(pid: pid, at: moment))
  }

  mutating func spawnFailed() {
    guard case .spawning = state else {
      preconditionFailure("Invariant: no process was asked for while \(name) is \(stage)")
    }
    state = .gone
  }

  /// - Returns: whether this is news.
  mutating func becameReady(at moment: MonotonicInstant) -> Bool {
    guard case .running(var process) = state, process.readySince == nil else { return false }
    process.readySince = moment
    process.watch.becameReady(at: moment)
    state = .running(process)
    downSince = nil
    return true
  }

  mutating func answered(
    nonce: Int64, _ progress: WorkerProgress, at moment: MonotonicInstant,
    settings: SupervisionSettings
  ) -> ProgressWatch.AnswerAction {
    guard case .running(var process) = state else { return .ignore }
    let stuckLimit = process.isReady ? settings.silenceLimit(of: name, isReady: true) : nil
    let action = process.watch.answered(
      nonce: nonce, progress, at: moment, interval: settings.challengeInterval,
      stuckLimit: stuckLimit)
    state = .running(process)
    switch action {
    case .noteProgress, .noteRecovery: downSince = nil
    case .ignore, .giveUp: break
    }
    return action
  }

  /// - Returns: whether this is news.
  mutating func degraded(_ text: String?) -> Bool {
    guard case .running(var process) = state, process.degraded != text else { return false }
    process.degraded = text
    state = .running(process)
    return true
  }

  /// - Returns: what begins the end; `nil` when it had begun already.
  mutating func end(
    for reason: Ending.Reason, at moment: MonotonicInstant, settings: SupervisionSettings
  ) -> Ending.Step? {
    if case .restart = reason { isRestartWanted = true }
    guard case .running(let process) = state else { return nil }
    let ending = Ending(for: reason, at: moment, settings: settings)
    state = .ending(process, ending)
    downSince = downSince ?? moment
    return ending.step
  }

  /// What is on its way out gets no more time than the settings give now.
  mutating func hurry(at moment: MonotonicInstant, settings: SupervisionSettings) {
    guard case .ending(let process, var ending) = state else { return }
    ending.hurry(at: moment, settings: settings)
    state = .ending(process, ending)
  }

  mutating func exited(_ status: WorkerExit, at moment: Moment) -> CauseOfDeath {
    let cause: CauseOfDeath
    switch state {
    case .running: cause = CauseOfDeath(status)
    case .ending(_, let ending): cause = ending.cause(of: status)
    case .idle, .spawning, .gone, .pausing, .over:
      preconditionFailure("Invariant: \(name) died while it is \(stage)")
    }
    state = .gone
    lastDeath = LastDeath(cause: cause, civil: moment.civil)
    downSince = downSince ?? moment.monotonic
    return cause
  }

  mutating func pause(until deadline: MonotonicInstant) {
    guard case .gone = state else {
      preconditionFailure("Invariant: a pause of \(name) while it is \(stage)")
    }
    state = .pausing(until: deadline)
  }

  /// It is not started again; a process that is still there is left to its fate.
  mutating func finish() {
    state = .over
  }

  mutating func timePassed(
    at moment: MonotonicInstant, settings: SupervisionSettings
  ) -> TimeAction? {
    switch state {
    case .idle, .spawning, .gone, .over:
      return nil
    case .pausing(let until):
      return moment >= until ? .launch : nil
    case .running(var process):
      let limit = settings.silenceLimit(of: name, isReady: process.isReady)
      let action = process.watch.timePassed(at: moment, silenceLimit: limit)
      state = .running(process)
      return switch action {
      case .ask(let nonce): .ask(nonce: nonce)
      case .reportSlow(let waited): .reportSlow(waited: waited)
      case .giveUp(let hang): .giveUp(hang)
      case nil: nil
      }
    case .ending(let process, var ending):
      guard let deadline = ending.deadline, moment >= deadline else { return nil }
      let signal = ending.escalate(at: moment, settings: settings)
      state = .ending(process, ending)
      return signal.map { .signal($0) } ?? .reportUnkillable
    }
  }

  func nextDeadline(settings: SupervisionSettings) -> MonotonicInstant? {
    switch state {
    case .idle, .spawning, .gone, .over: nil
    case .pausing(let until): until
    case .running(let process):
      process.watch.deadline(
        silenceLimit: settings.silenceLimit(of: name, isReady: process.isReady))
    case .ending(_, let ending): ending.deadline
    }
  }

  /// The supervisor itself stood still for this long.
  mutating func postpone(by span: TimeSpan) {
    downSince = downSince.map { $0 + span }
    switch state {
    case .idle, .spawning, .gone, .over: break
    case .pausing(let until): state = .pausing(until: until + span)
    case .running(var process):
      process.postpone(by: span)
      state = .running(process)
    case .ending(let process, var ending):
      ending.deadline = ending.deadline.map { $0 + span }
      state = .ending(process, ending)
    }
  }
}
