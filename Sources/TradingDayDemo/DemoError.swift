/// Why the demonstration cannot be given.
package enum DemoError: Error, Equatable, Sendable {
  /// A file that it needs is not there or cannot be read.
  case unreadable(path: String, problem: String)
  /// A file is not what the demonstration needs.
  case unusable(path: String, problem: String)
  /// Nothing can be written where temporary files go.
  case unwritable(path: String, problem: String)
  /// The simulated venue cannot do what it was asked.
  case venue(String)
  /// riskd cannot be started, or did not come up.
  case riskd(String)
}

extension DemoError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let problem): "cannot read \(path): \(problem)"
    case .unusable(let path, let problem): "\(path): \(problem)"
    case .unwritable(let path, let problem): "cannot write \(path): \(problem)"
    case .venue(let problem): "the simulated venue: \(problem)"
    case .riskd(let problem): "riskd \(problem)"
    }
  }
}
