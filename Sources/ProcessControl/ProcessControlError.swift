import CPlatform

/// What can go wrong between a process of riskd and the kernel, or on a control channel.
///
/// No case carries the text of a message: settings hold secrets.
package enum ProcessControlError: Error, Equatable, Sendable {
  /// A system call failed; `code` is its errno value.
  case systemCall(name: String, code: Int32)
  /// The program could not be started (EAGAIN, ENOENT, EACCES, ENOEXEC, …); there is no child.
  case spawnFailed(executable: String, code: Int32)
  /// A message is longer than any may be.
  case packetTooLong(bytes: Int, limit: Int)
  /// A packet arrived that was longer than the limit; the rest of it is lost.
  case packetTruncated(limit: Int)
  /// A packet carried more descriptors than it may, or this process may not open more (EMFILE).
  case descriptorsLost
  /// A message came with another number of descriptors than its kind has.
  case descriptorCountWrong(expected: Int, received: Int)
  /// The bytes are not a message of the control channel.
  case packetUnreadable(bytes: Int)
  /// The other side does not read: this many packets wait already.
  case outQueueFull(limit: Int)
  /// The supervisor sent a message that the worker's state does not allow.
  case messageUnexpected(kind: String, state: String)
  /// Descriptor 3 of a worker is not a control channel.
  case controlEndMissing(descriptor: Int32)
  /// A worker was started with descriptors that nobody meant it to have.
  case descriptorsUnexpected([Int32])
  /// Another instance holds the lock; `holder` is its pid if the lock file tells.
  case lockHeld(path: String, holder: Int32?)
}

extension ProcessControlError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .systemCall(let name, let code):
      "\(name) failed: \(errorText(code))"
    case .spawnFailed(let executable, let code):
      "cannot start \(executable): \(errorText(code))"
    case .packetTooLong(let bytes, let limit):
      "a message of \(bytes) bytes exceeds the limit of \(limit) bytes"
    case .packetTruncated(let limit):
      "a packet exceeded the limit of \(limit) bytes"
    case .descriptorsLost:
      "a packet carried more descriptors than could be taken"
    case .descriptorCountWrong(let expected, let received):
      "a message came with \(received) descriptors instead of \(expected)"
    case .packetUnreadable(let bytes):
      "a packet of \(bytes) bytes is not a control message"
    case .outQueueFull(let limit):
      "the other side does not read: \(limit) packets wait"
    case .messageUnexpected(let kind, let state):
      "the message \(kind) is not expected while \(state)"
    case .controlEndMissing(let descriptor):
      "descriptor \(descriptor) is not a SEQPACKET socket; workers are started by the supervisor"
    case .descriptorsUnexpected(let numbers):
      "unexpected open descriptors: \(numbers.map(String.init).joined(separator: ", "))"
    case .lockHeld(let path, let holder):
      "\(path) is locked by " + (holder.map { "process \($0)" } ?? "another process")
    }
  }
}

private func errorText(_ code: Int32) -> String {
  guard let name = platform_error_name(code), let text = platform_error_text(code) else {
    return "error \(code)"
  }
  return "\(String(cString: text)) (\(String(cString: name)))"
}

/// Turns a negated errno value into an error.
@discardableResult
func checked(_ result: Int32, _ call: String) throws(ProcessControlError) -> Int32 {
  guard result >= 0 else { throw .systemCall(name: call, code: -result) }
  return result
}
