import Checklist
import Glibc
import ProcessControl
import RiskModel
import Settings

/// The log files as they are configured and as they are there.
struct LogFileSight {
  let root: String
  let pace: ClockPace

  func look(_ files: [LogFileName: LogFileSettings]) -> [LogFileFacts] {
    LogFileName.allCases.compactMap { name in
      guard let file = files[name], let standard = LogFileSettings.standard[name] else {
        return nil
      }
      let path = file.path.hasPrefix("/") ? file.path : "\(root)/\(file.path)"
      var facts = LogFileFacts(
        name: name.rawValue, path: file.path, level: file.level.rawValue,
        // Every alert is written.
        isTooQuiet: name != .alerts && rank(file.level) > rank(standard.level))
      var status = stat()
      if stat(Confinement.directory(of: path), &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        facts.folderMode = status.st_mode & 0o7777
      }
      if lstat(path, &status) == 0 {
        facts.mode = status.st_mode & 0o7777
        facts.isFile = status.st_mode & S_IFMT == S_IFREG
        facts.changed = pace.civil(
          at: Instant(secondsSinceEpoch: Int64(status.st_mtim.tv_sec)))
      }
      return facts
    }
  }

  private func rank(_ level: LoggingSettings.Level) -> Int {
    LoggingSettings.Level.allCases.firstIndex(of: level) ?? 0
  }
}
