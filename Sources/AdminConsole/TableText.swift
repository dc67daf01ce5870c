/// Aligned columns for a terminal of 80 columns, two blanks between them.
package enum TableText {
  package static let width = 80

  /// A line for each row, the columns of `right` to the right. What does not fit is cut at the end of
  /// the line and marked.
  package static func render(_ rows: [[String]], right: Set<Int> = []) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return right.contains(column) ? padding + cell : cell + padding
      }
      return line(cells.joined(separator: "  "))
    }.joined()
  }

  /// One line, without blanks at its end and no longer than the terminal is wide.
  package static func line(_ text: String) -> String {
    var shown = String(text.map { isControl($0) ? "?" : $0 })
    while shown.last == " " { shown.removeLast() }
    if shown.count > width { shown = String(shown.prefix(width - 3)) + "..." }
    return shown + "\n"
  }

  /// A text of any length in lines that fit, broken at blanks; all but the first begin with `indent`
  /// blanks.
  package static func wrapped(_ text: String, indent: Int = 4) -> String {
    var lines: [String] = []
    var line = String(text.prefix { $0 == " " })
    var isFresh = true
    for word in text.split(separator: " ") {
      if !isFresh, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent)
        isFresh = true
      }
      line += isFresh ? String(word) : " " + word
      isFresh = false
    }
    return (lines + [line]).map { self.line($0) }.joined()
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}
