package import ControlPlane
package import Logging
package import ProcessControl
import RiskModel
package import Supervision

/// The loop of the supervisor: it tells the plan what happened and does what the plan answers.
package final class SupervisorLoop {
  /// Often enough for the shortest sensible watchdog, seldom enough to cost nothing.
  static let slowestPing = TimeSpan.milliseconds(2_500)

  private var plan: SupervisionPlan
  private let ports: SupervisorPorts
  private let log: Logger
  private let judge: (CrashLoop) -> CrashLoopVerdict
  /// Called once, when all workers have stopped, with the exit code.
  package var onFinish: (Int32) -> Void = { _ in }

  private var waits = RestartWaits()
  private var exitCode: Int32 = 0
  private var todo: [SupervisionAction] = []
  private var isPerforming = false
  private var isFinished = false
  /// When systemd is told the next time that all is well; `nil` before READY.
  private var nextPing: MonotonicInstant?
  private var lastLine = ""
  private var wasHealthy = true
  private var wasNotified = true
  private var wasRecorded = true

  /// `judge` says what a crash loop means for the release that runs.
  package init(
    plan: SupervisionPlan, ports: SupervisorPorts, log: Logger,
    judge: @escaping (CrashLoop) -> CrashLoopVerdict
  ) {
    self.plan = plan
    self.ports = ports
    self.log = log
    self.judge = judge
  }

  package func start() {
    perform(plan.start(at: ports.clock.moment()))
  }

  /// Stops all workers in order; more of the same changes nothing.
  package func stop() {
    let moment = ports.clock.moment()
    guard plan.overallState != .stopping else { return }
    let actions = plan.stop(at: moment)
    notify(.stopping(status: plan.report(at: moment).line))
    perform(actions)
  }

  package func timePassed() {
    perform(plan.timePassed(at: ports.clock.moment()))
  }

  package func report() -> StatusReport {
    plan.report(at: ports.clock.moment())
  }

  package func happened(_ event: WorkerEvent, to worker: WorkerName, life: Int64) {
    let moment = ports.clock.moment()
    switch event {
    case .said(let message):
      perform(plan.received(message, from: worker, life: life, at: moment))
    case .misspoke(let problem):
      perform(plan.misspoke(worker, life: life, problem: problem, at: moment))
    case .closedChannel:
      perform(plan.channelClosed(worker, life: life, at: moment))
    case .exited(let exit):
      perform(plan.exited(worker, life: life, exit, at: moment, random: ports.random()))
    }
  }

  package func asked(
    _ request: ControlRequest, by peer: PeerCredentials, client: ControlClientID
  ) {
    let moment = ports.clock.moment()
    switch request {
    case .status:
      ports.operators.reply(.status(plan.report(at: moment)), to: client)
    case .history(let limit):
      ports.operators.reply(.history(ports.records.latest(limit)), to: client)
    case .restart(let request):
      restart(request, by: peer, client: client, at: moment)
    }
  }

  private func restart(
    _ request: RestartRequest, by peer: PeerCredentials, client: ControlClientID,
    at moment: Moment
  ) {
    let who = "uid \(peer.user), pid \(peer.pid)"
    let reason = request.reason.isEmpty ? who : "\(request.reason) (\(who))"
    let (answer, actions) = plan.restart(request.worker, reason: reason, at: moment)
    switch answer {
    case .refused(let text):
      ports.operators.reply(.error(ControlRefusal(.refused, text)), to: client)
    case .accepted where !request.wait:
      ports.operators.reply(.restarted(request.worker, isReady: false), to: client)
    case .accepted(let life):
      let deadline = moment.monotonic + .seconds(Int64(request.timeoutSeconds))
      waits.add(client, request, after: life, deadline: deadline)
    }
    perform(actions)
  }
}

extension SupervisorLoop {
  /// Performs the actions in order; what they bring about is performed behind them.
  private func perform(_ actions: [SupervisionAction]) {
    todo += actions
    guard !isPerforming else { return }
    isPerforming = true
    while !todo.isEmpty { perform(todo.removeFirst()) }
    isPerforming = false
    if !isFinished { settle() }
  }

  private func perform(_ action: SupervisionAction) {
    switch action {
    case .spawn(let worker, let life): spawn(worker, life: life)
    case .makeLink(let link, let epoch): makeLink(link, epoch: epoch)
    case .send(let message, let worker): ports.processes.send(message, to: worker)
    case .signal(let signal, let worker): send(signal, to: worker)
    case .record(let entry): record(entry)
    case .saveDeaths(let deaths): keep { try ports.records.save(deaths) }
    case .crashLoop(let loop): follow(judge(loop))
    case .announceReady:
      let moment = ports.clock.moment()
      notify(.ready(status: plan.report(at: moment).line))
      nextPing = moment.monotonic
    case .finished:
      isFinished = true
      ports.alarm.set(at: nil)
      answer(waits.take { _ in true }) { _ in
        .error(ControlRefusal(.refused, "riskd has stopped"))
      }
      onFinish(exitCode)
    }
  }

  private func spawn(_ worker: WorkerName, life: Int64) {
    do {
      let pid = try ports.processes.spawn(worker, life: life)
      todo += plan.spawned(worker, life: life, pid: pid, at: ports.clock.moment())
    } catch {
      todo += plan.spawnFailed(
        worker, life: life, problem: "\(error)", at: ports.clock.moment(),
        random: ports.random())
    }
  }

  private func makeLink(_ link: LinkName, epoch: Int64) {
    do {
      try ports.processes.makeLink(link, epoch: epoch)
    } catch {
      todo += plan.linkNotMade(
        link, epoch: epoch, problem: "\(error)", at: ports.clock.moment())
    }
  }

  private func send(_ signal: Signal, to worker: WorkerName) {
    do {
      try ports.processes.signal(signal, to: worker)
    } catch {
      log.error("signal not sent: \(error)", metadata: ["worker": "\(worker.rawValue)"])
    }
  }

  private func follow(_ verdict: CrashLoopVerdict) {
    guard case .exit(let code) = verdict else { return }
    exitCode = code
    log.critical("stopping for good", metadata: ["code": "\(code)"])
    todo += plan.stop(at: ports.clock.moment())
  }

  private func record(_ entry: HistoryEntry) {
    log.log(level: entry.level, "\(entry.text)", metadata: entry.metadata)
    keep { try ports.records.append(entry) }
  }

  /// A full disk must not stop the supervisor, nor fill the log.
  private func keep(_ body: () throws -> Void) {
    do {
      try body()
      if !wasRecorded { log.notice("records are kept again") }
      wasRecorded = true
    } catch {
      if wasRecorded { log.error("records are not kept: \(error)") }
      wasRecorded = false
    }
  }
}

extension SupervisorLoop {
  /// After every event: answers those who waited for it, tells systemd, sets the alarm.
  private func settle() {
    let moment = ports.clock.moment()
    answer(waits.take { plan.isReady($0.worker, after: $0.life) }) { wait in
      .restarted(wait.worker, isReady: true)
    }
    answer(waits.take { $0.deadline <= moment.monotonic }) { wait in
      let text = "\(wait.worker.rawValue) is not ready after \(wait.timeoutSeconds) s"
      return .error(ControlRefusal(.timedOut, text))
    }
    report(at: moment)
    let deadlines = [plan.nextDeadline, nextPing, waits.nextDeadline]
    ports.alarm.set(at: deadlines.compactMap(\.self).min())
  }

  /// The answer may bring the client's next question at once.
  private func answer(
    _ done: [(client: ControlClientID, wait: RestartWaits.Wait)],
    _ reply: (RestartWaits.Wait) -> ControlReply
  ) {
    for (client, wait) in done { ports.operators.reply(reply(wait), to: client) }
  }

  private func report(at moment: Moment) {
    let health = plan.health(at: moment.monotonic)
    note(health)
    let line = plan.report(at: moment).line
    if let due = nextPing, moment.monotonic >= due {
      switch health {
      case .healthy: notify(.alive(status: line))
      case .unhealthy: notify(.trigger(status: line))
      }
      nextPing = moment.monotonic + pingInterval
    } else if line != lastLine {
      notify(.status(line))
    }
    lastLine = line
  }

  private var pingInterval: TimeSpan {
    guard let timeout = ports.notifier.watchdogTimeout else { return Self.slowestPing }
    return min(Self.slowestPing, TimeSpan(nanos: timeout.nanos / 4))
  }

  private func note(_ health: Health) {
    switch (health, wasHealthy) {
    case (.unhealthy(let problem), true):
      log.critical("a worker is down beyond its budget: \(problem)")
    case (.healthy, false):
      log.notice("all is well again")
    case (.healthy, true), (.unhealthy, false):
      break
    }
    wasHealthy = health == .healthy
  }

  private func notify(_ notice: ServiceNotice) {
    let isDelivered = ports.notifier.notify(notice)
    if !isDelivered, wasNotified { log.error("systemd cannot be told anything") }
    wasNotified = isDelivered
  }
}
