import RiskModel

extension Checklist {
  /// What the specification has: daemon, enforcement, api, errors and alerts.
  private static let specifiedLogs = 5
  /// A health check every 30 s is a record in daemon.log; this long without any is silence.
  private static let mostSilence = TimeSpan.seconds(120)

  /// The log files by what is configured, by what is there, and by the last record.
  static func logging(_ facts: ChecklistFacts) -> Finding {
    configured(facts) { settings in
      facts.logFiles.judged { files in
        let names = files.map { "\($0.name) \($0.level)" }.joined(separator: ", ")
        let problems = files.compactMap(problem) + silence(files, settings, facts)
        guard files.count == specifiedLogs else {
          return .fail("\(counted(files.count, "file")): \(names)")
        }
        guard settings.rotatesAtMidnight else { return .fail("not rotated at midnight: \(names)") }
        guard problems.isEmpty else { return .fail(excerpt(problems)) }
        let latest = files.first { $0.name == "daemon" }?.changed.map { changed in
          "; the last record of \(changed.secondText)"
        }
        return .pass(
          "\(names); \(settings.midnightsKept) midnights are kept"
            + (latest ?? "; none is written yet"))
      }
    }
  }

  private static func problem(_ file: LogFileFacts) -> String? {
    guard let folder = file.folderMode else { return "the folder of \(file.path) is missing" }
    guard folder & 0o300 == 0o300, folder & 0o022 == 0 else {
      return "the folder of \(file.path) has mode \(String(folder, radix: 8))"
    }
    guard !file.isTooQuiet else { return "\(file.name) leaves out what is below \(file.level)" }
    // A file is made with its first record.
    guard let mode = file.mode else { return nil }
    guard file.isFile else { return "\(file.path) is not a file" }
    guard mode & 0o200 != 0, mode & 0o022 == 0 else {
      return "\(file.path) has mode \(String(mode, radix: 8))"
    }
    return nil
  }

  /// While riskd runs its health check is a record twice a minute.
  private static func silence(
    _ files: [LogFileFacts], _ settings: ConfigurationFacts.Settings, _ facts: ChecklistFacts
  ) -> [String] {
    guard facts.status.value != nil, settings.checksHealth, let start = facts.startedAt,
      let daemon = files.first(where: { $0.name == "daemon" })
    else { return [] }
    // A clock that hurries passes minutes while a record is on its way.
    let most = max(
      mostSilence, settings.healthInterval * 3, TimeSpan(nanos: facts.civilSecond.nanos * 10))
    guard facts.now - start > most else { return [] }
    guard let changed = daemon.changed else {
      return ["riskd runs, and there is no \(daemon.path)"]
    }
    let age = facts.now - changed
    return age > most ? ["the last record in \(daemon.path) is \(age.inWords) old"] : []
  }
}
