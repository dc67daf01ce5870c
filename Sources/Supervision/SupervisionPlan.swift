package import RiskModel

/// State machine: the supervisor.
///
/// It is told what happened and answers with what to do. It starts the workers one after the other,
/// watches that they make progress, starts the dead again, gives the ends of the links fresh
/// transports, and stops everything in reverse order. It holds no process, no descriptor, no clock
/// and no secret; `nextDeadline` is when it wants to hear `timePassed`.
package struct SupervisionPlan: Equatable, Sendable {
  enum Phase: Equatable, Sendable {
    /// Can transition to: `.starting`, `.over`.
    case idle
    /// The worker named last was started; its successor follows when it is ready or `deadline`
    /// has come. Can transition to: `.working`, `.stopping`.
    case starting(WorkerName, deadline: MonotonicInstant)
    /// All workers have been started at least once. Can transition to: `.stopping`.
    case working
    /// Can transition to: `.over`.
    case stopping
    case over
  }

  enum Mode: Equatable, Sendable {
    case normal
    /// After a crash loop: the adopted targets are still enforced, the rest is retried slowly.
    case safe(since: Moment, SafeModeCause)
  }

  var settings: SupervisionSettings
  let version: String
  let release: ReleaseStanding
  var phase = Phase.idle
  /// Since when `overallState` is what it is.
  var stateSince: Instant?
  var lastState: OverallState?
  var mode = Mode.normal
  var workers: [WorkerName: WorkerLife]
  var links = LinkBook()
  /// Telemetry pipes that could not be made, and when to try again.
  var missingTelemetry: [TelemetrySource: MonotonicInstant] = [:]
  var deaths: DeathWindow
  var memoryKills: MemoryKills
  var canaries = CanaryWatch()
  var probation: Probation
  /// When READY is announced at the latest; `nil` once it has been.
  var announceBy: MonotonicInstant?
  var isAnnounced = false
  /// Why the workers run with an earlier configuration; `nil` when they run with the present one.
  package var configurationProblem: String?
  /// The clock of a test, if riskd goes by one.
  package var testClock: StatusReport.TestClock?
  /// While everything is being stopped: when what is left is killed.
  var killRestAt: MonotonicInstant?
  /// When the plan was last told anything, to notice that the supervisor itself stood still.
  var lastTurn: MonotonicInstant?

  /// `deaths` is the window as it was kept on disk, resumed. However full it is, the start is a
  /// normal one; the next counted death is judged with all of it. `memoryKills` is the kernel's
  /// count of processes of this memory group that it ended; `nil` where it is not to be had.
  package init(
    settings: SupervisionSettings, version: String, release: ReleaseStanding = .unmanaged,
    deaths: DeathWindow, memoryKills: Int64? = nil
  ) {
    self.settings = settings
    workers = Dictionary(uniqueKeysWithValues: settings.workers.map { ($0, WorkerLife($0)) })
    self.version = version
    self.release = release
    self.deaths = deaths
    self.memoryKills = MemoryKills(count: memoryKills)
    // One that was given up and had to stay can still find itself good.
    probation = Probation(isOnTrial: release.state == .trial || release.state == .bad)
  }
}

// What happens.
extension SupervisionPlan {
  package mutating func start(at moment: Moment) -> [SupervisionAction] {
    guard phase == .idle, let first = WorkerName.critical.first else { return [] }
    lastTurn = moment.monotonic
    announceBy = moment.monotonic + settings.readyTimeout
    let name = release.id.map { ", release \($0) (\(release.state.rawValue))" } ?? ""
    let entry = HistoryEntry(at: moment, .supervisorStarted, text: "riskd \(version)\(name)")
    let problem = configurationProblem.map { problem in
      SupervisionAction.record(
        HistoryEntry(at: moment, .badConfiguration, text: printable(problem, limit: 400)))
    }
    let entries = [.record(entry)] + [problem].compactMap(\.self)
    return noting(
      moment,
      entries + startSafelyIfAsked(at: moment) + beginTurn(of: first, at: moment)
        + startMonitor(at: moment))
  }

  package mutating func spawned(
    _ worker: WorkerName, life: Int64, pid: Int32, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard isCurrent(worker, life) else { return actions }
    workers[worker]?.spawned(pid: pid, at: moment)
    if worker == .enforcer { canaries.enforcerStarted() }
    actions.append(
      .record(
        HistoryEntry(
          at: moment, .workerStarted, worker: worker, pid: pid, life: life,
          text: "\(worker.rawValue) started")))
    for link in LinkName.allCases where link.neighbour(of: worker) != nil {
      actions += renew(link, at: moment)
    }
    actions += connectTelemetry(of: worker)
    if phase == .stopping { actions += stopNext(at: moment) }
    return noting(moment, actions)
  }

  package mutating func spawnFailed(
    _ worker: WorkerName, life: Int64, problem: String, at moment: Moment, random: UInt64
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard isCurrent(worker, life) else { return actions }
    workers[worker]?.spawnFailed()
    actions.append(
      .record(
        HistoryEntry(
          at: moment, .spawnFailed, worker: worker, life: life,
          text: "\(worker.rawValue) could not be started: \(printable(problem, limit: 200))")))
    if phase == .stopping {
      workers[worker]?.finish()
      actions += stopNext(at: moment)
    } else {
      let pause = workers[worker]?.backoff.nextPause(settings.backoff, random: random) ?? .zero
      // A machine that is out of processes is not helped by asking again at once.
      let least = settings.backoff.first { $0 > .zero } ?? .zero
      workers[worker]?.pause(until: moment.monotonic + max(pause, least))
    }
    return noting(moment, actions)
  }

  package mutating func received(
    _ message: WorkerMessage, from worker: WorkerName, life: Int64, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard isCurrent(worker, life) else { return actions }
    switch message {
    case .ready:
      actions += becameReady(worker, at: moment)
    case .answer(let nonce, let progress):
      actions += answered(worker, nonce: nonce, progress, at: moment)
    case .degraded(let text):
      actions += degraded(worker, text.map { printable($0, limit: 200) }, at: moment)
    case .linkReplaced(let link, let epoch):
      links.confirmed(link, epoch: epoch, by: worker)
    case .linkBroken(let link, let epoch, let reason):
      actions += linkBroken(link, epoch: epoch, by: worker, reason: reason, at: moment)
    case .told:
      // For an operator, who waits outside of the plan.
      break
    case .messageLost(let message):
      actions.append(.record(HistoryEntry(message, of: worker, at: moment)))
    }
    return noting(moment, actions)
  }

  /// The worker sent what the control channel does not know.
  package mutating func misspoke(
    _ worker: WorkerName, life: Int64, problem: String, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard isCurrent(worker, life) else { return actions }
    actions += end(worker, for: .misspoke(printable(problem, limit: 200)), at: moment)
    return noting(moment, actions)
  }

  /// The worker's end of the control channel is closed; its death was not yet seen.
  package mutating func channelClosed(
    _ worker: WorkerName, life: Int64, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard isCurrent(worker, life) else { return actions }
    actions += end(worker, for: .channelClosed, at: moment)
    return noting(moment, actions)
  }

  /// `memoryKills` is the kernel's count at this moment; see `init`.
  package mutating func exited(
    _ worker: WorkerName, life: Int64, _ status: WorkerExit, memoryKills: Int64? = nil,
    at moment: Moment, random: UInt64
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    self.memoryKills.looked(memoryKills, at: moment.monotonic)
    guard isCurrent(worker, life) else { return actions }
    actions += died(worker, status, at: moment, random: random)
    return noting(moment, actions)
  }

  /// The transport of a link could not be made.
  package mutating func linkNotMade(
    _ link: LinkName, epoch: Int64, problem: String, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    links.notMade(link, epoch: epoch, retryAt: moment.monotonic + settings.linkRetryInterval)
    actions.append(
      .record(
        HistoryEntry(
          at: moment, .linkFailed,
          text: "link \(link.rawValue) \(epoch): \(printable(problem, limit: 200))")))
    return noting(moment, actions)
  }

  /// The telemetry pipe of a process could not be made.
  package mutating func telemetryNotMade(
    _ source: TelemetrySource, problem: String, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    missingTelemetry[source] = moment.monotonic + settings.linkRetryInterval
    actions.append(
      .record(
        HistoryEntry(
          at: moment, .linkFailed,
          text: "telemetry of \(source.rawValue): \(printable(problem, limit: 200))")))
    return noting(moment, actions)
  }

  /// An operator wants a worker to be started anew, for the reason given. It counts as no death.
  package mutating func restart(
    _ worker: WorkerName, reason: String, by who: String? = nil, at moment: Moment
  ) -> (RestartAnswer, [SupervisionAction]) {
    var actions = noticeStall(at: moment)
    guard phase != .stopping, phase != .over else {
      return (.refused("riskd is stopping"), actions)
    }
    guard let life = workers[worker], life.stage != .idle else {
      return (.refused("\(worker.rawValue) has not been started yet"), actions)
    }
    let text = printable(reason, limit: 200)
    actions.append(
      .record(
        HistoryEntry(
          at: moment, .restartAsked, worker: worker, pid: life.process?.pid, life: life.life,
          by: who, text: "restart of \(worker.rawValue) asked for: \(text)")))
    if life.stage == .pausing {
      actions.append(launch(worker, at: moment))
    } else {
      actions += end(worker, for: .restart(reason: text), at: moment)
    }
    return (.accepted(after: life.life), noting(moment, actions))
  }

  /// Stops all workers in reverse order. Asking again changes nothing.
  package mutating func stop(
    by who: String? = nil, at moment: Moment
  ) -> [SupervisionAction] {
    var actions = noticeStall(at: moment)
    guard phase != .stopping, phase != .over else { return actions }
    phase = .stopping
    killRestAt = moment.monotonic + settings.forceKillAfter
    announceBy = nil
    actions.append(
      .record(
        HistoryEntry(at: moment, .stopAsked, by: who, text: "stopping all workers in order")))
    for worker in WorkerName.allCases where workers[worker]?.hasNoProcess ?? false {
      workers[worker]?.finish()
    }
    actions += stopNext(at: moment)
    return noting(moment, actions)
  }

  package mutating func timePassed(at moment: Moment) -> [SupervisionAction] {
    guard phase != .idle, phase != .over else { return [] }
    var actions = noticeStall(at: moment)
    killRestIfDue(at: moment)
    for worker in WorkerName.allCases {
      while let action = workers[worker]?.timePassed(at: moment.monotonic, settings: settings) {
        actions += perform(action, for: worker, at: moment)
      }
    }
    for action in links.timePassed(at: moment.monotonic) {
      switch action {
      case .renew(let link): actions += renew(link, at: moment)
      case .restartUnconfirmed(let worker, let link):
        actions += end(worker, for: .linkUnconfirmed(link), at: moment)
      }
    }
    actions += retryTelemetry(at: moment)
    actions += continueStart(at: moment) + announceIfDue(at: moment) + leaveSafeMode(at: moment)
    actions += watchCanaries(at: moment) + continueProbation(at: moment)
    return noting(moment, actions)
  }

  /// When `timePassed` wants to be told, at the latest.
  package var nextDeadline: MonotonicInstant? {
    guard phase != .idle, phase != .over else { return nil }
    var deadlines = workers.values.compactMap { $0.nextDeadline(settings: settings) }
    if let deadline = links.nextDeadline { deadlines.append(deadline) }
    deadlines += missingTelemetry.values
    if let announceBy { deadlines.append(announceBy) }
    if let killRestAt { deadlines.append(killRestAt) }
    if case .starting(_, let deadline) = phase { deadlines.append(deadline) }
    // Also when nothing else is due: only a regular turn shows that the supervisor stood still.
    if let lastTurn { deadlines.append(lastTurn + settings.challengeInterval) }
    return deadlines.min()
  }
}
