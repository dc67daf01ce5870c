import RiskModel

/// What config/logging.yaml says; its values count instead of those of `logging` in config.yaml.
struct LoggingFile {
  static let name = "config/logging.yaml"

  /// `nil` where the file does not say.
  var level: LoggingSettings.Level?
  var format: LoggingSettings.Format?
  var rotatesAtMidnight: Bool?
  var rotatedFilesKept: Int64?
  var files: [LogFileName: LogFileSettings] = LogFileSettings.standard
  private var places: [String: Place] = [:]

  init(_ top: Section) {
    self = top.section("logging") { section in
      LoggingFile(reading: section)
    }
    top.finish()
  }

  private init(reading section: Section) {
    let level = section.optional("level", .oneOf(LoggingSettings.Level.self))
    let format = section.optional("format", .oneOf(LoggingSettings.Format.self))
    let rotation = section.section("rotation") { part in
      _ = part.optional("when", .word("midnight"))
      return (
        part.optional("enabled", .boolean), part.optional("backupCount", .integer(0...10_000))
      )
    }
    self.level = level.value
    self.format = format.value
    rotatesAtMidnight = rotation.0.value
    rotatedFilesKept = rotation.1.value
    places = [
      "level": level.place, "format": format.place, "rotation.enabled": rotation.0.place,
      "rotation.backupCount": rotation.1.place,
    ]
    files = section.section("files") { part in
      var files: [LogFileName: LogFileSettings] = [:]
      for name in LogFileName.allCases {
        guard let standard = LogFileSettings.standard[name] else { continue }
        files[name] = part.section(name.rawValue) { section in
          let file = Self.file(section, standard)
          if name == .alerts, section.entry("level") != nil {
            section.noteIgnored("level", "every alert is written, whatever its severity")
          }
          return file
        }
      }
      Self.reportDoubles(files, part)
      return files
    }
  }

  private static func file(_ section: Section, _ standard: LogFileSettings) -> LogFileSettings {
    let path = section.value("path", .text("a path"), default: standard.path)
    return LogFileSettings(
      path: path.value,
      mostBytes: section.value(
        "maxSize", .integer(4_096...1_073_741_824, unit: "bytes"), default: standard.mostBytes
      ).value,
      kept: section.value("backupCount", .integer(0...1_000), default: standard.kept).value,
      level: section.value("level", .oneOf(), default: standard.level).value)
  }

  private static func reportDoubles(
    _ files: [LogFileName: LogFileSettings], _ section: Section
  ) {
    var owners: [String: LogFileName] = [:]
    for name in LogFileName.allCases {
      guard let path = files[name]?.path else { continue }
      if let owner = owners.updateValue(name, forKey: path) {
        section.findings.problem(
          section.place.child(name.rawValue).child("path"),
          "is the file of \(owner.rawValue) too", "write a path of its own")
      }
    }
  }

  /// The settings of config.yaml with what this file says instead. LOG_LEVEL counts before both.
  func applied(
    to main: LoggingSettings, levelIsOverridden: Bool, _ findings: Findings
  ) -> LoggingSettings {
    var result = main
    func take<Value: Equatable>(_ value: Value?, _ key: String, _ into: inout Value) {
      guard let value, value != into else { return }
      if let place = places[key] {
        findings.notice(place, "counts instead of logging.\(key) in config.yaml, which differs")
      }
      into = value
    }
    if !levelIsOverridden { take(level, "level", &result.level) }
    take(format, "format", &result.format)
    take(rotatesAtMidnight, "rotation.enabled", &result.rotatesAtMidnight)
    take(rotatedFilesKept, "rotation.backupCount", &result.rotatedFilesKept)
    result.files = files
    return result
  }
}
