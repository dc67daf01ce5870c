package import ControlPlane
import Glibc
import PeerProtocol
import RiskModel
import Supervision

/// `riskctl failure analyze`: what a failed service left, in order, and what speaks for a roll-back.
package enum FailureAnalysis {
  /// 0 when there is a report, whatever it says; 2 for a folder that is none.
  package static func outcome(of folder: String, asJSON: Bool) -> CommandOutcome {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return CommandOutcome(.environment, complaint: "riskctl: \(folder) is no folder\n")
    }
    let report = FailureReport(folder)
    guard asJSON else { return CommandOutcome(.yes, output: report.text) }
    do {
      return CommandOutcome(
        .yes, output: String(decoding: try MessageCoder().encode(report), as: UTF8.self) + "\n")
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }
}

/// The report. The JSON form is an interface: keys are only ever added.
struct FailureReport: Equatable, Codable {
  /// More lines of a text would not be read.
  private static let textLines = 40
  private static let mostMoments = 1_000

  /// One moment of the time line.
  struct Moment: Equatable, Codable {
    var at: String
    /// `error`, `warning` or `notice`.
    var level: String
    var source: String
    var text: String
  }

  var files: [FailureRecords.File]
  /// The oldest and the newest record.
  var from: String?
  var to: String?
  var firstError: Moment?
  /// Starts of processes, workers and the supervisor itself.
  var restarts: [Moment]
  /// Warnings and errors by their kind, or by who spoke where they have none.
  var counts: [String: Int]
  var criteria: [RollBackCriterion]
  /// Oldest first; the middle is left out beyond a thousand.
  var timeline: [Moment]

  init(_ folder: String) {
    let found = FailureRecords(folder: folder)
    files = found.files
    let told = found.history.map { entry in
      let level =
        switch entry.severity {
        case .notice: "notice"
        case .warning: "warning"
        case .critical: "error"
        }
      return Moment(
        at: entry.time, level: level, source: entry.worker?.rawValue ?? "supervisor",
        text: printable(entry.text, limit: 400))
    }
    // What the history tells stands in the journal too.
    let kinds = Set(HistoryEntry.Event.allCases.map(\.messageID))
    let others = found.records.filter { record in
      found.history.isEmpty || !(record.kind.map(kinds.contains) ?? false)
    }
    let logged = others.map {
      Moment(at: $0.at, level: $0.isError ? "error" : "warning", source: $0.source, text: $0.text)
    }
    let all = (told + logged).sorted { ($0.at, $0.text) < ($1.at, $1.text) }
    from = all.first?.at
    to = all.last?.at
    firstError = all.first { $0.level == "error" }
    restarts = zip(found.history, told).filter { entry, _ in
      entry.event == .supervisorStarted || entry.event == .death
        || (entry.event == .workerStarted && (entry.life ?? 1) > 1)
    }.map(\.1)
    counts = Dictionary(grouping: found.records) { record in
      record.kind.map { "\($0)" } ?? record.source
    }.mapValues(\.count)
    criteria = FailureCriteria(folder: folder, records: found).all
    timeline = Self.ends(of: all, Self.mostMoments)
  }

  private static func ends(of moments: [Moment], _ most: Int) -> [Moment] {
    guard moments.count > most else { return moments }
    return Array(moments.prefix(most / 2) + moments.suffix(most / 2))
  }

  var text: String {
    var lines = files.map { file in
      "\(file.name): \(file.records) records"
        + (file.unread == 0 ? "" : ", \(file.unread) lines that cannot be read")
    }
    if files.isEmpty { lines.append("nothing to read: no history, no journal, no log") }
    if let from, let to { lines.append("from \(from) to \(to)") }
    lines += [
      "", "first error: " + (firstError.map { "\($0.at) \($0.source): \($0.text)" } ?? "none"),
    ]
    lines += ["", "starts and deaths: \(restarts.count)"]
    lines += Self.ends(of: restarts, Self.textLines).map { "  \($0.at)  \($0.source): \($0.text)" }
    lines += ["", "warnings and errors:" + (counts.isEmpty ? " none" : "")]
    lines += counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($1)  \($0)" }
    lines += ["", "criteria of a roll-back:"]
    lines += criteria.map { "  \($0)" }
    lines += ["", "time line:"]
    lines += Self.ends(of: timeline, Self.textLines).map {
      "  \($0.at)  \($0.level.uppercased())  \($0.source): \($0.text)"
    }
    if timeline.count > Self.textLines {
      lines.append("  (\(timeline.count - Self.textLines) in the middle are left out)")
    }
    let met = criteria.filter { $0.verdict == .met }.map { "\($0.number)" }
    lines += [
      "",
      met.isEmpty
        ? "no criterion of a roll-back is met"
        : "met: \(met.joined(separator: ", ")); probable cause: "
          + (firstError.map { "\($0.source): \($0.text)" } ?? "see above"),
    ]
    return lines.map { $0 + "\n" }.joined()
  }
}

extension RollBackCriterion: CustomStringConvertible {
  var description: String {
    let mark =
      switch verdict {
      case .met: "❌"
      case .notMet: "✅"
      case .unknown: "⏳"
      }
    return "\(mark) \(number) \(name): \(evidence)"
  }
}
