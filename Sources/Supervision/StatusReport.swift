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
  package var version: String
  package var release: Release
  /// Whether systemd was told that the service is up.
  package var isReady: Bool
  /// What keeps the supervisor from telling systemd that all is well.
  package var problem: String?
  /// Why the workers run with an earlier configuration; absent when they run with the present one.
  package var configuration: String?
  /// In the order in which they start.
  package var workers: [Worker]
  /// Counted deaths of all workers in the window.
  package var deathsInWindow: Int
  package var windowSeconds: Int64
  /// What brought safe mode about.
  package var crashLoop: Evidence?
  /// Why the release gate asked for safe mode at the start.
  package var safeModeReason: String?
  /// `nil` before the first canary, unless it is overdue.
  package var canary: Canary?
  /// The clock of a test; absent where riskd goes by the machine's clock, as it always should.
  package var testClock: TestClock?

  /// The civil time is `offsetMilliseconds` ahead of the machine's at the anchor, an instant of the
  /// machine's clock, and goes at the rate from there.
  package struct TestClock: Equatable, Sendable, Codable {
    package var anchor: String
    package var offsetMilliseconds: Int64
    package var ratePerMille: Int64

    package init(anchor: String, offsetMilliseconds: Int64, ratePerMille: Int64) {
      self.anchor = anchor
      self.offsetMilliseconds = offsetMilliseconds
      self.ratePerMille = ratePerMille
    }
  }

  /// The release that runs.
  package struct Release: Equatable, Sendable, Codable {
    /// `nil` for a program that stands in no folder of releases.
    package var id: String?
    package var state: ReleaseStanding.State
    /// While it is on trial.
    package var probation: Probation?

    package init(id: String?, state: ReleaseStanding.State, probation: Probation? = nil) {
      self.id = id
      self.state = state
      self.probation = probation
    }
  }

  /// What a release on trial has shown, and what it has to show to be good.
  package struct Probation: Equatable, Sendable, Codable {
    package var healthySeconds: Int64
    package var neededSeconds: Int64
    package var canaries: Int64
    package var neededCanaries: Int64
  }

  /// The messages that measure the way from the gateway to the enforcer.
  package struct Canary: Equatable, Sendable, Codable {
    /// None came for three intervals.
    package var isLost: Bool
    /// Since the supervisor started.
    package var total: Int64
    /// Gateway to enforcer, of the last one; `nil` when this enforcer has had none.
    package var latencyMicroseconds: Int64?
    /// Since the supervisor heard of the last one.
    package var ageSeconds: Int64?
  }

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
    let why = [testClock?.text, problem, configuration].compactMap(\.self).map { "\($0); " }
      .joined()
    let last: [String?] = [parts.joined(separator: ", "), canary?.text, deaths, releaseText]
    let text = "\(state.label): \(why)\(last.compactMap(\.self).joined(separator: "; "))"
    return printable(text, limit: 400)
  }
}

extension StatusReport {
  /// `1.2.3`, or `1.2.3 (release 2025.11.22, trial)`.
  package var releaseText: String {
    release.id.map { "\(version) (release \($0), \(release.state.rawValue))" } ?? version
  }
}

extension StatusReport.TestClock {
  /// `TEST CLOCK 3600000 ms ahead at its start, 900 times as fast`
  package var text: String {
    let thousandths = String(ratePerMille % 1_000 + 1_000).dropFirst()
    let fraction = ratePerMille % 1_000 == 0 ? "" : ".\(thousandths)"
    return "TEST CLOCK \(offsetMilliseconds) ms ahead at its start, "
      + "\(ratePerMille / 1_000)\(fraction) times as fast"
  }
}

extension StatusReport.Canary {
  /// `canary 0.8 ms`, or that none comes.
  package var text: String {
    guard !isLost else { return "no canary" }
    guard let latencyMicroseconds else { return "canary awaited" }
    let tenths = (latencyMicroseconds + 50) / 100
    return "canary \(tenths / 10).\(tenths % 10) ms"
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
