/// Changes single variables of a `.env` and leaves everything else of it as it is. Its form is at
/// the head of `Sources/Settings/EnvironmentFile.swift`.
package struct SecretsEdit: Sendable {
  private var lines: [Substring]

  package init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
  }

  package var text: String { lines.map { $0 + "\n" }.joined() }

  /// Gives a variable a value; one that is not there is added at the end. A comment behind the old
  /// value stays.
  ///
  /// - Returns: false for a value that cannot be written on one line; then nothing has changed.
  package mutating func set(_ name: String, to value: String) -> Bool {
    guard !value.isEmpty, value.isPrintableLine else { return false }
    let assignment = "\(name)=\(Self.written(value))"
    for (index, line) in lines.enumerated() {
      let body = line.drop { $0 == " " || $0 == "\t" }
      guard body.hasPrefix("\(name)=") else { continue }
      lines[index] = Substring(assignment + Self.comment(body.dropFirst(name.count + 1)))
      return true
    }
    lines.append(Substring(assignment))
    return true
  }

  private static func written(_ value: String) -> String {
    let isPlain = value.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || "_-.+/=@:".contains(character))
    }
    if isPlain { return value }
    if !value.contains("'") { return "'\(value)'" }
    return "\"" + value.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "\""
  }

  /// What stands behind a value, with the blanks before it.
  private static func comment(_ text: Substring) -> String {
    var rest = text.drop { $0 == " " || $0 == "\t" }
    if let quote = rest.first, quote == "'" || quote == "\"" {
      rest = rest.dropFirst()
      while let character = rest.popFirst(), character != quote {
        if character == "\\", quote == "\"" { _ = rest.popFirst() }
      }
    } else {
      var previous: Character = "x"
      rest = rest.drop { character in
        defer { previous = character }
        return !(character == "#" && (previous == " " || previous == "\t"))
      }
    }
    let comment = rest.drop { $0 == " " || $0 == "\t" }
    return comment.hasPrefix("#") ? "  " + comment : ""
  }
}
