package import Supervision

/// Reports as people read them: aligned columns; plain ASCII unless a terminal shows them.
package enum StatusText {
  /// How a text is shown.
  package enum Style: Sendable {
    case terminal
    /// For pipes and files.
    case plain
  }

  package static func render(_ report: StatusReport, style: Style) -> String {
    var lines = [
      "riskd \(report.releaseText): \(emphasised(report.state, style)) since \(report.since)"
    ]
    if let clock = report.testClock { lines.append("\(clock.text), since \(clock.anchor)") }
    if let problem = report.problem { lines.append("problem: \(problem)") }
    if let problem = report.configuration { lines.append("configuration: \(problem)") }
    lines.append("deaths: \(report.deathsInWindow) in \(report.windowSeconds) s")
    if let canary = report.canary { lines.append(canaryLine(canary)) }
    if let probation = report.release.probation {
      lines.append(
        "on trial: well for \(probation.healthySeconds) of \(probation.neededSeconds) s, "
          + "\(probation.canaries) of \(probation.neededCanaries) canaries")
    }
    lines.append("")
    lines += table([workerHeader] + report.workers.map { row($0, report) })
    for worker in report.workers {
      if let degraded = worker.degraded { lines.append("\(worker.name.rawValue): \(degraded)") }
    }
    if let reason = report.safeModeReason {
      lines += ["", "safe mode, asked for by the release gate: \(reason)"]
    }
    if let evidence = report.crashLoop {
      lines.append("")
      lines.append(
        "safe mode since \(evidence.since): more than \(evidence.allowedDeaths) deaths of "
          + "\(evidence.scope) in \(evidence.windowSeconds) s")
      lines += evidence.deaths.map { "  \($0.time)  \($0.worker.rawValue)  \($0.cause)" }
    }
    return finished(lines, style)
  }

  package static func render(_ entries: [HistoryEntry], style: Style) -> String {
    guard !entries.isEmpty else { return "no entries\n" }
    let rows = entries.map { entry in
      [entry.time, entry.event.rawValue, entry.pid.map(String.init) ?? "-", entry.text]
    }
    return finished(table([["TIME", "EVENT", "PID", "WHAT"]] + rows), style)
  }

  private static func canaryLine(_ canary: StatusReport.Canary) -> String {
    let age = canary.ageSeconds.map { ", the last one \($0) s ago" } ?? ""
    return "\(canary.text) from gateway to enforcer, \(canary.total) so far\(age)"
  }

  private static let workerHeader = [
    "WORKER", "STATE", "PID", "UPTIME", "LIFE", "DEATHS", "LINKS", "INPUTS", "BACKLOG", "ANSWER",
    "LAST CAUSE",
  ]

  private static func row(_ worker: StatusReport.Worker, _ report: StatusReport) -> [String] {
    let links = worker.links.map { link in
      "\(link.name.rawValue) \(link.epoch)\(link.isConfirmed ? "" : " (open)")"
    }
    return [
      worker.name.rawValue, worker.state.rawValue, worker.pid.map(String.init) ?? "-",
      worker.uptimeSeconds.map(duration) ?? "-", String(worker.life),
      String(worker.deathsInWindow), links.joined(separator: ", "),
      worker.progress.map { String($0.inputs) } ?? "-",
      worker.progress.map { String($0.backlog) } ?? "-",
      worker.answerMilliseconds.map { "\($0) ms" } ?? "-", worker.lastCause ?? "-",
    ]
  }

  private static func emphasised(_ state: OverallState, _ style: Style) -> String {
    switch (style, state) {
    case (.plain, _): state.label
    case (.terminal, .running): "\u{1B}[32m\(state.label)\u{1B}[0m"
    case (.terminal, .safeMode): "\u{1B}[1;31m\(state.label)\u{1B}[0m"
    case (.terminal, .starting), (.terminal, .degraded), (.terminal, .stopping):
      "\u{1B}[33m\(state.label)\u{1B}[0m"
    }
  }

  /// The last column is as wide as it likes.
  private static func table(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = column == columns - 1 ? 0 : widths[column] - cell.count
        return cell + String(repeating: " ", count: padding)
      }.joined(separator: "  ")
    }
  }

  private static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3_600: "\(seconds / 60)m \(seconds % 60)s"
    case ..<86_400: "\(seconds / 3_600)h \(seconds / 60 % 60)m"
    default: "\(seconds / 86_400)d \(seconds / 3_600 % 24)h"
    }
  }

  private static func finished(_ lines: [String], _ style: Style) -> String {
    let text = lines.joined(separator: "\n") + "\n"
    switch style {
    case .terminal: return text
    case .plain: return String(text.map { $0.isASCII ? $0 : "?" })
    }
  }
}
