import RiskModel

// Start, death and stop of the workers.
extension SupervisionPlan {
  /// A worker that was ready for this long may start anew without a pause.
  private static let stayBeforeLeaving = TimeSpan.seconds(60)

  /// Whether the life is the present one; what earlier processes sent is of no interest.
  func isCurrent(_ worker: WorkerName, _ life: Int64) -> Bool {
    workers[worker]?.life == life
  }

  mutating func launch(_ worker: WorkerName, at moment: Moment) -> SupervisionAction {
    .spawn(worker, life: workers[worker]?.launch(at: moment.monotonic) ?? 0)
  }

  mutating func beginTurn(of worker: WorkerName, at moment: Moment) -> [SupervisionAction] {
    let isLast = worker == WorkerName.critical.last
    let deadline = moment.monotonic + settings.successorAfter
    phase = isLast ? .working : .starting(worker, deadline: deadline)
    return [launch(worker, at: moment)]
  }

  mutating func continueStart(at moment: Moment) -> [SupervisionAction] {
    guard case .starting(let worker, let deadline) = phase,
      workers[worker]?.isReady == true || moment.monotonic >= deadline,
      let successor = WorkerName.critical.drop(while: { $0 != worker }).dropFirst().first
    else { return [] }
    return beginTurn(of: successor, at: moment)
  }

  mutating func becameReady(_ worker: WorkerName, at moment: Moment) -> [SupervisionAction] {
    guard workers[worker]?.becameReady(at: moment.monotonic) == true,
      let process = workers[worker]?.working
    else { return [] }
    links.becameReady(worker, confirmBy: moment.monotonic + settings.linkDeadline)
    let duration = (moment.monotonic - process.since.monotonic).milliseconds
    let entry = HistoryEntry(
      at: moment, .workerReady, worker: worker, pid: process.pid, life: workers[worker]?.life,
      text: "\(worker.rawValue) ready after \(duration) ms")
    return [.record(entry)] + continueStart(at: moment) + announceIfDue(at: moment)
  }

  /// Begins the end of a process, unless it is on its way out already.
  mutating func end(
    _ worker: WorkerName, for reason: Ending.Reason, at moment: Moment
  ) -> [SupervisionAction] {
    guard
      let step = workers[worker]?.end(for: reason, at: moment.monotonic, settings: settings)
    else { return [] }
    links.ended(worker)
    switch step {
    case .draining: return [.send(.stop, to: worker)]
    case .aborting:
      let cause = workers[worker]?.presumedCause.map { "\($0)" } ?? ""
      return signal(.abort, to: worker, because: cause, at: moment)
    case .leaving, .terminating, .killing, .unkillable: return []
    }
  }

  func signal(
    _ signal: Signal, to worker: WorkerName, because cause: String, at moment: Moment
  ) -> [SupervisionAction] {
    let entry = HistoryEntry(
      at: moment, .signalSent, worker: worker, pid: workers[worker]?.process?.pid,
      life: workers[worker]?.life, cause: cause, text: "\(signal) sent to \(worker.rawValue)")
    return [.signal(signal, to: worker), .record(entry)]
  }

  mutating func died(
    _ worker: WorkerName, _ status: WorkerExit, at moment: Moment, random: UInt64
  ) -> [SupervisionAction] {
    guard let process = workers[worker]?.process else { return [] }
    var status = status
    if status == .signal(Signal.kill.rawValue), workers[worker]?.wasSentKill == false,
      memoryKills.claim()
    {
      status = .outOfMemory
    }
    // Who leaves because the world has changed did its work until then.
    let proof =
      status == .code(CauseOfDeath.outOfDateCode)
      ? min(Self.stayBeforeLeaving, settings.markGoodAfter) : settings.markGoodAfter
    if let readySince = process.readySince, moment.monotonic - readySince >= proof {
      workers[worker]?.backoff.reset()
    }
    guard let cause = workers[worker]?.exited(status, at: moment) else { return [] }
    links.ended(worker)
    var actions = tally(worker, cause, pid: process.pid, at: moment)
    if phase == .stopping {
      workers[worker]?.finish()
      return actions + stopNext(at: moment)
    }
    if isCounted(cause, of: worker) { actions += enterSafeModeIfDue(at: moment) }
    let pause = pause(after: cause, of: worker, at: moment, random: random)
    if pause == .zero {
      actions.append(launch(worker, at: moment))
    } else {
      workers[worker]?.pause(until: moment.monotonic + pause)
    }
    return actions
  }

  /// Every death leaves a record; a counted one also a place in the window.
  private mutating func tally(
    _ worker: WorkerName, _ cause: CauseOfDeath, pid: Int32, at moment: Moment
  ) -> [SupervisionAction] {
    let isCounted = isCounted(cause, of: worker)
    if isCounted {
      let death = Death(worker: worker, cause: cause, at: moment.boot, civil: moment.civil)
      deaths.add(death, window: settings.crashWindow)
      probation.died()
    }
    let count = deaths.count(of: worker, at: moment.boot, window: settings.crashWindow)
    let entry = HistoryEntry(
      at: moment, .death, worker: worker, pid: pid, life: workers[worker]?.life,
      cause: "\(cause)", isCounted: isCounted, deathsInWindow: count,
      text: "\(worker.rawValue) stopped: \(cause)")
    var actions: [SupervisionAction] = [.record(entry)]
    if isCounted { actions.append(.saveDeaths(deaths)) }
    if cause == .exit(code: CauseOfDeath.badConfigurationCode) {
      let alert = HistoryEntry(
        at: moment, .badConfiguration, worker: worker, cause: "\(cause)",
        text: "\(worker.rawValue) refuses its configuration")
      actions.append(.record(alert))
    }
    return actions
  }

  /// The monitor does not count: an account is protected without it.
  private func isCounted(_ cause: CauseOfDeath, of worker: WorkerName) -> Bool {
    worker.isCritical && cause.isCounted
  }

  private mutating func pause(
    after cause: CauseOfDeath, of worker: WorkerName, at moment: Moment, random: UInt64
  ) -> TimeSpan {
    if workers[worker]?.isRestartWanted == true { return .zero }
    if cause == .exit(code: CauseOfDeath.badConfigurationCode) {
      return settings.retryInterval.stretched(by: random)
    }
    if case .safe = mode, worker.isCritical {
      let own = deaths.count(of: worker, at: moment.boot, window: settings.crashWindow)
      if worker != .enforcer { return settings.retryInterval.stretched(by: random) }
      if own > settings.crashDeaths { return settings.enforcerRetryInterval.stretched(by: random) }
    }
    return workers[worker]?.backoff.nextPause(settings.backoff, random: random) ?? .zero
  }

  /// Ends the last worker that is still there; its death brings the next turn.
  mutating func stopNext(at moment: Moment) -> [SupervisionAction] {
    for worker in WorkerName.stopOrder {
      switch workers[worker]?.stage {
      case .over, nil: continue
      case .idle, .pausing, .ending: return []
      case .starting, .ready: return end(worker, for: .shutdown, at: moment)
      }
    }
    phase = .over
    let entry = HistoryEntry(at: moment, .stopped, text: "all workers have stopped")
    return [.record(entry), .finished]
  }

  mutating func announceIfDue(at moment: Moment) -> [SupervisionAction] {
    guard let deadline = announceBy else { return [] }
    let missing = WorkerName.critical.filter { workers[$0]?.isReady != true }
    guard missing.isEmpty || moment.monotonic >= deadline else { return [] }
    announceBy = nil
    isAnnounced = true
    if missing.isEmpty {
      let entry = HistoryEntry(at: moment, .ready, text: "all workers are ready")
      return [.record(entry), .announceReady]
    }
    let names = missing.map(\.rawValue).joined(separator: ", ")
    let seconds = settings.readyTimeout.milliseconds / 1_000
    let entry = HistoryEntry(
      at: moment, .readyDegraded, text: "DEGRADED: not ready after \(seconds) s: \(names)")
    return [.record(entry), .announceReady]
  }
}
