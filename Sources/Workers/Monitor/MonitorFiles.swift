import Glibc
import ProcessControl
import Settings

/// The files that the monitor writes, relative to the root.
enum MonitorFiles {
  static let metrics = "data/metrics.db"

  /// Where the log files lie.
  static func folders(of logging: LoggingSettings) -> [String] {
    Set(logging.files.values.map { Confinement.directory(of: $0.path) }).sorted()
  }

  /// Makes what is missing: the monitor is confined to what is there when it starts.
  ///
  /// - Returns: what could not be made.
  static func prepare(root: String, _ logging: LoggingSettings) -> [String] {
    var problems: [String] = []
    for name in folders(of: logging) {
      let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
      // The trader may read the log files; they hold no secret.
      if mkdir(path, 0o755) != 0, errno != EEXIST {
        problems.append("\(name) cannot be made: \(String(cString: strerror(errno)))")
      }
    }
    for name in [metrics, metrics + "-journal"] {
      let descriptor = open("\(root)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if descriptor >= 0 {
        close(descriptor)
      } else {
        problems.append("\(name) cannot be made: \(String(cString: strerror(errno)))")
      }
    }
    return problems
  }
}
