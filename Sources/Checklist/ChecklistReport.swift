import RiskModel
import Supervision

/// What the checks of one phase have found; its keys as JSON are only ever added to.
package struct ChecklistReport: Equatable, Sendable, Codable {
  package struct Line: Equatable, Sendable, Codable {
    package var id: String
    /// What the specification asks for.
    package var asks: String
    package var verdict: Finding.Verdict
    package var evidence: String
    package var command: String
  }

  package var phase: Check.Phase
  package var time: String
  /// Nothing has failed.
  package var passed: Bool
  package var counts: [String: Int]
  package var checks: [Line]

  package init(_ phase: Check.Phase, _ facts: ChecklistFacts) {
    self.phase = phase
    time = facts.now.timestamp
    checks = Checklist.checks(of: phase).map { check in
      let finding = check.judge(facts)
      return Line(
        id: check.id, asks: check.words, verdict: finding.verdict, evidence: finding.evidence,
        command: check.command)
    }
    var counts: [String: Int] = [:]
    for line in checks { counts[line.verdict.rawValue, default: 0] += 1 }
    self.counts = counts
    passed = counts[Finding.Verdict.fail.rawValue] == nil
  }

  /// Nothing has failed and nothing is left to be seen by a program.
  package var isComplete: Bool { passed && counts[Finding.Verdict.early.rawValue] == nil }

  package var text: String {
    var lines = ["\(phase.title) (\(time))"]
    for line in checks {
      lines.append("\(line.verdict.mark) \(line.id): \(line.asks)")
      lines.append("     \(line.evidence)")
    }
    func count(_ verdict: Finding.Verdict) -> String {
      "\(counts[verdict.rawValue] ?? 0) \(verdict.mark)"
    }
    lines.append(
      "\(count(.pass))  \(count(.fail))  \(count(.early)) too early to say  "
        + "\(count(.person)) for a person")
    return lines.joined(separator: "\n") + "\n"
  }
}
