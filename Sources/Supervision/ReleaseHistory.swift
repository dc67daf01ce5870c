// What release/history tells that the supervisor's own history does not: how the service ended, and what
// the release gate and the operations made of a release. One line each, oldest first:
//
//   TIME ended ID: RESULT, CODE STATUS, asked for: yes|no   RESULT as systemd has it: watchdog, signal
//   TIME rolled-back ID -> ID: REASON
//   TIME safe-mode ID: REASON
//
// Other events (installed, deployed, adopted, good) say nothing about a death or a roll-back.
package enum ReleaseHistory {
  /// The longest part of a line that is shown.
  private static let textLimit = 400
  /// Of a file that nobody has read for long, the latest lines.
  private static let mostEntries = 100

  /// The entries after that time, or all. A line that is none is left out.
  package static func entries(_ text: String, after time: String?) -> [HistoryEntry] {
    text.split(separator: "\n").compactMap(entry)
      .filter { entry in time.map { entry.time > $0 } ?? true }
      .suffix(mostEntries)
  }

  private static func entry(_ line: Substring) -> HistoryEntry? {
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3, words[0].hasSuffix("Z") else { return nil }
    let text = printable(words[2], limit: textLimit)
    switch words[1] {
    case "ended":
      // One that was asked for is told by who stopped.
      guard text.hasSuffix("asked for: no") else { return nil }
      let cause = text.split(separator: ":", maxSplits: 1).last?.split(separator: ",").first
        .map { $0.drop { $0 == " " } }
      return HistoryEntry(
        time: words[0], .death, cause: cause.map(String.init), text: "the service ended: \(text)")
    case "rolled-back":
      return HistoryEntry(time: words[0], .rolledBack, text: "rolled back: \(text)")
    case "safe-mode":
      return HistoryEntry(time: words[0], .safeMode, text: "SAFE MODE asked for: \(text)")
    default:
      return nil
    }
  }
}
