/// How a process ended, as the kernel tells it.
package enum WorkerExit: Equatable, Sendable {
  case code(Int32)
  case signal(Int32)
  /// By the kernel's SIGKILL, because the memory group was full.
  case outOfMemory
}

/// Why a worker is no longer there.
package enum CauseOfDeath: Equatable, Sendable, Codable {
  /// It exited with this code although nobody had asked; 0 is no better than another.
  case exit(code: Int32)
  case signal(Int32)
  /// The kernel ended it because the memory of the service was used up.
  case outOfMemory
  /// It was there and did nothing; the supervisor ended it.
  case hang(Hang)
  /// It did not use a fresh link in time.
  case linkUnconfirmed(LinkName)
  /// What it sent on a link was of no use too often.
  case linkBroken(LinkName)
  /// It broke the rules of the control channel.
  case misspoke(String)
  /// It closed the control channel and stayed.
  case channelClosed
  /// Somebody asked for a restart of this worker.
  case deliberate(reason: String)
  /// The supervisor was asked to stop.
  case shutdown

  /// "Venue down", from the list of sysexits (EX_TEMPFAIL).
  package static let venueDownCode: Int32 = 75
  /// What the worker had read at its start has changed since.
  package static let outOfDateCode: Int32 = 76
  /// "Bad configuration", from the list of sysexits (EX_CONFIG).
  package static let badConfigurationCode: Int32 = 78

  /// Whether the death says something about the program. A venue that is down does not, nor does
  /// a configuration that is not usable, nor what somebody asked for.
  package var isCounted: Bool {
    switch self {
    case .exit: !isExcused
    case .deliberate, .shutdown: false
    case .signal, .outOfMemory, .hang, .linkUnconfirmed, .linkBroken, .misspoke, .channelClosed:
      true
    }
  }

  /// Whether the worker said itself that it cannot work now, and why.
  package var isExcused: Bool {
    self == .exit(code: Self.venueDownCode) || self == .exit(code: Self.outOfDateCode)
      || self == .exit(code: Self.badConfigurationCode)
  }

  init(_ status: WorkerExit) {
    switch status {
    case .code(let code): self = .exit(code: code)
    case .signal(let number): self = .signal(number)
    case .outOfMemory: self = .outOfMemory
    }
  }
}

/// What showed that a worker was hung.
package enum Hang: Equatable, Sendable, Codable {
  /// A challenge went unanswered.
  case silent(milliseconds: Int64)
  /// Challenges were answered, but inputs waited and none was handled.
  case stuck(backlog: Int64, milliseconds: Int64)
}

extension CauseOfDeath: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exit(Self.venueDownCode): "exit 75 (venue down)"
    case .exit(Self.outOfDateCode): "exit 76 (what it had read has changed)"
    case .exit(Self.badConfigurationCode): "exit 78 (bad configuration)"
    case .exit(0): "exit 0 (nobody had asked)"
    case .exit(let code): "exit \(code)"
    case .signal(let number): "signal \(signalText(number))"
    case .outOfMemory: "out of memory (ended by the kernel)"
    case .hang(let hang): "hang (\(hang))"
    case .linkUnconfirmed(let link): "did not use the fresh link \(link.rawValue)"
    case .linkBroken(let link): "broke the link \(link.rawValue) too often"
    case .misspoke(let problem): "control channel misused (\(problem))"
    case .channelClosed: "closed the control channel and stayed"
    case .deliberate(let reason): "restart asked for (\(reason))"
    case .shutdown: "stopped"
    }
  }
}

extension Hang: CustomStringConvertible {
  package var description: String {
    switch self {
    case .silent(let milliseconds): "no answer for \(milliseconds) ms"
    case .stuck(let backlog, let milliseconds):
      "\(backlog) inputs waiting, none handled for \(milliseconds) ms"
    }
  }
}

/// The signals that the supervisor sends. The numbers are those of every Linux architecture.
package enum Signal: Int32, Sendable {
  case abort = 6
  case kill = 9
  case terminate = 15
}

extension Signal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .abort: "SIGABRT"
    case .kill: "SIGKILL"
    case .terminate: "SIGTERM"
    }
  }
}

private func signalText(_ number: Int32) -> String {
  let names: [Int32: String] = [
    1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL",
    11: "SEGV", 13: "PIPE", 14: "ALRM", 15: "TERM", 24: "XCPU", 31: "SYS",
  ]
  guard let name = names[number] else { return String(number) }
  return "\(number) (SIG\(name))"
}
