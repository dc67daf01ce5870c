package import Supervision

/// A role, as its worker's host sees it. Everything is called on the reactor's thread.
package protocol WorkerDelegate: AnyObject {
  /// The first call, with the role's settings as JSON text: gives up what the process does not need.
  /// No thread has been started before it; none may be until it returns.
  func confine(settings: String)

  /// The second call, with the role's settings as JSON text. When the role does its job it tells the
  /// host so with `reportReady()`; a role that cannot start leaves with a `WorkerOutcome`.
  func start(settings: String)

  /// A fresh transport for a link, to be used from now on instead of any earlier one; confirmed
  /// with `reportLinkReplaced(_:epoch:)`. Both ends are non-blocking.
  func attach(link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor)

  /// The end of a fresh pipe to the monitor, non-blocking, instead of any earlier one.
  func connectTelemetry(writeEnd: Descriptor)

  /// For the monitor: what this process tells comes here from now on; the end is non-blocking.
  func readTelemetry(of source: TelemetrySource, readEnd: Descriptor)

  /// For the monitor: the socket on which traders' screens connect; it listens already.
  func serveScreens(listener: Descriptor)

  /// Take no new work, finish what is in flight, then call `done`, which ends the process with
  /// code 0. Challenges and links still arrive meanwhile.
  func stop(done: @escaping () -> Void)

  /// The supervisor is gone. Requests in flight may finish; nothing new is sent. The process ends
  /// within two seconds, or earlier with `WorkerHost.leave`.
  func orphaned()

  /// An operator's question, answered in any turn of the loop. A role that knows nothing of it
  /// refuses.
  func ask(_ question: OperatorQuestion, answer: @escaping (OperatorAnswer) -> Void)

  /// What the role has done since its start; asked for in the answer to a challenge.
  func progress() -> RoleProgress
}

extension WorkerDelegate {
  package func confine(settings: String) {}
  package func ask(_ question: OperatorQuestion, answer: @escaping (OperatorAnswer) -> Void) {
    answer(.refused("this worker is not the one to ask"))
  }

  /// A worker without telemetry has no use for the pipe.
  package func connectTelemetry(writeEnd: Descriptor) { writeEnd.close() }

  /// Only the monitor shows anything.
  package func serveScreens(listener: Descriptor) { listener.close() }

  /// Only the monitor reads.
  package func readTelemetry(of source: TelemetrySource, readEnd: Descriptor) { readEnd.close() }
}

/// The role's part of the answer to a challenge.
package struct RoleProgress: Equatable, Sendable {
  /// Inputs handled and outputs handed on, since the start.
  package var inputs: Int64
  package var outputs: Int64
  /// Figures for status screens, by name.
  package var figures: [String: Int64]
  /// Of the enforcer: the last canary.
  package var canary: CanarySighting?

  package init(
    inputs: Int64 = 0, outputs: Int64 = 0, figures: [String: Int64] = [:],
    canary: CanarySighting? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.figures = figures
    self.canary = canary
  }
}

/// Why a worker ends, and the exit code that tells the supervisor.
package enum WorkerOutcome: Equatable, Sendable, CaseIterable {
  /// Asked to, by the supervisor or by SIGTERM.
  case stopped
  /// The supervisor's end of the control channel is gone.
  case orphaned
  case internalFailure
  /// The venue cannot be reached at the start, where that matters. Not counted as a crash.
  case venueUnavailable
  /// What it was given at its start is out of date; a fresh worker can go on at once. Not counted as a
  /// crash.
  case outOfDate
  /// The worker cannot run with what it was given. Starting it again would not help.
  case configurationUnusable

  package var code: Int32 {
    switch self {
    case .stopped: 0
    case .orphaned, .internalFailure: 70
    case .venueUnavailable: 75
    case .outOfDate: 76
    case .configurationUnusable: 78
    }
  }
}
