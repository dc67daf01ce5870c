import RiskModel

// Progress of the workers, their links, and the supervisor's own time.
extension SupervisionPlan {
  mutating func perform(
    _ action: WorkerLife.TimeAction, for worker: WorkerName, at moment: Moment
  ) -> [SupervisionAction] {
    switch action {
    case .launch:
      return [launch(worker, at: moment)]
    case .ask(let nonce):
      return [.send(.challenge(nonce: nonce), to: worker)]
    case .reportSlow(let waited):
      return [.record(slowness(of: worker, waited: waited, at: moment))]
    case .giveUp(let hang):
      return end(worker, for: .hang(hang), at: moment)
    case .signal(let number):
      let cause = workers[worker]?.presumedCause.map { "\($0)" } ?? ""
      return signal(number, to: worker, because: cause, at: moment)
    case .reportUnkillable:
      let entry = HistoryEntry(
        at: moment, .unkillable, worker: worker, pid: workers[worker]?.process?.pid,
        text: "\(worker.rawValue) is still there after SIGKILL")
      guard phase == .stopping else { return [.record(entry)] }
      workers[worker]?.finish()
      return [.record(entry)] + stopNext(at: moment)
    }
  }

  private func slowness(
    of worker: WorkerName, waited: TimeSpan, at moment: Moment
  ) -> HistoryEntry {
    let process = workers[worker]?.working
    let latest = process?.watch.latest ?? WorkerProgress()
    return HistoryEntry(
      at: moment, .workerSlow, worker: worker, pid: process?.pid, life: workers[worker]?.life,
      text: "\(worker.rawValue) has not answered for \(waited.milliseconds) ms; last seen: "
        + "loops \(latest.loops), inputs \(latest.inputs), outputs \(latest.outputs), "
        + "backlog \(latest.backlog), oldest \(latest.oldestAgeMilliseconds) ms")
  }

  mutating func answered(
    _ worker: WorkerName, nonce: Int64, _ progress: WorkerProgress, at moment: Moment
  ) -> [SupervisionAction] {
    let wasOverloaded = isOverloaded(worker)
    let action = workers[worker]?.answered(
      nonce: nonce, progress, at: moment.monotonic, settings: settings)
    let news = worker == .enforcer ? canaryCame(progress.canary, at: moment) : []
    return news + follow(action, of: worker, wasOverloaded: wasOverloaded, at: moment)
  }

  private mutating func follow(
    _ action: ProgressWatch.AnswerAction?, of worker: WorkerName, wasOverloaded: Bool,
    at moment: Moment
  ) -> [SupervisionAction] {
    switch action {
    case .ignore, nil:
      return []
    case .giveUp(let hang):
      return end(worker, for: .hang(hang), at: moment)
    case .noteProgress:
      return overloadChange(of: worker, from: wasOverloaded, at: moment)
    case .noteRecovery(let waited):
      let entry = HistoryEntry(
        at: moment, .workerAnswering, worker: worker, pid: workers[worker]?.working?.pid,
        text: "\(worker.rawValue) answered after \(waited.milliseconds) ms")
      return [.record(entry)] + overloadChange(of: worker, from: wasOverloaded, at: moment)
    }
  }

  private func isOverloaded(_ worker: WorkerName) -> Bool {
    workers[worker]?.working?.isOverloaded(settings: settings) ?? false
  }

  private func overloadChange(
    of worker: WorkerName, from wasOverloaded: Bool, at moment: Moment
  ) -> [SupervisionAction] {
    let isOverloaded = isOverloaded(worker)
    guard isOverloaded != wasOverloaded else { return [] }
    let age = workers[worker]?.working?.watch.latest?.oldestAgeMilliseconds ?? 0
    let entry = HistoryEntry(
      at: moment, isOverloaded ? .workerDegraded : .workerRestored, worker: worker,
      pid: workers[worker]?.working?.pid,
      text: "\(worker.rawValue) \(isOverloaded ? "is" : "is not") overloaded: "
        + "the oldest input waits for \(age) ms")
    return [.record(entry)]
  }

  mutating func degraded(
    _ worker: WorkerName, _ text: String?, at moment: Moment
  ) -> [SupervisionAction] {
    guard workers[worker]?.degraded(text) == true else { return [] }
    let entry = HistoryEntry(
      at: moment, text == nil ? .workerRestored : .workerDegraded, worker: worker,
      pid: workers[worker]?.working?.pid,
      text: "\(worker.rawValue): \(text ?? "as it should be")")
    return [.record(entry)]
  }

  mutating func linkBroken(
    _ link: LinkName, epoch: Int64, by worker: WorkerName, reason: String, at moment: Moment
  ) -> [SupervisionAction] {
    guard link.neighbour(of: worker) != nil else {
      return end(worker, for: .misspoke("no end of link \(link.rawValue)"), at: moment)
    }
    let action = links.broken(
      link, epoch: epoch, by: worker, at: moment.monotonic,
      limitPerMinute: settings.linkBreaksPerMinute)
    let entry = HistoryEntry(
      at: moment, .linkBroken, worker: worker,
      text: "link \(link.rawValue) \(epoch) is of no use to \(worker.rawValue): "
        + printable(reason, limit: 200))
    switch action {
    case .ignore: return []
    case .renew: return [.record(entry)] + renew(link, at: moment)
    case .restart(let sender):
      return [.record(entry)] + end(sender, for: .linkBroken(link), at: moment)
    }
  }

  /// A fresh transport, if both ends are there to use it.
  mutating func renew(_ link: LinkName, at moment: Moment) -> [SupervisionAction] {
    let (first, second) = link.ends
    guard workers[first]?.working != nil, workers[second]?.working != nil else { return [] }
    let ready = Set([first, second].filter { workers[$0]?.isReady ?? false })
    let deadline = moment.monotonic + settings.linkDeadline
    let epoch = links.renew(link) { ready.contains($0) ? deadline : nil }
    let entry = HistoryEntry(
      at: moment, .linkMade,
      text: "link \(link.rawValue) \(epoch) joins \(first.rawValue) and \(second.rawValue)")
    return [.makeLink(link, epoch: epoch), .record(entry)]
  }

  /// Every stretch in which the supervisor did not run is given to all deadlines: a silence that
  /// nobody listened to is no silence.
  mutating func noticeStall(at moment: Moment) -> [SupervisionAction] {
    defer { lastTurn = max(lastTurn ?? moment.monotonic, moment.monotonic) }
    guard let lastTurn else { return [] }
    let gap = moment.monotonic - lastTurn
    guard gap > settings.challengeInterval * 2 else { return [] }
    for worker in WorkerName.allCases { workers[worker]?.postpone(by: gap) }
    links.postpone(by: gap)
    missingTelemetry = missingTelemetry.mapValues { $0 + gap }
    canaries.postpone(by: gap)
    probation.postpone(by: gap)
    announceBy = announceBy.map { $0 + gap }
    killRestAt = killRestAt.map { $0 + gap }
    if case .starting(let worker, let deadline) = phase {
      phase = .starting(worker, deadline: deadline + gap)
    }
    let entry = HistoryEntry(
      at: moment, .stalled,
      text: "the supervisor itself stood still for \(gap.milliseconds) ms; deadlines moved")
    return [.record(entry)]
  }
}
