// The control channel between the supervisor and one worker.
//
// A SEQPACKET socket pair on descriptor 3 of the worker. One packet is one JSON object, at most
// 128 KiB. A packet of the case `link` carries exactly two descriptors (SCM_RIGHTS): the end to
// read from, then the end to write to; one of a telemetry pipe carries its one end, `screens` the socket. End of file is the death of the other side: a worker then
// finishes what is in flight, sends nothing new and exits within two seconds.

/// The worker processes, in the order in which people see them. The critical ones start in this
/// order; the monitor starts beside the first of them.
package enum WorkerName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case enforcer
  case evaluator
  case gateway
  case monitor

  /// Those without which an account is not protected.
  package static let critical: [WorkerName] = [.enforcer, .evaluator, .gateway]

  /// The reverse of the start, and the monitor last: it writes down how the others stop.
  package static let stopOrder: [WorkerName] = critical.reversed() + [.monitor]

  package var isCritical: Bool { self != .monitor }
}

/// A process that tells the monitor what it does. The monitor has a pipe to itself.
package enum TelemetrySource: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case supervisor
  case enforcer
  case evaluator
  case gateway
  case monitor

  /// Those to which the supervisor makes the pipe.
  package static let connected: [TelemetrySource] = [.supervisor, .enforcer, .evaluator, .gateway]

  package init(_ worker: WorkerName) {
    switch worker {
    case .enforcer: self = .enforcer
    case .evaluator: self = .evaluator
    case .gateway: self = .gateway
    case .monitor: self = .monitor
    }
  }

  /// `nil` for the supervisor.
  package var worker: WorkerName? { WorkerName(rawValue: rawValue) }
}

/// The links between workers. Each is a pair of pipes.
package enum LinkName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// gateway ⇄ evaluator
  case feed
  /// evaluator ⇄ enforcer
  case verdict

  package var ends: (WorkerName, WorkerName) {
    switch self {
    case .feed: (.gateway, .evaluator)
    case .verdict: (.evaluator, .enforcer)
    }
  }
}

/// What the supervisor tells a worker.
package enum SupervisorMessage: Equatable, Sendable, Codable {
  /// First packet: the settings of the role as JSON text, with the secrets that the role needs.
  case start(settings: String)
  /// A fresh transport for a link; two descriptors come with it.
  case link(LinkName, epoch: Int64)
  /// The end of a fresh pipe to write telemetry to, instead of any earlier one.
  case telemetryOut
  /// For the monitor: the end of a fresh pipe on which a process tells what it does.
  case telemetryIn(TelemetrySource)
  /// For the monitor: the listening socket of the traders' screens.
  case screens
  /// Answered by the loop that does the work, behind the work that is already queued.
  case challenge(nonce: Int64)
  /// An operator's question; answered once, with its number.
  case ask(number: Int64, OperatorQuestion)
  /// Finish what is in flight and exit with code 0.
  case stop
}

/// What a worker tells the supervisor.
package enum WorkerMessage: Equatable, Sendable, Codable {
  /// State restored, links up: the worker does its job.
  case ready
  case answer(nonce: Int64, WorkerProgress)
  /// The answer to an operator's question.
  case told(number: Int64, OperatorAnswer)
  /// `nil` is "as it should be"; a text says what is missing, for people.
  case degraded(String?)
  /// The fresh transport of a link is in use.
  case linkReplaced(LinkName, epoch: Int64)
  /// The transport of this epoch is of no use any more.
  case linkBroken(LinkName, epoch: Int64, reason: String)
  /// A message is lost; what was in it is not known to the one that should have had it.
  case messageLost(LostMessage)
}

/// A message of a link that broke it twice and was left out.
package struct LostMessage: Equatable, Sendable, Codable {
  package enum Loss: String, Sendable, Codable {
    /// The worker had sent it and will not send it again.
    case quarantined
    /// The worker should have had it.
    case skipped
  }

  package var link: LinkName
  package var loss: Loss
  /// Its place in the stream, for people.
  package var position: String
  package var reason: String

  package init(link: LinkName, loss: Loss, position: String, reason: String) {
    self.link = link
    self.loss = loss
    self.position = position
    self.reason = reason
  }
}

/// What a worker has done since its start; liveness is that these move.
package struct WorkerProgress: Equatable, Sendable, Codable {
  /// Turns of the worker's loop.
  package var loops: Int64
  /// Inputs handled and outputs handed on.
  package var inputs: Int64
  package var outputs: Int64
  /// Inputs that wait.
  package var backlog: Int64
  /// Age of the oldest input that waits, in milliseconds.
  package var oldestAgeMilliseconds: Int64
  /// Figures of the role for status screens, by name.
  package var figures: [String: Int64]
  /// Of the enforcer: the last canary; `nil` before the first.
  package var canary: CanarySighting?

  package init(
    loops: Int64 = 0, inputs: Int64 = 0, outputs: Int64 = 0, backlog: Int64 = 0,
    oldestAgeMilliseconds: Int64 = 0, figures: [String: Int64] = [:],
    canary: CanarySighting? = nil
  ) {
    self.loops = loops
    self.inputs = inputs
    self.outputs = outputs
    self.backlog = backlog
    self.oldestAgeMilliseconds = oldestAgeMilliseconds
    self.figures = figures
    self.canary = canary
  }
}
