/// Values as a YAML file has them.
package enum YAMLText {
  /// What somebody typed, written in the way of the value that it replaces: in the same quotes, or
  /// plain where YAML takes it as it is. Brackets and braces are taken for a list or a block.
  package static func value(_ typed: String, like old: String?) -> String {
    if old?.hasPrefix("\"") == true { return quoted(bare(typed)) }
    if old?.hasPrefix("'") == true {
      return "'" + bare(typed).map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }
    if typed.hasPrefix("["), typed.hasSuffix("]") { return typed }
    if typed.hasPrefix("{"), typed.hasSuffix("}") { return typed }
    return plain(bare(typed))
  }

  /// Without quotes where YAML reads it as the same text, else with them.
  static func plain(_ text: String) -> String {
    let isPlain =
      text.first.map { $0 != "-" || text.count > 1 } == true
      && text.allSatisfy { character in
        character.isASCII
          && (character.isLetter || character.isNumber || "_-.+/".contains(character))
      }
    return isPlain ? text : quoted(text)
  }

  package static func quoted(_ text: String) -> String {
    "\"" + text.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "\""
  }

  /// Without the quotes around it.
  package static func bare(_ text: String) -> String {
    guard text.count >= 2, let quote = text.first, quote == text.last else { return text }
    let inner = text.dropFirst().dropLast()
    if quote == "'" { return String(inner.replacing("''", with: "'")) }
    guard quote == "\"" else { return text }
    var result = ""
    var rest = inner
    while let character = rest.popFirst() {
      if character == "\\", let next = rest.popFirst() {
        result.append(next)
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// The elements of a list in brackets, or of words with commas between them; `nil` for one that is
  /// more than a list of texts.
  static func elements(_ text: String) -> [String]? {
    let inner =
      text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    guard !inner.contains(where: { "[]{}:#".contains($0) }) else { return nil }
    let parts = inner.split(separator: ",", omittingEmptySubsequences: false).map {
      bare($0.trimmed)
    }
    if parts == [""] { return [] }
    return parts.contains("") ? nil : parts
  }
}

extension String {
  /// Whether it is one line that shows all that is in it.
  var isPrintableLine: Bool {
    unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
        .surrogate:
        false
      default: true
      }
    }
  }
}
