/// One line of a file, looked at from a column on.
struct YAMLLine {
  private let line: [Character]
  private let number: Int

  init(_ line: [Character], _ number: Int) {
    self.line = line
    self.number = number
  }

  /// A key and the column behind its colon; `nil` where no key stands.
  func key(at column: Int) throws(YAMLEditError) -> (String, valueColumn: Int)? {
    guard column < line.count else { return nil }
    var end = column
    var name: String
    if line[column] == "\"" || line[column] == "'" {
      guard let close = line[(column + 1)...].firstIndex(of: line[column]),
        close + 1 < line.count, line[close + 1] == ":"
      else { return nil }
      name = String(line[(column + 1)..<close])
      end = close + 1
    } else {
      guard
        let colon = line[column...].indices.first(where: { index in
          line[index] == ":" && (index + 1 == line.count || line[index + 1] == " ")
        })
      else { return nil }
      name = String(line[column..<colon])
      end = colon
    }
    if name.contains(where: { "&*!{}[]#,\"'?|>%@`".contains($0) }) || name.hasSuffix(" ") {
      // A value in brackets or quotes with a colon in it is no key.
      if "[{\"'".contains(line[column]) { return nil }
      throw .unreadable(line: number + 1, problem: "has a key that is no plain word")
    }
    return (name, end + 1)
  }

  /// The columns of the value behind a column; `nil` where only blanks or a comment follow.
  func value(from column: Int) throws(YAMLEditError) -> Range<Int>? {
    var start = column
    while start < line.count, line[start] == " " { start += 1 }
    guard start < line.count, line[start] != "#" else { return nil }
    let end =
      switch line[start] {
      case "\"", "'": try quoteEnd(start)
      case "[", "{": try bracketEnd(start)
      case "|", ">": throw refusal("begins a text of several lines")
      case "&", "*", "!", "%", "@", "`": throw refusal("has an anchor, an alias or a tag")
      default: plainEnd(start)
      }
    let rest = line[end...].drop { $0 == " " }
    guard rest.isEmpty || (rest.first == "#" && rest.startIndex > end) else {
      throw refusal("has more behind its value")
    }
    return start..<end
  }

  private func plainEnd(_ start: Int) -> Int {
    var end = start
    for index in start..<line.count {
      if line[index] == "#", line[index - 1] == " " { break }
      if line[index] != " " { end = index + 1 }
    }
    return end
  }

  private func quoteEnd(_ start: Int) throws(YAMLEditError) -> Int {
    let quote = line[start]
    var index = start + 1
    while index < line.count {
      if line[index] == "\\", quote == "\"" {
        index += 2
      } else if line[index] == quote {
        // In single quotes two of them stand for one.
        guard quote == "'", index + 1 < line.count, line[index + 1] == "'" else { return index + 1 }
        index += 2
      } else {
        index += 1
      }
    }
    throw refusal("has a quote that is not closed in it")
  }

  private func bracketEnd(_ start: Int) throws(YAMLEditError) -> Int {
    var depth = 0
    var index = start
    while index < line.count {
      switch line[index] {
      case "[", "{": depth += 1
      case "]", "}":
        depth -= 1
        if depth == 0 { return index + 1 }
      case "\"", "'":
        index = try quoteEnd(index)
        continue
      case "#" where line[index - 1] == " ":
        throw refusal("has a bracket that is not closed in it")
      default: break
      }
      index += 1
    }
    throw refusal("has a bracket that is not closed in it")
  }

  private func refusal(_ problem: String) -> YAMLEditError {
    .unreadable(line: number + 1, problem: problem)
  }
}
