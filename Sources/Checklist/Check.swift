import RiskModel

/// One line of the specification's checklist.
package struct Check: Sendable {
  /// When the line is looked at.
  package enum Phase: String, Sendable, Codable, CaseIterable {
    /// Before riskd is put to work.
    case pre
    /// Within five minutes of its start.
    case immediate
    /// An hour after its start.
    case hour
    /// A day after its start.
    case day
    /// Whether to go back to the release before, and what that takes.
    case rollback

    package var title: String {
      switch self {
      case .pre: "Before the start"
      case .immediate: "Immediately, 0 to 5 minutes after the start"
      case .hour: "One hour after the start"
      case .day: "One day after the start"
      case .rollback: "Rolling back: a ❌ is a reason to, or in its way"
      }
    }
  }

  /// Kept for ever: 1 to 20 are the specification's own numbers.
  package let id: String
  package let phase: Phase
  /// What the specification asks for.
  package let words: String
  /// The command that shows the same to a person.
  package let command: String
  package let judge: @Sendable (ChecklistFacts) -> Finding
  /// Whether only a person can tick it off; `command` is an instruction then.
  package let isByHand: Bool

  init(
    _ id: String, _ phase: Phase, _ words: String, command: String,
    _ judge: @escaping @Sendable (ChecklistFacts) -> Finding
  ) {
    self.id = id
    self.phase = phase
    self.words = words
    self.command = command
    self.judge = judge
    isByHand = false
  }

  /// A line that no program can tick off.
  init(_ id: String, _ phase: Phase, _ words: String, byHand instruction: String) {
    self.id = id
    self.phase = phase
    self.words = words
    command = instruction
    judge = { _ in Finding(.person, instruction) }
    isByHand = true
  }
}

/// What a check found, and on what it rests.
package struct Finding: Equatable, Sendable {
  package enum Verdict: String, Sendable, Codable {
    case pass
    case fail
    /// It is too early to say.
    case early
    /// Only a person can do it.
    case person

    package var mark: String {
      switch self {
      case .pass: "✅"
      case .fail: "❌"
      case .early: "⏳"
      case .person: "☐"
      }
    }
  }

  package var verdict: Verdict
  /// What was seen; for a person, what to do.
  package var evidence: String

  init(_ verdict: Verdict, _ evidence: String) {
    self.verdict = verdict
    self.evidence = evidence
  }

  static func pass(_ evidence: String) -> Finding { Finding(.pass, evidence) }
  static func fail(_ evidence: String) -> Finding { Finding(.fail, evidence) }
  static func early(_ evidence: String) -> Finding { Finding(.early, evidence) }

  /// A finding that would be good, but for the time that it has to hold.
  func holding(since start: Instant?, for span: TimeSpan, at now: Instant) -> Finding {
    guard verdict == .pass else { return self }
    guard let start else { return .early("\(evidence); since when riskd runs is not known") }
    guard now - start < span else { return self }
    return .early("\(evidence) so far, in \((now - start).inWords)")
  }
}

/// Every check, in the order of the specification.
package enum Checklist {
  package static let checks = preparation + configuration + start + hour + day + allDay + rollback

  package static func checks(of phase: Check.Phase) -> [Check] {
    checks.filter { $0.phase == phase }
  }
}
