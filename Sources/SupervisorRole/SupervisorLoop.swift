package import ControlPlane
package import Logging
package import ProcessControl
import RiskModel
package import Supervision

/// The loop of the supervisor: it tells the plan what happened and does what the plan answers.
package final class SupervisorLoop {
  /// Often enough for the shortest sensible watchdog, seldom enough to cost nothing.
  static let slowestPing = TimeSpan.milliseconds(2_500)

  var plan: SupervisionPlan
  let ports: SupervisorPorts
  let log: Logger
  /// Called once, when all workers have stopped, with the exit code.
  package var onFinish: (Int32) -> Void = { _ in }
  /// Called with every entry of the history; must not wait for anything.
  package var onRecord: (HistoryEntry) -> Void = { _ in }
  /// Told what systemd is told, when it changes and with each sign of life.
  package var onStatus: (String) -> Void = { _ in }

  private var waits = RestartWaits()
  var reloads = Reload()
  var questions = OperatorQuestions()
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

  package init(plan: SupervisionPlan, ports: SupervisorPorts, log: Logger) {
    self.plan = plan
    self.ports = ports
    self.log = log
  }

  package func start() {
    perform(plan.start(at: ports.clock.moment()))
  }

  /// Stops all workers in order; more of the same changes nothing.
  package func stop(by who: String? = nil) {
    let moment = ports.clock.moment()
    guard plan.overallState != .stopping else { return }
    let actions = plan.stop(by: who, at: moment)
    notify(.stopping(status: plan.report(at: moment).line))
    perform(actions)
  }

  package var isStopping: Bool { plan.overallState == .stopping }

  /// The workers get no more time to finish; they still stop in order. Only after `stop`.
  package func hurry() {
    guard isStopping else { return }
    perform(plan.hurry(at: ports.clock.moment()))
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
    case .said(.told(let number, let answer)):
      self.answer(number, answer)
      continueWork()
    case .said(let message):
      perform(plan.received(message, from: worker, life: life, at: moment))
    case .misspoke(let problem):
      perform(plan.misspoke(worker, life: life, problem: problem, at: moment))
    case .closedChannel:
      perform(plan.channelClosed(worker, life: life, at: moment))
    case .exited(let exit):
      perform(
        plan.exited(
          worker, life: life, exit, memoryKills: ports.memory.kills(), at: moment,
          random: ports.random()))
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
    case .reload(let request):
      reload(request, by: "\(peer)", client: client)
    case .lockouts:
      ask(.lockouts, client: client, at: moment)
    case .endLockout(let id):
      ask(.endLockout(id, by: "\(peer)"), client: client, at: moment)
    }
  }

  private func restart(
    _ request: RestartRequest, by peer: PeerCredentials, client: ControlClientID,
    at moment: Moment
  ) {
    let who = "\(peer)"
    let reason = request.reason.isEmpty ? who : "\(request.reason) (\(who))"
    let (answer, actions) = plan.restart(
      request.worker, reason: reason, by: who, at: moment)
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
  /// Goes on with what waits for a turn of the loop.
  func continueWork() { perform([]) }

  /// Performs the actions in order; what they bring about is performed behind them.
  func perform(_ actions: [SupervisionAction]) {
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
    case .makeTelemetry(let source): makeTelemetry(source)
    case .send(let message, let worker): ports.processes.send(message, to: worker)
    case .signal(let signal, let worker): send(signal, to: worker)
    case .record(let entry): record(entry)
    case .saveDeaths(let deaths): keep { try ports.records.save(deaths) }
    case .crashLoop(let loop): judge(loop)
    case .writeVerdict(let verdict): write(verdict)
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
      refuseReloads()
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

  private func makeTelemetry(_ source: TelemetrySource) {
    do {
      try ports.processes.makeTelemetry(source)
    } catch {
      todo += plan.telemetryNotMade(source, problem: "\(error)", at: ports.clock.moment())
    }
  }

  private func send(_ signal: Signal, to worker: WorkerName) {
    do {
      try ports.processes.signal(signal, to: worker)
    } catch {
      log.error("signal not sent: \(error)", metadata: ["worker": "\(worker.rawValue)"])
    }
  }

  private func judge(_ loop: CrashLoop) {
    let moment = ports.clock.moment()
    switch ReleaseRule.verdict(on: ports.releases.facts(), at: moment.civil) {
    case .safeMode(let reason):
      stay(because: reason, at: moment)
    case .rollBack(let previous):
      do {
        try ports.releases.write(plan.verdict(on: loop), at: moment.civil)
        exitCode = ReleaseRule.badReleaseCode
        todo += plan.gaveUp(for: previous, at: moment)
      } catch {
        // Without the verdict the gate would start the same release again.
        stay(because: "the verdict cannot be written: \(error)", at: moment)
      }
    }
  }

  private func stay(because reason: String, at moment: Moment) {
    todo += plan.stayed(because: reason, at: moment)
    keep { try ports.releases.raiseAlarm("SAFE MODE: \(reason)", at: moment.civil) }
  }

  private func write(_ verdict: ReleaseVerdict) {
    let moment = ports.clock.moment()
    do {
      try ports.releases.write(verdict, at: moment.civil)
      todo += plan.verdictWritten(verdict, at: moment)
    } catch {
      todo += plan.verdictFailed("\(error)", at: moment)
    }
  }

  func record(_ entry: HistoryEntry) {
    log.log(level: entry.level, "\(entry.text)", metadata: entry.metadata)
    keep { try ports.records.append(entry) }
    onRecord(entry)
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
    continueReload(at: moment)
    guard !isFinished else { return }
    answer(waits.take { plan.isReady($0.worker, after: $0.life) }) { wait in
      .restarted(wait.worker, isReady: true)
    }
    answer(waits.take { $0.deadline <= moment.monotonic }) { wait in
      let text = "\(wait.worker.rawValue) is not ready after \(wait.timeoutSeconds) s"
      return .error(ControlRefusal(.timedOut, text))
    }
    refuseOverdueQuestions(at: moment)
    report(at: moment)
    let deadlines = [
      plan.nextDeadline, nextPing, waits.nextDeadline, reloads.nextDeadline, questions.nextDeadline,
    ]
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
      onStatus(line)
    } else if line != lastLine {
      notify(.status(line))
      onStatus(line)
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
