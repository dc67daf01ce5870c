import RiskModel

/// One line of the supervisor's history, for the log and for `riskctl history`.
///
/// As JSON, the keys are an interface: they are only ever added.
package struct HistoryEntry: Equatable, Sendable, Codable {
  package enum Event: String, Sendable, Codable, CaseIterable {
    case supervisorStarted
    case workerStarted
    case workerReady
    case workerDegraded
    case workerRestored
    case workerSlow
    case workerAnswering
    case death
    case spawnFailed
    case restartAsked
    case reloadAccepted
    case reloadRefused
    case signalSent
    case unkillable
    case linkMade
    case linkBroken
    case linkFailed
    case badConfiguration
    case ready
    case readyDegraded
    case crashLoop
    case safeMode
    case safeModeEnded
    case rolledBack
    case releaseGood
    case verdictFailed
    case canaryLost
    case canaryBack
    case messageQuarantined
    case messageSkipped
    case stalled
    case stopAsked
    case stopped
  }

  package enum Severity: Sendable {
    case notice
    case warning
    case critical
  }

  /// RFC 3339, UTC, with milliseconds.
  package var time: String
  package var event: Event
  package var worker: WorkerName?
  package var pid: Int32?
  /// Counts the processes of the worker since the supervisor started.
  package var life: Int64?
  package var cause: String?
  /// Of a death: whether it counts towards the limits.
  package var isCounted: Bool?
  /// Of a death: the counted deaths of this worker in the window, this one included.
  package var deathsInWindow: Int?
  /// Who asked, for what somebody asked for.
  package var by: String?
  package var text: String

  package init(
    at moment: Moment, _ event: Event, worker: WorkerName? = nil, pid: Int32? = nil,
    life: Int64? = nil, cause: String? = nil, isCounted: Bool? = nil, deathsInWindow: Int? = nil,
    by: String? = nil, text: String
  ) {
    time = moment.civil.timestamp
    self.event = event
    self.worker = worker
    self.pid = pid
    self.life = life
    self.cause = cause
    self.isCounted = isCounted
    self.deathsInWindow = deathsInWindow
    self.by = by
    self.text = text
  }

  /// Of something that happened while there was no supervisor; `time` in RFC 3339, UTC.
  package init(time: String, _ event: Event, cause: String? = nil, text: String) {
    self.time = time
    self.event = event
    self.cause = cause
    isCounted = event == .death ? true : nil
    self.text = text
  }

  package var severity: Severity {
    switch event {
    case .supervisorStarted, .workerStarted, .workerReady, .workerRestored, .workerAnswering,
      .restartAsked, .reloadAccepted, .linkMade, .ready, .safeModeEnded, .stopAsked, .stopped,
      .releaseGood, .canaryBack:
      .notice
    case .workerDegraded, .workerSlow, .spawnFailed, .signalSent, .linkBroken, .linkFailed,
      .stalled, .canaryLost, .verdictFailed, .reloadRefused:
      .warning
    case .death: isCounted == true ? .warning : .notice
    case .unkillable, .badConfiguration, .readyDegraded, .crashLoop, .safeMode, .rolledBack,
      .messageQuarantined, .messageSkipped:
      .critical
    }
  }
}

/// A text of foreign origin made fit for one line of a log or a screen, of at most `limit` bytes of
/// UTF-8; what is longer ends with `...`.
package func printable(_ text: String, limit: Int) -> String {
  let line = String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { scalar in
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
      }))
  guard line.utf8.count > limit else { return line }
  var short = line
  while short.utf8.count > limit - 3, !short.isEmpty { short.removeLast() }
  return short + "..."
}
