/// One thing that is wrong with the configuration, and what would be right.
package struct ConfigurationProblem: Error, Hashable, Sendable {
  /// Relative to the root, `config/config.yaml`; `environment` for the process environment.
  package var file: String
  /// Counted from 1; `nil` when no line can be named.
  package var line: Int?
  /// The path of the key, `signalr.reconnection.delays[2]`; empty for a whole file.
  package var key: String
  package var message: String
  package var suggestion: String

  package init(file: String, line: Int?, key: String, message: String, suggestion: String) {
    self.file = file
    self.line = line
    self.key = key
    self.message = message
    self.suggestion = suggestion
  }
}

extension ConfigurationProblem: CustomStringConvertible {
  /// `file:line: key: what is wrong; what would be right`
  package var description: String {
    let prefix = ConfigurationReport.prefix(file: file, line: line, key: key)
    return "\(prefix): \(message); \(suggestion)"
  }
}

extension ConfigurationProblem: Comparable {
  package static func < (lhs: ConfigurationProblem, rhs: ConfigurationProblem) -> Bool {
    (lhs.file, lhs.line ?? 0, lhs.key, lhs.message) < (
      rhs.file, rhs.line ?? 0, rhs.key, rhs.message
    )
  }
}

/// Something that an operator should know although it is not wrong.
package struct ConfigurationNotice: Hashable, Sendable {
  package var file: String
  package var line: Int?
  package var key: String
  package var message: String

  package init(file: String, line: Int?, key: String, message: String) {
    self.file = file
    self.line = line
    self.key = key
    self.message = message
  }
}

extension ConfigurationNotice: CustomStringConvertible {
  /// `file:line: key: message`
  package var description: String {
    "\(ConfigurationReport.prefix(file: file, line: line, key: key)): \(message)"
  }
}

extension ConfigurationNotice: Comparable {
  package static func < (lhs: ConfigurationNotice, rhs: ConfigurationNotice) -> Bool {
    (lhs.file, lhs.line ?? 0, lhs.key, lhs.message) < (
      rhs.file, rhs.line ?? 0, rhs.key, rhs.message
    )
  }
}

/// Problems and notices as text for people.
package enum ConfigurationReport {
  /// One line per problem and a count; empty text for no problem.
  package static func text(problems: [ConfigurationProblem]) -> String {
    guard !problems.isEmpty else { return "" }
    let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
    return problems.sorted().map { "\($0)\n" }.joined()
      + "The configuration is not usable: \(count).\n"
  }

  /// One line per notice.
  package static func text(notices: [ConfigurationNotice]) -> String {
    notices.sorted().map { "notice: \($0)\n" }.joined()
  }

  static func prefix(file: String, line: Int?, key: String) -> String {
    file + (line.map { ":\($0)" } ?? "") + (key.isEmpty ? "" : ": \(key)")
  }
}
