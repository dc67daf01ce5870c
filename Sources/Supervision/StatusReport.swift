/// What the supervisor does as a whole.
package enum OverallState: String, Sendable, Codable {
  /// Not all workers have been ready yet.
  case starting
  /// Every worker does its job.
  case running
  /// A worker is missing, overloaded, or says that something is missing.
  case degraded
  /// After a crash loop: adopted targets are enforced, the rest is retried slowly.
  case safeMode
  case stopping
}

/// The answer to `riskctl status`.
///
/// As JSON, the keys are an interface: they are only ever added. Times are RFC 3339, UTC.
package struct StatusReport: Equatable, Sendable, Codable {
  package var state: OverallState
  /// Since when the state is what it is.
  package var since: String
  /// When this report was made.
  package var time: String
  package var release: String
  /// Whether systemd was told that the service is up.
  package var isReady: Bool
  /// What keeps the supervisor from telling systemd that all is well.
  package var problem: String?
  /// In the order in which they start.
  package var workers: [Worker]
  /// Counted deaths of all workers in the window.
  package var deathsInWindow: Int
  package var windowSeconds: Int64
  /// What brought safe mode about.
  package var crashLoop: Evidence?

  package struct Worker: Equatable, Sendable, Codable {
    package var name: WorkerName
    package var state: State
    /// `nil` while there is no process.
    package var pid: Int32?
    /// Start of the process.
    package var since: String?
    package var uptimeSeconds: Int64?
    /// Counts the processes of this worker since the supervisor started.
    package var life: Int64
    package var deathsInWindow: Int
    package var lastCause: String?
    package var lastDeath: String?
    package var links: [Link]
    package var progress: WorkerProgress?
    /// From the latest challenge to its answer.
    package var answerMilliseconds: Int64?
    /// What is missing, in the worker's own words, or that it is overloaded.
    package var degraded: String?
  }

  package enum State: String, Sendable, Codable {
    /// Its turn to start has not come.
    case waiting
    case starting
    case ready
    case stopping
    /// Dead; started again after a pause.
    case pausing
    case stopped
  }

  package struct Link: Equatable, Sendable, Codable {
    package var name: LinkName
    /// 0 before the first transport.
    package var epoch: Int64
    /// Both ends use the transport of this epoch.
    package var isConfirmed: Bool
  }

  package struct Evidence: Equatable, Sendable, Codable {
    /// The name of a worker, or `all`.
    package var scope: String
    package var allowedDeaths: Int
    package var windowSeconds: Int64
    package var since: String
    package var deaths: [EvidenceDeath]
  }

  package struct EvidenceDeath: Equatable, Sendable, Codable {
    package var worker: WorkerName
    package var time: String
    package var cause: String
  }
}

extension StatusReport {
  /// The state in one line for `systemctl status`, at most 400 bytes.
  package var line: String {
    let parts = workers.map { worker in
      let missing = worker.degraded.map { " (\($0))" } ?? ""
      return "\(worker.name.rawValue) \(worker.state.rawValue)\(missing)"
    }
    let deaths = "\(deathsInWindow) deaths in \(windowSeconds) s"
    let why = problem.map { "\($0); " } ?? ""
    let text = "\(state.label): \(why)\(parts.joined(separator: ", ")); \(deaths); \(release)"
    return printable(text, limit: 400)
  }
}

extension OverallState {
  /// As people read it.
  package var label: String {
    switch self {
    case .safeMode: "SAFE MODE"
    case .degraded: "DEGRADED"
    case .starting, .running, .stopping: rawValue
    }
  }
}
