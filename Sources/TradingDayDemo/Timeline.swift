package import RiskModel

/// Puts what several sources tell into the order in which it happened.
///
/// Lines are kept for a moment, so that one that arrives late still comes before what followed it.
package struct Timeline {
  /// A log line comes behind its decision by less than this, except on a machine that is very busy;
  /// then two lines change places, and nothing else happens.
  package static let patience = TimeSpan.milliseconds(60)

  private var waiting: [StoryLine] = []

  package init() {}

  package mutating func add(_ line: StoryLine) {
    let place = waiting.lastIndex { $0.place <= line.place }.map { $0 + 1 } ?? 0
    waiting.insert(line, at: place)
  }

  /// The lines that nothing can come before any more.
  package mutating func take(at now: MonotonicInstant) -> [StoryLine] {
    let count = waiting.prefix { now - $0.place >= Self.patience }.count
    defer { waiting.removeFirst(count) }
    return Array(waiting.prefix(count))
  }

  package mutating func takeAll() -> [StoryLine] {
    defer { waiting = [] }
    return waiting
  }
}
