/// Columns of text that fit a width.
struct TextTable {
  struct Cell {
    var text: String
    var style: ScreenStyle = .plain

    init(_ text: String, _ style: ScreenStyle = .plain) {
      self.text = text
      self.style = style
    }

    init(_ result: (text: String, style: ScreenStyle)) {
      self.init(result.text, result.style)
    }
  }

  private static let gap = 2

  var header: [String]
  /// Columns that end at their right edge.
  var right: Set<Int> = []
  /// The column that gives way when the line is too narrow; the last one otherwise.
  var flexible: Int?
  var rows: [[Cell]] = []

  init(_ header: [String], right: Set<Int> = [], flexible: Int? = nil) {
    self.header = header
    self.right = right
    self.flexible = flexible
  }

  func lines(width: Int) -> [ScreenLine] {
    let widths = fitted(width)
    let head = header.map { Cell($0, .faint) }
    return ([head] + rows).map { line($0, widths).clipped(to: width) }
  }

  private func fitted(_ width: Int) -> [Int] {
    var widths = header.indices.map { column in
      rows.reduce(header[column].unicodeScalars.count) {
        max($0, $1[column].text.unicodeScalars.count)
      }
    }
    let total = widths.reduce(0, +) + TextTable.gap * (widths.count - 1)
    let column = flexible ?? header.count - 1
    widths[column] = max(header[column].count, widths[column] - max(0, total - width))
    return widths
  }

  private func line(_ cells: [Cell], _ widths: [Int]) -> ScreenLine {
    var line = ScreenLine()
    for (column, cell) in cells.enumerated() {
      let text = ScreenLine(cell.text, cell.style).clipped(to: widths[column])
      let blanks = String(repeating: " ", count: widths[column] - text.width)
      if right.contains(column) { line.add(blanks) }
      line.add(text)
      guard column < cells.count - 1 else { break }
      if !right.contains(column) { line.add(blanks) }
      line.add(String(repeating: " ", count: TextTable.gap))
    }
    return line
  }
}
