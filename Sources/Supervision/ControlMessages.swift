// The control channel between the supervisor and one worker.
//
// A SEQPACKET socket pair on descriptor 3 of the worker. One packet is one JSON object, at most
// 128 KiB. A packet of the case `link` carries exactly two descriptors (SCM_RIGHTS): the end to
// read from, then the end to write to. End of file is the death of the other side: a worker then
// finishes what is in flight, sends nothing new and exits within two seconds.

/// The worker processes, in the order in which they start.
package enum WorkerName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case enforcer
  case evaluator
  case gateway
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
  /// Answered by the loop that does the work, behind the work that is already queued.
  case challenge(nonce: Int64)
  /// Finish what is in flight and exit with code 0.
  case stop
}

/// What a worker tells the supervisor.
package enum WorkerMessage: Equatable, Sendable, Codable {
  /// State restored, links up: the worker does its job.
  case ready
  case answer(nonce: Int64, WorkerProgress)
  /// `nil` is "as it should be"; a text says what is missing, for people.
  case degraded(String?)
  /// The fresh transport of a link is in use.
  case linkReplaced(LinkName, epoch: Int64)
  /// The transport of this epoch is of no use any more.
  case linkBroken(LinkName, epoch: Int64, reason: String)
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

  package init(
    loops: Int64 = 0, inputs: Int64 = 0, outputs: Int64 = 0, backlog: Int64 = 0,
    oldestAgeMilliseconds: Int64 = 0, figures: [String: Int64] = [:]
  ) {
    self.loops = loops
    self.inputs = inputs
    self.outputs = outputs
    self.backlog = backlog
    self.oldestAgeMilliseconds = oldestAgeMilliseconds
    self.figures = figures
  }
}
