// The control socket, run/control.sock.
//
// An AF_UNIX stream socket, mode 0660. The client sends one request: a JSON object of at most
// 4,096 bytes, ended by a newline (0x0A). The supervisor answers with one JSON object of at most
// 1 MiB, ended by a newline. The same connection then takes the next request. After an error of
// the codes `malformed`, `oversized` and `busy` the supervisor closes the connection.
//
//   {"request":"status"}
//   {"request":"restart","worker":"evaluator","wait":true,"timeoutSeconds":30,"reason":"..."}
//   {"request":"history","limit":100}
//
//   {"status":{...}}                     StatusReport
//   {"restarted":{"worker":"evaluator","isReady":true}}
//   {"history":[{...},...]}              HistoryEntry, oldest first
//   {"error":{"code":"refused","text":"riskd is stopping"}}
//
// Unknown keys are ignored; keys are only ever added. The service cannot be stopped through it.

package import Supervision

/// What an operator asks of the supervisor.
package enum ControlRequest: Equatable, Sendable {
  case status
  case restart(RestartRequest)
  /// The latest entries, at most this many.
  case history(limit: Int)

  package static let historyLimit = 1_000
}

package struct RestartRequest: Equatable, Sendable {
  package static let longestTimeoutSeconds = 600

  package var worker: WorkerName
  /// Answer when the worker is ready again, not when the request is accepted.
  package var wait: Bool
  /// How long to wait, 1 to 600 seconds.
  package var timeoutSeconds: Int
  /// For the history; one line, at most 200 bytes are kept.
  package var reason: String

  package init(
    worker: WorkerName, wait: Bool = false, timeoutSeconds: Int = 30, reason: String = ""
  ) {
    self.worker = worker
    self.wait = wait
    self.timeoutSeconds = timeoutSeconds
    self.reason = reason
  }
}

/// What the supervisor answers.
package enum ControlReply: Equatable, Sendable {
  case status(StatusReport)
  case restarted(WorkerName, isReady: Bool)
  case history([HistoryEntry])
  case error(ControlRefusal)
}

/// Why a request was not followed.
package struct ControlRefusal: Equatable, Sendable, Codable {
  package enum Code: String, Sendable, Codable {
    /// No JSON object, or a request that does not exist.
    case malformed
    /// The request is longer than the limit.
    case oversized
    /// Too many clients are connected.
    case busy
    /// The supervisor will not do it now.
    case refused
    /// What was waited for did not happen in time; it may still happen.
    case timedOut
    /// The supervisor could not make an answer.
    case failed
  }

  package var code: Code
  package var text: String

  package init(_ code: Code, _ text: String) {
    self.code = code
    self.text = text
  }
}
