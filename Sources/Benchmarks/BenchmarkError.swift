/// Why something could not be measured.
package enum BenchmarkError: Error, Equatable, Sendable {
  case unreadable(path: String)
  case unwritable(path: String, problem: String)
  case programMissing(path: String)
  /// A process ended or did not do what was asked of it.
  case processFailed(String)
  case database(String)
  case network(String)
  /// riskd did not come up in time.
  case notRunning(String)
  /// What was waited for did not happen.
  case timedOut(String)
}

extension BenchmarkError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path): "\(path) cannot be read"
    case .unwritable(let path, let problem): "\(path) cannot be written: \(problem)"
    case .programMissing(let path): "\(path) is not there"
    case .processFailed(let problem): problem
    case .database(let problem): "the database: \(problem)"
    case .network(let problem): "the network: \(problem)"
    case .notRunning(let problem): "riskd does not run: \(problem)"
    case .timedOut(let what): "in vain: \(what)"
    }
  }
}
