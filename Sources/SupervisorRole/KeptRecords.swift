// data/supervision.json: one JSON object, replaced as a whole with every counted death.
//
//   {"version":1,"boot":"<id of the boot>","deaths":[
//     {"worker":"evaluator","cause":{"signal":{"_0":9}},"at":<ns since boot>,
//      "civil":<ns since 1970>},...]}
//
// data/history.jsonl: one HistoryEntry as a JSON object per line, oldest first. Lines are appended;
// beyond 256 KiB the older half is dropped. A line that is torn or of a later version is skipped.

import FoundationEssentials
import Glibc
package import Supervision

/// The records of the supervisor in the data directory of a root.
package final class KeptRecords: SupervisionRecords {
  static let historyBytes = 262_144
  /// Entries that are held for `riskctl history`.
  static let historyEntries = 1_000

  private struct KeptDeaths: Codable {
    static let version = 1

    var version = KeptDeaths.version
    var window: DeathWindow

    private enum CodingKeys: String, CodingKey {
      case version
    }

    init(_ window: DeathWindow) {
      self.window = window
    }

    init(from decoder: any Decoder) throws {
      version = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .version)
      window = try DeathWindow(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try window.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(version, forKey: .version)
    }
  }

  private let deathsFile: RecordFile
  private let historyFile: RecordFile
  private var entries: [HistoryEntry] = []
  private var bytes = 0
  /// The last line on disk is torn; the next one must not continue it.
  private var isTorn = false

  package init(directory: String) {
    deathsFile = RecordFile(path: directory + "/supervision.json")
    historyFile = RecordFile(path: directory + "/history.jsonl")
  }

  /// The window as it was saved last; `nil` when none was.
  package func loadDeaths() throws(SupervisorError) -> DeathWindow? {
    guard let bytes = try deathsFile.read(limit: Self.historyBytes) else { return nil }
    guard let kept = try? JSONDecoder().decode(KeptDeaths.self, from: Data(bytes)),
      kept.version == KeptDeaths.version
    else { throw .unreadable(path: deathsFile.path) }
    return kept.window
  }

  package func loadHistory() throws(SupervisorError) {
    guard let content = try historyFile.read(limit: 2 * Self.historyBytes) else { return }
    bytes = content.count
    isTorn = content.last.map { $0 != newline } ?? false
    let lines = content.split(separator: newline).suffix(Self.historyEntries)
    entries = lines.compactMap { line in
      try? JSONDecoder().decode(HistoryEntry.self, from: Data(line))
    }
  }

  package func save(_ deaths: DeathWindow) throws {
    try deathsFile.replace(with: encode(KeptDeaths(deaths)))
  }

  package func append(_ entry: HistoryEntry) throws {
    entries.append(entry)
    if entries.count > Self.historyEntries { entries.removeFirst() }
    let line = (isTorn ? [newline] : []) + encode(entry) + [newline]
    if bytes + line.count > Self.historyBytes {
      try shorten()
    } else {
      // Should the disk fill up in the middle of it.
      isTorn = true
      try historyFile.append(line)
      bytes += line.count
      isTorn = false
    }
  }

  package func latest(_ count: Int) -> [HistoryEntry] { entries.suffix(count) }

  /// Keeps the latest entries that fill half of the space.
  private func shorten() throws {
    var kept: [[UInt8]] = []
    var size = 0
    for entry in entries.reversed() {
      let line = encode(entry) + [newline]
      guard size + line.count <= Self.historyBytes / 2 else { break }
      size += line.count
      kept.append(line)
    }
    try historyFile.replace(with: kept.reversed().flatMap(\.self))
    bytes = size
    isTorn = false
  }

  private func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      preconditionFailure("Invariant: every record has a JSON form: \(error)")
    }
  }
}

private let newline = UInt8(ascii: "\n")
