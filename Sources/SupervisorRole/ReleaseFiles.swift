// The files about the release that runs, all below the root:
//
//   release/state                   what the release gate has decided (see GateState)
//   releases/ID/release.env         lines "key=value" about a release; schema_max is the newest
//                                   schema of the database that it can read
//   data/release.verdict            what the release says about itself, one line
//                                   "release=ID verdict=good|bad time=RFC3339 reason=TEXT"
//   release/history                 lines "RFC3339 EVENT TEXT" of the release gate, the operations and
//                                   what notes every end of the service; see ReleaseHistory
//   data/alarm                      why a person is wanted, one line "RFC3339 TEXT"; riskd-alarm.path
//                                   of systemd looks for changes

package import Logging
package import RiskModel
package import Supervision

/// What is written about the release that runs.
package struct ReleaseFiles: ReleaseRecords {
  /// These files are a few lines long.
  private static let mostBytes = 65_536

  private let root: String
  private let own: String?
  private let schema: Int
  private let log: Logger

  /// `executable` is the resolved path of the program that runs, `schema` what it writes.
  package init(root: String, executable: String, schema: Int, log: Logger) {
    self.root = root
    self.schema = schema
    self.log = log
    own = ReleaseName.containing(executable: executable)
  }

  package func facts() -> ReleaseFacts {
    let gate = gateState()
    return ReleaseFacts(
      own: own, gate: gate, isMarkedGood: isMarkedGood,
      previousSchema: gate?.previous.flatMap(newestSchema), schema: schema)
  }

  package func write(_ verdict: ReleaseVerdict, at now: Instant) throws {
    let reason = printable(verdict.reason, limit: 400)
    let line =
      "release=\(verdict.release) verdict=\(verdict.word.rawValue) time=\(now.timestamp) "
      + "reason=\(reason)\n"
    try verdictFile.replaceDurably(with: Array(line.utf8))
  }

  package func raiseAlarm(_ text: String, at now: Instant) throws {
    let line = "\(now.timestamp) \(printable(text, limit: 400))\n"
    try RecordFile(path: root + "/data/alarm").replaceDurably(with: Array(line.utf8))
  }

  /// What was noted after that time, or in all of the file.
  func history(after time: String?) -> [HistoryEntry] {
    guard let text = text(of: RecordFile(path: root + "/release/history")) else { return [] }
    return ReleaseHistory.entries(text, after: time)
  }

  private var verdictFile: RecordFile { RecordFile(path: root + "/data/release.verdict") }

  private func gateState() -> GateState? {
    let path = root + "/release/state"
    guard let text = text(of: RecordFile(path: path)) else { return nil }
    do {
      return try GateState(parsing: text)
    } catch {
      log.error("\(path) is of no use: \(error)")
      return nil
    }
  }

  /// A gate that has not run since does not know the good word yet.
  private var isMarkedGood: Bool {
    guard let own, let text = text(of: verdictFile) else { return false }
    return text.hasPrefix("release=\(own) verdict=good ")
  }

  private func newestSchema(of release: String) -> Int? {
    let file = RecordFile(path: "\(root)/releases/\(release)/release.env")
    return text(of: file).flatMap { KeyedLines($0)["schema_max"] }.flatMap { Int($0) }
  }

  private func text(of file: RecordFile) -> String? {
    do {
      return try file.read(limit: Self.mostBytes).map { String(decoding: $0, as: UTF8.self) }
    } catch {
      log.error("\(error)")
      return nil
    }
  }
}
