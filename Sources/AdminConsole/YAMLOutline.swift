// The part of YAML that is edited in place, which is how people write configurations:
//
//   file      blocks of "key: value" and lists of "- value", indented by blanks; one document
//   key       a plain word, or one in quotes without escapes
//   value     one line: a plain word, a text in quotes, or a list or block in brackets or braces
//   comment   "#" at the beginning or behind a blank, to the end of the line
//
// Tabs, carriage returns, anchors, tags, texts of several lines and further documents are refused
// with the line: they are right YAML, but to change something beside them takes a person.

/// Where the keys and values of a text stand.
struct YAMLOutline {
  indirect enum Node: Equatable {
    /// A key without a value.
    case empty
    /// One value in these columns of the line of its key or dash.
    case value(line: Int, columns: Range<Int>)
    case block(column: Int, [Entry])
    case list(column: Int, [Element])
  }

  struct Entry: Equatable {
    var key: String
    var line: Int
    /// Behind the colon.
    var valueColumn: Int
    var node: Node
    /// The first line behind it; comments and blank lines that follow are not its own.
    var end: Int
  }

  struct Element: Equatable {
    var line: Int
    var node: Node
    var end: Int
  }

  let lines: [[Character]]
  private(set) var root = Node.empty

  init(_ lines: [[Character]]) throws(YAMLEditError) {
    self.lines = lines
    for (number, line) in lines.enumerated() {
      if line.contains("\r") || line.contains("\r\n") {
        throw .unreadable(line: number + 1, problem: "ends with a carriage return")
      }
      if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
        throw .unreadable(line: number + 1, problem: "is indented with a tab")
      }
    }
    guard var first = significant(0) else { return }
    if text(first) == "---" {
      guard let next = significant(first + 1) else { return }
      first = next
    }
    let (node, end) = try node(first, indent(first))
    if let rest = significant(end) {
      throw .unreadable(line: rest + 1, problem: "does not belong to the block before it")
    }
    root = node
  }

  /// The node at the end of a path; `nil` where a step is not there.
  func node(at steps: some Collection<YAMLPath.Step>) -> Node? {
    var node = root
    for step in steps {
      switch (step, node) {
      case (.key(let key), .block(_, let entries)):
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        node = entry.node
      case (.index(let index), .list(_, let elements)):
        guard elements.indices.contains(index) else { return nil }
        node = elements[index].node
      default:
        return nil
      }
    }
    return node
  }

  /// The first line from this one on that is neither blank nor a comment.
  private func significant(_ line: Int) -> Int? {
    (line..<max(line, lines.count)).first { number in
      let text = lines[number].drop { $0 == " " }
      return !text.isEmpty && text.first != "#"
    }
  }

  private func indent(_ line: Int) -> Int { lines[line].prefix { $0 == " " }.count }

  private func text(_ line: Int) -> String {
    String(lines[line]).trimmed
  }

  private func isDash(_ line: Int, _ column: Int) -> Bool {
    let rest = lines[line].dropFirst(column)
    return rest.first == "-" && (rest.count == 1 || rest.dropFirst().first == " ")
  }

  private func node(_ line: Int, _ column: Int) throws(YAMLEditError) -> (Node, Int) {
    if isDash(line, column) { return try list(line, column) }
    if try YAMLLine(lines[line], line).key(at: column) != nil { return try block(line, column) }
    guard let columns = try YAMLLine(lines[line], line).value(from: column) else {
      throw .unreadable(line: line + 1, problem: "has no value")
    }
    try refuseContinuation(line, column - 1)
    return (.value(line: line, columns: columns), line + 1)
  }

  private func block(_ first: Int, _ column: Int) throws(YAMLEditError) -> (Node, Int) {
    var entries: [Entry] = []
    var line = first
    while true {
      guard let (key, valueColumn) = try YAMLLine(lines[line], line).key(at: column) else {
        throw .unreadable(line: line + 1, problem: "is no key with its value")
      }
      if entries.contains(where: { $0.key == key }) {
        throw .unreadable(line: line + 1, problem: "has \(key) once more")
      }
      let (node, end) = try value(of: line, column, from: valueColumn, mayDash: true)
      entries.append(
        Entry(key: key, line: line, valueColumn: valueColumn, node: node, end: end))
      guard let next = significant(end), indent(next) >= column else {
        return (.block(column: column, entries), end)
      }
      guard indent(next) == column else {
        throw .unreadable(line: next + 1, problem: "is indented unlike the lines before it")
      }
      line = next
    }
  }

  private func list(_ first: Int, _ column: Int) throws(YAMLEditError) -> (Node, Int) {
    var elements: [Element] = []
    var line = first
    while true {
      let rest = lines[line].dropFirst(column + 1)
      let start = column + 1 + rest.prefix { $0 == " " }.count
      let isAlone = start >= lines[line].count || lines[line][start] == "#"
      let (node, end): (Node, Int) =
        isAlone
        ? try value(of: line, column, from: column + 1, mayDash: false)
        : try self.node(line, start)
      elements.append(Element(line: line, node: node, end: end))
      guard let next = significant(end), indent(next) >= column else {
        return (.list(column: column, elements), end)
      }
      guard indent(next) == column else {
        throw .unreadable(line: next + 1, problem: "is indented unlike the lines before it")
      }
      // The next key of the block that this list is a value of.
      guard isDash(next, column) else { return (.list(column: column, elements), end) }
      line = next
    }
  }

  /// What stands behind a colon or below it. A list may stand as far left as its key.
  private func value(
    of line: Int, _ column: Int, from start: Int, mayDash: Bool
  ) throws(YAMLEditError) -> (Node, Int) {
    if let columns = try YAMLLine(lines[line], line).value(from: start) {
      try refuseContinuation(line, column)
      return (.value(line: line, columns: columns), line + 1)
    }
    guard let next = significant(line + 1) else { return (.empty, line + 1) }
    let depth = indent(next)
    if depth > column || (mayDash && depth == column && isDash(next, depth)) {
      return try node(next, depth)
    }
    return (.empty, line + 1)
  }

  private func refuseContinuation(_ line: Int, _ column: Int) throws(YAMLEditError) {
    guard let next = significant(line + 1), indent(next) > column else { return }
    throw .unreadable(line: next + 1, problem: "goes on with the value of the line before it")
  }
}

extension StringProtocol {
  /// Without blanks at both ends.
  var trimmed: String {
    var text = Substring(self).drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
