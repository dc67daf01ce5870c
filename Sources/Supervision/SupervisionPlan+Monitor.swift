import RiskModel

// The monitor, which nobody waits for, and the pipes on which the others tell it what they do.
extension SupervisionPlan {
  /// Beside the first of the critical workers, so that it hears of everything.
  mutating func startMonitor(at moment: Moment) -> [SupervisionAction] {
    workers[.monitor] == nil ? [] : [launch(.monitor, at: moment)]
  }

  /// A process that has just appeared: its pipe to the monitor, or all pipes to it.
  func connectTelemetry(of worker: WorkerName) -> [SupervisionAction] {
    guard workers[.monitor]?.working != nil else { return [] }
    let sources =
      worker == .monitor ? TelemetrySource.connected.filter(isThere) : [TelemetrySource(worker)]
    return sources.map { .makeTelemetry($0) }
  }

  mutating func retryTelemetry(at moment: Moment) -> [SupervisionAction] {
    let due = TelemetrySource.connected.filter { source in
      missingTelemetry[source].map { moment.monotonic >= $0 } ?? false
    }
    for source in due { missingTelemetry[source] = nil }
    // Whoever is gone by now gets a pipe when it is back.
    guard workers[.monitor]?.working != nil else { return [] }
    return due.filter(isThere).map { .makeTelemetry($0) }
  }

  private func isThere(_ source: TelemetrySource) -> Bool {
    source.worker.map { workers[$0]?.working != nil } ?? true
  }
}
