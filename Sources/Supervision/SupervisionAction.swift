/// What the supervisor is to do. Actions carry names and numbers, never secrets.
package enum SupervisionAction: Equatable, Sendable {
  /// Start a process, send it its settings, and tell `spawned` or `spawnFailed`.
  case spawn(WorkerName, life: Int64)
  /// Make a fresh pair of pipes and hand both ends to the workers that the link joins.
  case makeLink(LinkName, epoch: Int64)
  /// Make a fresh pipe from this process to the monitor and hand both their ends.
  case makeTelemetry(TelemetrySource)
  case send(SupervisorMessage, to: WorkerName)
  case signal(Signal, to: WorkerName)
  /// Log it and keep it for `riskctl history`.
  case record(HistoryEntry)
  /// Keep the window on disk, so that it outlives the supervisor.
  case saveDeaths(DeathWindow)
  /// Too many deaths. The plan goes on in safe mode; `stayed` or `gaveUp` tells it what that means
  /// for the release.
  case crashLoop(CrashLoop)
  /// The release on trial works: write it down, then tell `verdictWritten` or `verdictFailed`.
  case writeVerdict(ReleaseVerdict)
  /// Tell systemd that the service is up.
  case announceReady
  /// Every worker has stopped; the supervisor may exit.
  case finished
}

/// The answer to an operator who asks for the restart of a worker.
package enum RestartAnswer: Equatable, Sendable {
  /// The restart is over when a life of the worker later than this one is ready.
  case accepted(after: Int64)
  case refused(String)
}

/// Whether the supervisor may tell systemd that all is well.
package enum Health: Equatable, Sendable {
  case healthy
  /// Why not.
  case unhealthy(String)
}
