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
//   {"request":"reload","wait":true,"timeoutSeconds":60}
//   {"request":"lockouts"}
//   {"request":"endLockout","lockout":"184-0"}
//
//   {"status":{...}}                     StatusReport
//   {"restarted":{"worker":"evaluator","isReady":true}}
//   {"history":[{...},...]}              HistoryEntry, oldest first
//   {"reload":{...}}                     ReloadReport
//   {"lockouts":[{...},...]}             LockoutReport, oldest first
//   {"lockoutEnded":{"lockout":"184-0","standing":[...]}}
//   {"error":{"code":"refused","text":"riskd is stopping"}}
//
// Unknown keys are ignored; keys are only ever added. The service cannot be stopped through it.
// Who may ask for what is in ControlAccess.

package import Supervision

/// What an operator asks of the supervisor.
package enum ControlRequest: Equatable, Sendable {
  case status
  case restart(RestartRequest)
  /// The latest entries, at most this many.
  case history(limit: Int)
  /// Read the configuration anew and run with it, if it is right.
  case reload(ReloadRequest)
  /// The lockouts that stand.
  case lockouts
  /// End a lockout that only an administrator ends, by its name.
  case endLockout(String)

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

package struct ReloadRequest: Equatable, Sendable {
  package static let longestTimeoutSeconds = 600

  /// Answer when every worker that had to be restarted is ready again.
  package var wait: Bool
  /// How long to wait, 1 to 600 seconds.
  package var timeoutSeconds: Int

  package init(wait: Bool = false, timeoutSeconds: Int = 60) {
    self.wait = wait
    self.timeoutSeconds = timeoutSeconds
  }
}

/// What came of a reload.
///
/// As JSON, the keys are an interface: they are only ever added.
package struct ReloadReport: Equatable, Sendable, Codable {
  /// Everything that is wrong; then nothing has changed.
  package var problems: [String]
  /// What an operator should know although it is not wrong.
  package var notices: [String]
  /// The workers that run with something new, in the order of their restarts.
  package var restarted: [WorkerName]
  /// Keys that changed and count only after a restart of the whole service.
  package var needsRestart: [String]
  /// Whether the restarted workers are ready again.
  package var isReady: Bool

  package init(
    problems: [String] = [], notices: [String] = [], restarted: [WorkerName] = [],
    needsRestart: [String] = [], isReady: Bool = false
  ) {
    self.problems = problems
    self.notices = notices
    self.restarted = restarted
    self.needsRestart = needsRestart
    self.isReady = isReady
  }

  package var isAccepted: Bool { problems.isEmpty }
}

/// What the supervisor answers.
package enum ControlReply: Equatable, Sendable {
  case status(StatusReport)
  case restarted(WorkerName, isReady: Bool)
  case history([HistoryEntry])
  case reload(ReloadReport)
  case lockouts([LockoutReport])
  /// Ended; `standing` are the account's lockouts from now on.
  case lockoutEnded(String, standing: [LockoutReport])
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
