/// Why the shared window cannot be used. Then this process counts its own requests alone.
package enum RequestWindowError: Error, Equatable, Sendable {
  case systemCall(name: String, path: String, code: Int32)
  case notARegularFile(path: String)
}

extension RequestWindowError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .systemCall(let name, let path, let code):
      "\(name) of \(path) failed with error \(code)"
    case .notARegularFile(let path):
      "\(path) is not a regular file"
    }
  }
}
