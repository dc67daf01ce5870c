// What the plan asks.
extension WorkerLife {
  /// The states as people see them.
  enum Stage: String {
    case idle, starting, ready, ending, pausing, over
  }

  var stage: Stage {
    switch state {
    case .idle: .idle
    case .spawning, .gone: .starting
    case .running(let process): process.isReady ? .ready : .starting
    case .ending: .ending
    case .pausing: .pausing
    case .over: .over
    }
  }

  /// The process that works or starts to; `nil` while there is none and on the way out.
  var working: WorkerProcess? {
    if case .running(let process) = state { process } else { nil }
  }

  /// The process, on the way out or not.
  var process: WorkerProcess? {
    switch state {
    case .running(let process), .ending(let process, _): process
    case .idle, .spawning, .gone, .pausing, .over: nil
    }
  }

  var isReady: Bool { working?.isReady ?? false }

  /// Whether nothing has to be waited for before the worker is left alone.
  var hasNoProcess: Bool {
    switch state {
    case .idle, .gone, .pausing, .over: true
    case .spawning, .running, .ending: false
    }
  }

  /// Whether a death by SIGKILL is our own doing.
  var wasSentKill: Bool {
    guard case .ending(_, let ending) = state else { return false }
    return ending.step == .killing || ending.step == .unkillable
  }

  /// Why the process is on its way out; `nil` for one that leaves by itself, which says so itself
  /// when it exits.
  var presumedCause: CauseOfDeath? {
    guard case .ending(_, let ending) = state, ending.step != .leaving else { return nil }
    return ending.cause(of: .code(0))
  }
}
