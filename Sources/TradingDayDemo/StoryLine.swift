package import RiskModel

/// One thing that the demonstration tells.
package struct StoryLine: Equatable, Sendable {
  /// Who does something, or who says so.
  package enum Speaker: String, Sendable, CaseIterable {
    case trader = "TRADER"
    case rule = "RULE"
    case riskd = "RISKD"
    case venue = "VENUE"
    case proof = "PROOF"
    case fault = "FAULT"
  }

  package enum Content: Equatable, Sendable {
    case said(Speaker, String)
    /// Opens a chapter.
    case heading(String)
    /// Explains, for somebody who sees it for the first time.
    case remark(String)
  }

  package var at: MonotonicInstant
  /// Where it stands among the others.
  package var place: MonotonicInstant
  package var content: Content

  /// A line without a `place` stands at its own time.
  package init(
    _ at: MonotonicInstant, _ speaker: Speaker, _ text: String, place: MonotonicInstant? = nil
  ) {
    self.init(at, .said(speaker, text), place: place)
  }

  package init(_ at: MonotonicInstant, _ content: Content, place: MonotonicInstant? = nil) {
    self.at = at
    self.place = place ?? at
    self.content = content
  }
}

/// Turns lines into text: plain ASCII, aligned, at most 100 columns.
package struct StoryStyle: Equatable, Sendable {
  package static let width = 100
  /// `[ 12.3 s] TRADER  `
  private static let margin = 18

  /// When the demonstration began.
  package var beginning: MonotonicInstant
  /// Colours the speakers, for terminals.
  package var hasColours: Bool

  package init(beginning: MonotonicInstant, hasColours: Bool) {
    self.beginning = beginning
    self.hasColours = hasColours
  }

  /// The text of a line, its newlines included.
  package func text(_ line: StoryLine) -> String {
    switch line.content {
    case .heading(let title):
      let start = "-- \(ascii(title)) "
      let rule = String(repeating: "-", count: max(2, Self.width - start.count))
      return "\n\(hasColours ? "\u{1B}[1m\(start)\u{1B}[0m" : start)\(rule)\n"
    case .remark(let text):
      return wrapped(text, first: "", margin: Self.margin)
    case .said(let speaker, let text):
      let word = speaker.rawValue.padded(to: 8)
      let shown = hasColours ? "\u{1B}[\(colour(of: speaker))m\(word)\u{1B}[0m" : word
      return wrapped(text, first: "[\(seconds(line.at)) s] \(shown)", margin: Self.margin)
    }
  }

  private func wrapped(_ text: String, first: String, margin: Int) -> String {
    let space = String(repeating: " ", count: margin)
    let rows = ascii(text).rows(of: Self.width - margin)
    return rows.enumerated().map { index, row in
      (index == 0 && !first.isEmpty ? first : space) + row + "\n"
    }.joined()
  }

  /// Seconds with one decimal place, five columns.
  private func seconds(_ at: MonotonicInstant) -> String {
    let tenths = max(0, (at - beginning).milliseconds / 100)
    return "\(tenths / 10).\(tenths % 10)".padded(to: 5, right: true)
  }

  private func ascii(_ text: String) -> String {
    String(text.map { $0.isASCII && !$0.isNewline ? $0 : "?" })
  }

  private func colour(of speaker: StoryLine.Speaker) -> String {
    switch speaker {
    case .trader: "36"
    case .rule: "33"
    case .riskd: "34"
    case .venue: "37"
    case .proof: "32"
    case .fault: "31"
    }
  }
}

extension String {
  func padded(to width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return right ? space + self : self + space
  }

  /// The words in rows of at most `width` columns; a longer word has a row of its own.
  func rows(of width: Int) -> [String] {
    var rows = [""]
    for word in split(separator: " ") {
      let row = rows[rows.count - 1]
      if row.isEmpty {
        rows[rows.count - 1] = String(word)
      } else if row.count + 1 + word.count <= width {
        rows[rows.count - 1] = "\(row) \(word)"
      } else {
        rows.append(String(word))
      }
    }
    return rows
  }
}
