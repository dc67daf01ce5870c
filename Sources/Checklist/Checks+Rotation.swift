import RiskModel

extension Checklist {
  /// While riskd runs, daemon.log has a record at least so often: the health is checked every 30 s.
  private static let mostSilence = TimeSpan.minutes(5)

  /// 18: the latest midnight that riskd saw ended daemon.log, and what it put aside can be read.
  static func rotation(_ facts: ChecklistFacts) -> Finding {
    configured(facts) { settings in
      facts.archivedLogs.judged { files in
        guard let begin = facts.startedAt else { return startUnknown }
        let today = settings.zone.localTime(of: facts.now).date
        let midnight = settings.zone.instant(of: TimeOfDay(hour: 0, minute: 0), on: today)
        guard begin < midnight else {
          return .early("no midnight since the start at \(begin.secondText)")
        }
        let slack = mostSilence + (facts.hurries ? facts.civilSecond * 2 : .zero)
        guard facts.now - midnight > slack else { return .early("midnight is just over") }
        if let file = files.first(where: { $0.problem != nil }) {
          return .fail("\(file.name) cannot be read: \(file.problem ?? "")")
        }
        let path = facts.logFiles.value?.first { $0.name == "daemon" }?.path ?? "daemon.log"
        let log = path.split(separator: "/").last.map(String.init) ?? path
        // The latest first; what stands before the file of the day is its successor.
        let series = files.filter { $0.name == log || $0.name.hasPrefix(log + ".") }
        guard series.contains(where: { $0.name != log }) else {
          return .fail("no \(log) was put aside")
        }
        let end = series.firstIndex { file in
          file.name != log && file.last.map { $0 < midnight } == true
        }
        guard let end, let first = series[end].first, let last = series[end].last else {
          return .fail("nothing that was put aside ends before \(midnight.secondText)")
        }
        let ended = series[end]
        let text = "\(ended.name) from \(first.secondText) to \(last.secondText)"
        guard midnight - last <= slack || begin > midnight - slack else {
          return .fail("\(text), and not to midnight at \(midnight.secondText)")
        }
        // A record may have been on its way at midnight.
        guard end > 0, let next = series[end - 1].first,
          next >= midnight - .seconds(5) - facts.civilSecond
        else { return .fail("\(text), and no file begins at midnight") }
        let aside = files.filter { $0.name.last?.isNumber == true }.count
        return .pass(
          "\(text), the next from \(next.secondText); \(counted(aside, "file")) put aside")
      }
    }
  }
}
