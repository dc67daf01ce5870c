import RiskModel
package import SimulatedVenue

/// A scenario as a story in chapters.
///
/// A note that begins with a number and a full stop ("4. An open loss") is the heading of that
/// chapter; other notes are remarks within it. The demonstration begins a chapter when the one
/// before it has come to its end, so that a slow machine tells the same story; the times of a
/// chapter's steps count from its heading. `risksim serve --scenario` plays the same file by its
/// times alone.
package struct TradingDay: Equatable, Sendable {
  package struct Act: Equatable, Sendable {
    package var chapter: Chapter
    /// The heading, number included.
    package var heading: String
    /// Times count from the heading.
    package var steps: [Scenario.Step]
  }

  /// Settings, accounts and prices, without a step.
  package var preparation: Scenario
  package var acts: [Act]

  /// - Throws: `unusable` when there is a step before the first heading, no heading at all, or a
  ///   heading whose number is unknown or comes twice. `source` names the file in it.
  package init(_ scenario: Scenario, source: String) throws(DemoError) {
    var preparation = scenario
    preparation.steps = []
    preparation.beginning = .atOnce
    self.preparation = preparation
    acts = []
    var beginning = TimeSpan.zero
    for step in scenario.steps {
      if case .note(let text) = step.command, let number = TradingDay.number(of: text) {
        guard let chapter = Chapter(rawValue: number) else {
          throw .unusable(path: source, problem: "there is no chapter \(number)")
        }
        guard !acts.contains(where: { $0.chapter == chapter }) else {
          throw .unusable(path: source, problem: "chapter \(number) comes twice")
        }
        acts.append(Act(chapter: chapter, heading: text, steps: []))
        beginning = step.time
      } else if acts.isEmpty {
        throw .unusable(path: source, problem: "the first step must be the heading of a chapter")
      } else {
        acts[acts.count - 1].steps.append(
          Scenario.Step(step.time - beginning, step.command))
      }
    }
    guard !acts.isEmpty else {
      throw .unusable(path: source, problem: "there is no chapter in it")
    }
  }

  private static func number(of heading: String) -> Int? {
    let digits = heading.prefix { $0.isASCII && $0.isNumber }
    guard heading.dropFirst(digits.count).hasPrefix(". ") else { return nil }
    return Int(digits)
  }
}
