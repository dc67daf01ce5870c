import RiskModel

/// What is known of one process of a worker.
struct WorkerProcess: Equatable, Sendable {
  let pid: Int32
  /// Its start.
  let since: Moment
  var readySince: MonotonicInstant?
  var watch: ProgressWatch
  /// What it says is missing.
  var degraded: String?

  init(pid: Int32, at moment: Moment) {
    self.pid = pid
    since = moment
    watch = ProgressWatch(at: moment.monotonic)
  }

  var isReady: Bool { readySince != nil }

  func isOverloaded(settings: SupervisionSettings) -> Bool {
    guard let latest = watch.latest else { return false }
    return latest.oldestAgeMilliseconds > settings.overloadedAfter.milliseconds
  }

  mutating func postpone(by span: TimeSpan) {
    readySince = readySince.map { $0 + span }
    watch.postpone(by: span)
  }
}

/// State machine: the way out of one process.
struct Ending: Equatable, Sendable {
  enum Reason: Equatable, Sendable {
    case restart(reason: String)
    case shutdown
    case hang(Hang)
    case linkUnconfirmed(LinkName)
    case linkBroken(LinkName)
    case misspoke(String)
    case channelClosed
  }

  enum Step: Equatable, Sendable {
    /// It was asked to finish. Can transition to: `.terminating`.
    case draining
    /// Its control channel has ended; it should exit by itself. Can transition to: `.terminating`.
    case leaving
    /// It was sent SIGABRT. Can transition to: `.killing`.
    case aborting
    /// It was sent SIGTERM. Can transition to: `.killing`.
    case terminating
    /// It was sent SIGKILL; only the kernel can hold it now. Can transition to: `.unkillable`.
    case killing
    case unkillable
  }

  let reason: Reason
  private(set) var step: Step
  /// When the next step is due.
  var deadline: MonotonicInstant?

  init(for reason: Reason, at moment: MonotonicInstant, settings: SupervisionSettings) {
    self.reason = reason
    switch reason {
    case .restart, .shutdown, .linkBroken:
      step = .draining
      deadline = moment + settings.drainDeadline
    case .hang, .linkUnconfirmed, .misspoke:
      step = .aborting
      deadline = moment + settings.abortGrace
    case .channelClosed:
      step = .leaving
      deadline = moment + settings.exitAfterChannelEnd
    }
  }

  /// - Returns: what to send now; `nil` when there is nothing stronger left.
  mutating func escalate(at moment: MonotonicInstant, settings: SupervisionSettings) -> Signal? {
    switch step {
    case .draining, .leaving:
      step = .terminating
      deadline = moment + settings.terminateDeadline
      return .terminate
    case .aborting, .terminating:
      step = .killing
      deadline = moment + settings.killDeadline
      return .kill
    case .killing, .unkillable:
      step = .unkillable
      deadline = nil
      return nil
    }
  }

  mutating func hurry(at moment: MonotonicInstant, settings: SupervisionSettings) {
    switch step {
    case .draining, .leaving: deadline = moment
    case .terminating: deadline = deadline.map { min($0, moment + settings.terminateDeadline) }
    case .aborting, .killing, .unkillable: break
    }
  }

  /// Whether the process may have ended so because of what it was asked or sent on its way out.
  private func mayBeOurDoing(_ status: WorkerExit) -> Bool {
    switch status {
    case .code: true
    case .signal(let number): sent.contains { $0.rawValue == number }
    case .outOfMemory: false
    }
  }

  /// The signals that it was sent so far, where it was asked to finish first.
  private var sent: [Signal] {
    switch step {
    case .draining, .leaving, .aborting: []
    case .terminating: [.terminate]
    case .killing, .unkillable: [.terminate, .kill]
    }
  }

  func cause(of status: WorkerExit) -> CauseOfDeath {
    switch reason {
    case .restart(let text): .deliberate(reason: text)
    case .shutdown: .shutdown
    case .hang(let hang): .hang(hang)
    case .linkUnconfirmed(let link): .linkUnconfirmed(link)
    // The neighbours see the end of its pipes, again and again, before the kernel tells of its death.
    case .linkBroken(let link): mayBeOurDoing(status) ? .linkBroken(link) : CauseOfDeath(status)
    case .misspoke(let problem): .misspoke(problem)
    // Channel and process end together; which of the two is seen first is chance.
    case .channelClosed: step == .leaving ? CauseOfDeath(status) : .channelClosed
    }
  }
}
