package import RiskModel

/// One input of the engine in the journal, and what came of it.
package struct JournalRow: Equatable, Sendable {
  package enum Content: Equatable, Sendable {
    /// A word that says how to read the bytes, not `marks`, and the input.
    case input(kind: String, [UInt8])
    case mark(JournalMark)
  }

  /// From 1, rising; a number is missing only where an input could not be recorded.
  package var ordinal: Int64
  package var at: Instant
  package var content: Content
  /// The decisions of the input; `nil` for none.
  package var effects: [UInt8]?

  /// An input in bytes.
  package init(
    ordinal: Int64, at: Instant, kind: String, payload: [UInt8], effects: [UInt8]? = nil
  ) {
    precondition(
      kind != JournalRow.marksKind, "Condition failed: the kind of an input is not \(kind)")
    self.ordinal = ordinal
    self.at = at
    content = .input(kind: kind, payload)
    self.effects = effects
  }

  /// A mark, which takes some seven bytes.
  package init(ordinal: Int64, mark: JournalMark, effects: [UInt8]? = nil) {
    self.ordinal = ordinal
    at = mark.at
    content = .mark(mark)
    self.effects = effects
  }

  static let marksKind = "marks"
}
