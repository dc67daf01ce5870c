/// The log files of config/logging.yaml.
package enum LogFileName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case daemon
  case enforcement
  case api
  case errors
  case alerts
}

/// One log file.
package struct LogFileSettings: Equatable, Sendable, Codable {
  /// Absolute, or below the root.
  package var path: String
  /// The file begins anew before it grows beyond this.
  package var mostBytes: Int64
  /// Earlier files that are kept of those that were full, `.1` the latest.
  package var kept: Int64
  package var level: LoggingSettings.Level

  package init(path: String, mostBytes: Int64, kept: Int64, level: LoggingSettings.Level) {
    self.path = path
    self.mostBytes = mostBytes
    self.kept = kept
    self.level = level
  }

  /// What the specification ships.
  package static let standard: [LogFileName: LogFileSettings] = [
    .daemon: standard("daemon", 10, 5, .info),
    .enforcement: standard("enforcement", 10, 10, .info),
    .api: standard("api", 10, 5, .warning),
    .errors: standard("errors", 10, 10, .error),
    .alerts: standard("alerts", 5, 10, .warning),
  ]

  private static func standard(
    _ name: String, _ mebibytes: Int64, _ kept: Int64, _ level: LoggingSettings.Level
  ) -> LogFileSettings {
    LogFileSettings(
      path: "logs/\(name).log", mostBytes: mebibytes * 1_024 * 1_024, kept: kept, level: level)
  }
}
