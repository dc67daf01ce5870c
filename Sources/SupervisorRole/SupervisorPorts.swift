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
  package var operators: any OperatorDesk
  /// Spreads the pauses between restarts.
  package var random: () -> UInt64

  package init(
    processes: any WorkerProcesses, clock: any SupervisorClock, alarm: any WakeAlarm,
    notifier: any ServiceNotifier, records: any SupervisionRecords,
    operators: any OperatorDesk, random: @escaping () -> UInt64
  ) {
    self.processes = processes
    self.clock = clock
    self.alarm = alarm
    self.notifier = notifier
    self.records = records
    self.operators = operators
    self.random = random
  }
}

/// The worker processes. What they do is told to `SupervisorLoop.happened`.
package protocol WorkerProcesses: AnyObject {
  /// Starts a process and sends it its settings.
  ///
  /// - Returns: its process id.
  func spawn(_ worker: WorkerName, life: Int64) throws -> Int32
  /// Sends a message without descriptors. A worker that is gone does not get it.
  func send(_ message: SupervisorMessage, to worker: WorkerName)
  /// Makes a pair of pipes and gives both workers their ends.
  func makeLink(_ link: LinkName, epoch: Int64) throws
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

/// What follows from a crash loop.
package enum CrashLoopVerdict: Equatable, Sendable {
  case safeMode
  /// Stop all workers in order, then exit with this code.
  case exit(code: Int32)
}
