package import RiskModel

/// The thresholds of supervision. The defaults are the shipped values.
package struct SupervisionSettings: Equatable, Sendable {
  /// More counted deaths of one worker than this within `crashWindow` are a crash loop.
  package var crashDeaths = 3
  /// The same for all workers together.
  package var crashDeathsAll = 6
  package var crashWindow = TimeSpan.seconds(600)

  /// Pauses before the first, second, ... restart in a row; the last one repeats. Up to a quarter
  /// is added by chance, so that workers do not fall into step.
  package var backoff: [TimeSpan] = [
    .zero, .milliseconds(250), .seconds(1), .seconds(4),
  ]
  /// A worker that was ready for this long starts again with the first pause. Safe mode ends when
  /// all workers have been ready for this long, and a release on trial is good then. The window of deaths is never cleared by it.
  package var markGoodAfter = TimeSpan.seconds(600)
  /// Pause before a restart in safe mode, and after an exit with "bad configuration".
  package var retryInterval = TimeSpan.seconds(30)
  /// The same for the enforcer in safe mode.
  package var enforcerRetryInterval = TimeSpan.seconds(10)

  /// How often the gateway sends a canary. Three that do not come are a fault of the path.
  package var canaryInterval = TimeSpan.seconds(10)
  package var challengeInterval = TimeSpan.seconds(1)
  /// A ready worker that leaves a challenge unanswered for this long is hung.
  package var hungAfter: [WorkerName: TimeSpan] = [
    .enforcer: .seconds(5), .evaluator: .seconds(3), .gateway: .seconds(5),
    .monitor: .seconds(20),
  ]
  /// The same before it is ready: restoring the state may keep it busy.
  package var hungAtStartAfter = TimeSpan.seconds(30)
  /// A worker whose oldest waiting input is older than this is overloaded: shown, never killed.
  package var overloadedAfter = TimeSpan.seconds(1)
  /// From SIGABRT, which leaves a core file, to SIGKILL.
  package var abortGrace = TimeSpan.seconds(1)

  /// A worker is started when its predecessor is ready or has had this long to become so.
  package var successorAfter = TimeSpan.seconds(10)
  /// `system.startup.connectTimeout`: then the service is announced, degraded if need be.
  package var readyTimeout = TimeSpan.seconds(30)
  /// How long a worker may be down before the supervisor gives itself up to systemd.
  package var restartBudget = TimeSpan.seconds(30)

  /// From the request to stop to SIGTERM.
  package var drainDeadline = TimeSpan.seconds(8)
  /// From the request to stop all workers to SIGKILL for those that are left.
  package var forceKillAfter = TimeSpan.seconds(30)
  /// From SIGTERM to SIGKILL.
  package var terminateDeadline = TimeSpan.seconds(3)
  /// From SIGKILL to the moment at which a stopping supervisor waits no longer.
  package var killDeadline = TimeSpan.seconds(2)
  /// A worker that closed its control channel and does not exit within this is stopped.
  package var exitAfterChannelEnd = TimeSpan.seconds(2)

  /// A ready worker that does not use a fresh link within this is restarted.
  package var linkDeadline = TimeSpan.seconds(2)
  /// More broken links than this in a minute restart the process that sends on them.
  package var linkBreaksPerMinute = 5
  /// Pause before the next attempt when the transport of a link could not be made.
  package var linkRetryInterval = TimeSpan.seconds(1)

  /// Whether there is a monitor beside the critical workers.
  package var hasMonitor = true

  package init() {}

  /// The workers of this supervisor.
  var workers: [WorkerName] { hasMonitor ? WorkerName.allCases : WorkerName.critical }

  /// How long no canary may come.
  var canaryLimit: TimeSpan { canaryInterval * 3 }

  /// How long a worker may leave a challenge unanswered.
  func silenceLimit(of worker: WorkerName, isReady: Bool) -> TimeSpan {
    isReady ? hungAfter[worker] ?? .seconds(5) : hungAtStartAfter
  }
}
