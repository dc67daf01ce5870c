import RiskModel

// A stop for somebody who does not want to wait.
extension SupervisionPlan {
  /// From SIGTERM to SIGKILL in a hurry: enough for a request that is on its way out.
  private static let hurriedDeadline = TimeSpan.milliseconds(500)

  /// The workers that are still there are sent SIGTERM at once and SIGKILL soon after, one after the
  /// other as before. Changes nothing unless everything is being stopped.
  package mutating func hurry(at moment: Moment) -> [SupervisionAction] {
    guard phase == .stopping else { return [] }
    settings.drainDeadline = .zero
    settings.terminateDeadline = min(settings.terminateDeadline, Self.hurriedDeadline)
    for worker in WorkerName.allCases {
      workers[worker]?.hurry(at: moment.monotonic, settings: settings)
    }
    return timePassed(at: moment)
  }

  /// The stop has taken its time: SIGTERM and SIGKILL at once for whoever is there, and for those
  /// whose turn comes after them.
  mutating func killRestIfDue(at moment: Moment) {
    guard phase == .stopping, let due = killRestAt, moment.monotonic >= due else { return }
    killRestAt = nil
    settings.drainDeadline = .zero
    settings.terminateDeadline = .zero
    for worker in WorkerName.allCases {
      workers[worker]?.hurry(at: moment.monotonic, settings: settings)
    }
  }
}
