package import RiskModel

// What the plan can tell about itself.
extension SupervisionPlan {
  package var overallState: OverallState {
    switch phase {
    case .idle: return .starting
    case .stopping, .over: return .stopping
    case .starting, .working: break
    }
    if case .safe = mode { return .safeMode }
    guard WorkerName.critical.allSatisfy({ workers[$0]?.isReady ?? false }) else {
      return isAnnounced ? .degraded : .starting
    }
    if canaries.isLost || configurationProblem != nil { return .degraded }
    // The monitor is waited for by nobody, and missed when it is gone.
    if isAnnounced, workers[.monitor]?.isReady == false { return .degraded }
    return WorkerName.allCases.contains { shortcoming(of: $0) != nil } ? .degraded : .running
  }

  /// Whether systemd may be told that all is well: every worker makes progress or is on its way
  /// back within its budget; in safe mode that is asked of the enforcer only.
  package func health(at moment: MonotonicInstant) -> Health {
    switch phase {
    case .idle, .stopping, .over: return .healthy
    case .starting, .working: break
    }
    let indispensable: [WorkerName] =
      switch mode {
      case .normal: WorkerName.critical
      case .safe: [.enforcer]
      }
    let complaints = indispensable.compactMap { complaint(about: $0, at: moment) }
    return complaints.isEmpty ? .healthy : .unhealthy(complaints.joined(separator: "; "))
  }

  private func complaint(about worker: WorkerName, at moment: MonotonicInstant) -> String? {
    guard let life = workers[worker], let since = life.downSince else { return nil }
    let down = moment - since
    guard down > settings.restartBudget, !isExcused(life) else { return nil }
    let cause = life.presumedCause ?? life.lastDeath?.cause
    let because = cause.map { ": \($0)" } ?? ""
    return "\(worker.rawValue) down for \(down.milliseconds / 1_000) s\(because)"
  }

  /// A worker that said itself why it cannot work is not helped by a restart of everything.
  private func isExcused(_ life: WorkerLife) -> Bool {
    life.presumedCause == nil && life.lastDeath?.cause.isExcused == true
  }

  /// Whether a restart is over that was accepted with this number.
  package func isReady(_ worker: WorkerName, after life: Int64) -> Bool {
    guard let present = workers[worker] else { return false }
    return present.life > life && present.isReady
  }

  package func report(at moment: Moment) -> StatusReport {
    let all = WorkerName.allCases.compactMap { workers[$0] }
    var report = StatusReport(
      state: overallState, since: (stateSince ?? moment.civil).timestamp,
      time: moment.civil.timestamp, version: version, release: releaseReport(at: moment),
      isReady: isAnnounced,
      workers: all.map { workerReport($0, at: moment) },
      deathsInWindow: WorkerName.allCases.reduce(0) { $0 + deathCount(of: $1, at: moment) },
      windowSeconds: settings.crashWindow.milliseconds / 1_000)
    if case .unhealthy(let problem) = health(at: moment.monotonic) { report.problem = problem }
    report.canary = canaryReport(at: moment.monotonic)
    report.configuration = configurationProblem
    report.testClock = testClock
    switch mode {
    case .normal: break
    case .safe(_, .crashLoop(let loop)): report.crashLoop = StatusReport.Evidence(loop)
    case .safe(_, .gate(let reason)): report.safeModeReason = reason
    }
    return report
  }

  private func releaseReport(at moment: Moment) -> StatusReport.Release {
    let isMarkedGood = release.state == .trial && !probation.isOnTrial
    return StatusReport.Release(
      id: release.id, state: isMarkedGood ? .good : release.state,
      probation: probationReport(at: moment.monotonic))
  }

  private func workerReport(_ life: WorkerLife, at moment: Moment) -> StatusReport.Worker {
    let process = life.process
    let uptime = process.map { (moment.monotonic - $0.since.monotonic).milliseconds / 1_000 }
    return StatusReport.Worker(
      name: life.name, state: StatusReport.State(life.stage), pid: process?.pid,
      since: process?.since.civil.timestamp, uptimeSeconds: uptime, life: life.life,
      deathsInWindow: deathCount(of: life.name, at: moment),
      lastCause: life.lastDeath.map { "\($0.cause)" },
      lastDeath: life.lastDeath?.civil.timestamp,
      links: LinkName.allCases.filter { $0.neighbour(of: life.name) != nil }.map { link in
        StatusReport.Link(
          name: link, epoch: links.epoch(of: link), isConfirmed: links.isConfirmed(link))
      },
      progress: process?.watch.latest,
      answerMilliseconds: process?.watch.answerTime?.milliseconds,
      degraded: shortcoming(of: life.name))
  }

  private func deathCount(of worker: WorkerName, at moment: Moment) -> Int {
    deaths.count(of: worker, at: moment.boot, window: settings.crashWindow)
  }

  private func shortcoming(of worker: WorkerName) -> String? {
    guard let process = workers[worker]?.working else { return nil }
    return process.degraded ?? (process.isOverloaded(settings: settings) ? "overloaded" : nil)
  }

  /// Notes when the overall state changed; every event passes its actions through here.
  mutating func noting(
    _ moment: Moment, _ actions: [SupervisionAction]
  ) -> [SupervisionAction] {
    let state = overallState
    if state != lastState {
      lastState = state
      stateSince = moment.civil
    }
    return actions
  }
}

extension StatusReport.State {
  fileprivate init(_ stage: WorkerLife.Stage) {
    switch stage {
    case .idle: self = .waiting
    case .starting: self = .starting
    case .ready: self = .ready
    case .ending: self = .stopping
    case .pausing: self = .pausing
    case .over: self = .stopped
    }
  }
}

extension StatusReport.Evidence {
  fileprivate init(_ loop: CrashLoop) {
    switch loop.scope {
    case .worker(let worker): scope = worker.rawValue
    case .together: scope = "all"
    }
    allowedDeaths = loop.limit
    windowSeconds = loop.window.milliseconds / 1_000
    since = loop.at.timestamp
    deaths = loop.deaths.map { death in
      StatusReport.EvidenceDeath(
        worker: death.worker, time: death.civil.timestamp, cause: "\(death.cause)")
    }
  }
}
