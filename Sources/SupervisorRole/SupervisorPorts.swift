package import ControlPlane
package import RiskModel
package import Supervision

/// What the supervisor needs of the world. Everything is called on its loop.
package struct SupervisorPorts {
  package var processes: any WorkerProcesses
  package var clock: any SupervisorClock
  package var alarm: any WakeAlarm
  package var notifier: any ServiceNotifier
  package var records: any SupervisionRecords
  package var releases: any ReleaseRecords
  package var memory: any MemoryWatch
  package var operators: any OperatorDesk
  /// `nil` where the configuration stays what it is.
  package var configuration: (any ConfigurationSource)?
  /// Spreads the pauses between restarts.
  package var random: () -> UInt64

  package init(
    processes: any WorkerProcesses, clock: any SupervisorClock, alarm: any WakeAlarm,
    notifier: any ServiceNotifier, records: any SupervisionRecords,
    releases: any ReleaseRecords, memory: any MemoryWatch, operators: any OperatorDesk,
    configuration: (any ConfigurationSource)? = nil, random: @escaping () -> UInt64
  ) {
    self.processes = processes
    self.clock = clock
    self.alarm = alarm
    self.notifier = notifier
    self.records = records
    self.releases = releases
    self.memory = memory
    self.operators = operators
    self.configuration = configuration
    self.random = random
  }
}

/// The worker processes. What they do is told to `SupervisorLoop.happened`.
package protocol WorkerProcesses: AnyObject {
  /// Starts a process and sends it its settings.
  ///
  /// - Returns: its process id.
  func spawn(_ worker: WorkerName, life: Int64) throws -> Int32
  /// What the worker is sent at its next starts.
  func brief(_ worker: WorkerName, _ settings: String)
  /// Sends a message without descriptors. A worker that is gone does not get it.
  func send(_ message: SupervisorMessage, to worker: WorkerName)
  /// Makes a pair of pipes and gives both workers their ends.
  func makeLink(_ link: LinkName, epoch: Int64) throws
  /// Makes a pipe from a process to the monitor and gives both their ends.
  func makeTelemetry(_ source: TelemetrySource) throws
  func signal(_ signal: Signal, to worker: WorkerName) throws
}

/// What a worker process did.
package enum WorkerEvent: Equatable, Sendable {
  case said(WorkerMessage)
  /// Something that is no message of the control channel, or the channel failed.
  case misspoke(String)
  case closedChannel
  case exited(WorkerExit)
}

package protocol SupervisorClock {
  func moment() -> Moment
}

/// One alarm that calls `SupervisorLoop.timePassed`.
package protocol WakeAlarm: AnyObject {
  /// Replaces the alarm that was set before.
  func set(at deadline: MonotonicInstant?)
}

/// What outlives the supervisor.
package protocol SupervisionRecords: AnyObject {
  func save(_ deaths: DeathWindow) throws
  func append(_ entry: HistoryEntry) throws
  /// The latest entries, oldest first.
  func latest(_ count: Int) -> [HistoryEntry]
}

/// The operators who wait for an answer.
package protocol OperatorDesk: AnyObject {
  func reply(_ reply: ControlReply, to client: ControlClientID)
}

/// What is written about the release that runs.
package protocol ReleaseRecords {
  /// As it is now.
  func facts() -> ReleaseFacts
  /// Returns when the verdict would survive a loss of power.
  func write(_ verdict: ReleaseVerdict, at now: Instant) throws
  /// Has a person called, where the service manager looks for it.
  func raiseAlarm(_ text: String, at now: Instant) throws
}

/// The kernel's watch over the memory group of this process.
package protocol MemoryWatch {
  /// Processes of the group that the kernel has ended because it was full; `nil` where the kernel
  /// does not tell.
  func kills() -> Int64?
}
