/// Changes single values of a YAML text and leaves everything else of it as it is: comments, order,
/// indentation, quotes and alignment.
package struct YAMLEdit: Sendable {
  private var lines: [[Character]]
  private let endsWithNewline: Bool

  /// - Throws: `unreadable` for a text that cannot be edited with certainty.
  package init(_ text: String) throws(YAMLEditError) {
    endsWithNewline = text.hasSuffix("\n") || text.isEmpty
    var parts = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0) }
    if endsWithNewline { parts.removeLast() }
    lines = parts
    _ = try YAMLOutline(lines)
  }

  package var text: String {
    lines.map { String($0) }.joined(separator: "\n")
      + (endsWithNewline && !lines.isEmpty ? "\n" : "")
  }

  /// The value as it is written, with its quotes; `nil` where there is none.
  package func value(at path: YAMLPath) throws(YAMLEditError) -> String? {
    guard case .value(let line, let columns)? = try YAMLOutline(lines).node(at: path.steps) else {
      return nil
    }
    return String(lines[line][columns])
  }

  /// Puts a value, as YAML has it, in the place of the one that is there; a key that is absent is
  /// added at the end of its block.
  ///
  /// - Throws: where this cannot be done exactly; the text is as it was then.
  package mutating func set(_ path: YAMLPath, to value: String) throws(YAMLEditError) {
    guard value.isPrintableLine, !value.isEmpty else { throw .unsafeText }
    let outline = try YAMLOutline(lines)
    var changed = self
    switch outline.node(at: path.steps) {
    case .value(let line, let columns)?: changed.replace(line, columns, value)
    case .empty?: try changed.fill(path, value, outline)
    case .list(let column, let elements)?:
      try changed.rewrite(path, column, elements, YAMLText.elements(value), outline)
    case .block(_, let entries)?:
      throw .notOneValue(path: path.description, line: (entries.first?.line ?? 0) + 1)
    case nil: try changed.insert(path, value, outline)
    }
    try self.become(changed)
  }

  /// Takes a key or an element away, with the comments within it.
  package mutating func remove(_ path: YAMLPath) throws(YAMLEditError) {
    let outline = try YAMLOutline(lines)
    guard let last = path.steps.last, let parent = outline.node(at: path.steps.dropLast()) else {
      throw .noSuchKey(path.description)
    }
    var changed = self
    switch (last, parent) {
    case (.key(let key), .block(_, let entries)):
      guard let entry = entries.first(where: { $0.key == key }) else {
        throw .noSuchKey(path.description)
      }
      guard entries.count > 1 else { throw .notOneValue(path: "\(path)", line: entry.line + 1) }
      // The first key of an element shares its line with the dash.
      guard changed.lines[entry.line].first(where: { $0 != " " }) != "-" else {
        throw .notOneValue(path: path.description, line: entry.line + 1)
      }
      changed.lines.removeSubrange(entry.line..<entry.end)
    case (.index(let index), .list(_, let elements)):
      guard elements.indices.contains(index) else { throw .noSuchKey(path.description) }
      guard elements.count > 1 else {
        throw .notOneValue(path: "\(path)", line: elements[index].line + 1)
      }
      changed.lines.removeSubrange(elements[index].line..<elements[index].end)
    case (_, .value(let line, _)):
      throw .insideBraces(path: path.description, line: line + 1)
    default:
      throw .noSuchKey(path.description)
    }
    try self.become(changed)
  }

  /// Adds a block of keys behind the last element of a list.
  package mutating func append(
    _ entries: [(key: String, value: String)], to path: YAMLPath
  ) throws(YAMLEditError) {
    guard entries.allSatisfy({ $0.value.isPrintableLine && !$0.value.isEmpty }) else {
      throw .unsafeText
    }
    guard case .list(let column, let elements)? = try YAMLOutline(lines).node(at: path.steps),
      let last = elements.last
    else { throw .noSuchKey(path.description) }
    var changed = self
    let blanks = String(repeating: " ", count: column)
    let new = entries.enumerated().map { index, entry in
      Array("\(blanks)\(index == 0 ? "- " : "  ")\(entry.key): \(entry.value)")
    }
    changed.lines.insert(contentsOf: new, at: last.end)
    try self.become(changed)
  }

  /// Only a text that can still be read takes the place of the one before.
  private mutating func become(_ changed: YAMLEdit) throws(YAMLEditError) {
    _ = try YAMLOutline(changed.lines)
    self = changed
  }

  /// A comment behind the value stays in its column where the new value leaves room for it.
  private mutating func replace(_ line: Int, _ columns: Range<Int>, _ value: String) {
    let rest = Array(lines[line][columns.upperBound...])
    let comment = Array(rest.drop { $0 == " " })
    var new = lines[line][..<columns.lowerBound] + Array(value)
    if !comment.isEmpty {
      let column = columns.upperBound + rest.count - comment.count
      new += Array(repeating: " ", count: max(1, column - new.count)) + comment
    }
    lines[line] = Array(new)
  }

  /// Writes a value behind a key that has none.
  private mutating func fill(
    _ path: YAMLPath, _ value: String, _ outline: YAMLOutline
  ) throws(YAMLEditError) {
    guard case .key(let key)? = path.steps.last,
      case .block(_, let entries)? = outline.node(at: path.steps.dropLast()),
      let entry = entries.first(where: { $0.key == key })
    else { throw .noSuchKey(path.description) }
    lines[entry.line].replaceSubrange(
      entry.valueColumn..<entry.valueColumn, with: Array(" " + value))
  }

  /// Adds what is missing of a path below the last step that is there.
  private mutating func insert(
    _ path: YAMLPath, _ value: String, _ outline: YAMLOutline
  ) throws(YAMLEditError) {
    for count in stride(from: path.steps.count - 1, through: 0, by: -1) {
      let known = path.steps.prefix(count)
      switch outline.node(at: known) {
      case .block(let column, let entries)?:
        guard let last = entries.last else { throw .noSuchKey(path.description) }
        try add(path.steps.dropFirst(count), value, column, at: last.end, path)
        return
      case .empty?:
        guard case .key(let key)? = known.last,
          case .block(let column, let entries)? = outline.node(at: known.dropLast()),
          let entry = entries.first(where: { $0.key == key })
        else { throw .noSuchKey(path.description) }
        try add(path.steps.dropFirst(count), value, column + 2, at: entry.line + 1, path)
        return
      case .value(let line, _)?:
        throw .insideBraces(path: path.description, line: line + 1)
      case .list?:
        throw .noSuchKey(path.description)
      case nil:
        continue
      }
    }
    throw .noSuchKey(path.description)
  }

  private mutating func add(
    _ steps: some Collection<YAMLPath.Step>, _ value: String, _ column: Int, at line: Int,
    _ path: YAMLPath
  ) throws(YAMLEditError) {
    var new: [[Character]] = []
    for (depth, step) in steps.enumerated() {
      guard case .key(let key) = step else { throw .noSuchKey(path.description) }
      let end = depth == steps.count - 1 ? " " + value : ""
      new.append(Array(String(repeating: " ", count: column + 2 * depth) + key + ":" + end))
    }
    lines.insert(contentsOf: new, at: line)
  }

  /// A list with a line for each element stays one; lines of elements that remain stay as they are.
  private mutating func rewrite(
    _ path: YAMLPath, _ column: Int, _ elements: [YAMLOutline.Element], _ wanted: [String]?,
    _ outline: YAMLOutline
  ) throws(YAMLEditError) {
    guard let wanted, !wanted.isEmpty, let first = elements.first, let last = elements.last else {
      throw .notOneValue(path: path.description, line: (elements.first?.line ?? 0) + 1)
    }
    var known: [String: [Character]] = [:]
    var isQuoted = false
    for element in elements {
      guard case .value(let line, let columns) = element.node, line == element.line else {
        throw .notOneValue(path: path.description, line: element.line + 1)
      }
      let text = String(lines[line][columns])
      isQuoted = isQuoted || text.hasPrefix("\"") || text.hasPrefix("'")
      known[YAMLText.bare(text)] = lines[line]
    }
    guard last.end - first.line == elements.count else {
      throw .unreadable(
        line: first.line + 1, problem: "begins a list with comments between its elements")
    }
    let blanks = String(repeating: " ", count: column)
    let new = wanted.map { text in
      known[text] ?? Array("\(blanks)- \(isQuoted ? YAMLText.quoted(text) : YAMLText.plain(text))")
    }
    lines.replaceSubrange(first.line..<last.end, with: new)
  }
}
