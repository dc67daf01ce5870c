import RiskModel

// Canaries and lost messages.
extension SupervisionPlan {
  mutating func canaryCame(_ canary: CanarySighting?, at moment: Moment) -> [SupervisionAction] {
    guard case .back(let wait)? = canaries.saw(canary, at: moment.monotonic) else { return [] }
    let entry = HistoryEntry(
      at: moment, .canaryBack,
      text: "canaries reach the enforcer again after \(wait.milliseconds / 1_000) s")
    return [.record(entry)]
  }

  mutating func watchCanaries(at moment: Moment) -> [SupervisionAction] {
    let isPathWhole =
      phase == .working && WorkerName.critical.allSatisfy { workers[$0]?.isReady ?? false }
    let change = canaries.timePassed(
      at: moment.monotonic, isPathWhole: isPathWhole, limit: settings.canaryLimit)
    guard case .lost(let wait)? = change else { return [] }
    let entry = HistoryEntry(
      at: moment, .canaryLost,
      text: "no canary has reached the enforcer for \(wait.milliseconds / 1_000) s")
    return [.record(entry)]
  }

  func canaryReport(at moment: MonotonicInstant) -> StatusReport.Canary? {
    guard canaries.isLost || canaries.lastAt != nil else { return nil }
    return StatusReport.Canary(
      isLost: canaries.isLost, total: canaries.total,
      latencyMicroseconds: canaries.latest?.microseconds,
      ageSeconds: canaries.lastAt.map { (moment - $0).milliseconds / 1_000 })
  }
}

extension HistoryEntry {
  init(_ message: LostMessage, of worker: WorkerName, at moment: Moment) {
    let link = message.link.rawValue
    let position = printable(message.position, limit: 60)
    let reason = printable(message.reason, limit: 200)
    let text =
      switch message.loss {
      case .quarantined:
        "message \(position) of \(worker.rawValue) broke link \(link) twice: \(reason)"
      case .skipped:
        "message \(position) of link \(link) never came to \(worker.rawValue): \(reason)"
      }
    self.init(
      at: moment, message.loss == .quarantined ? .messageQuarantined : .messageSkipped,
      worker: worker, cause: reason, text: text)
  }
}
