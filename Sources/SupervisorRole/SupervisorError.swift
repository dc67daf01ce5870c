/// Why the supervisor cannot run, or cannot do something.
package enum SupervisorError: Error, Equatable, Sendable {
  /// A file or directory of the root cannot be used.
  case file(path: String, problem: String)
  /// A file is not what this program wrote.
  case unreadable(path: String)
  /// There are no settings for a worker.
  case settingsMissing(worker: String)
  /// A worker has no process, so it gets no link and no signal.
  case workerAbsent(worker: String)
}

extension SupervisorError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let path, let problem): "\(path): \(problem)"
    case .unreadable(let path): "\(path) is not readable as what it should be"
    case .settingsMissing(let worker): "there are no settings for \(worker)"
    case .workerAbsent(let worker): "\(worker) has no process"
    }
  }
}
