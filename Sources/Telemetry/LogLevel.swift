package import Logging

/// The four levels of the configuration, from the most to the least talkative.
package enum LogLevel: String, Sendable, Codable, CaseIterable {
  case debug = "DEBUG"
  case info = "INFO"
  case warning = "WARNING"
  case error = "ERROR"

  /// The level under which a record appears: what swift-log divides more finely joins its
  /// neighbour, so that a search for `ERROR` also finds what is critical.
  package init(of level: Logger.Level) {
    switch level {
    case .trace, .debug: self = .debug
    case .info, .notice: self = .info
    case .warning: self = .warning
    case .error, .critical: self = .error
    }
  }

  /// The least level that a logger set to this one lets pass.
  package var threshold: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// How a record becomes a line.
package enum LogFormat: String, Sendable, Codable, CaseIterable {
  /// For people and the journal.
  case text
  /// One JSON object per line.
  case json
}

extension Logger.Level {
  /// The severity of syslog, 7 (debug) to 2 (critical).
  var severity: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
