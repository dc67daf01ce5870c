/// Why a file is not edited. Nothing is guessed: what cannot be changed exactly is left to a person.
package enum YAMLEditError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The editor does not understand the line well enough to change anything in its file.
  case unreadable(line: Int, problem: String)
  case noSuchKey(String)
  /// There is a block or a list where one value was to be written.
  case notOneValue(path: String, line: Int)
  /// The key stands in braces or brackets, which are edited as a whole.
  case insideBraces(path: String, line: Int)
  case unsafePath(String)
  case unsafeText

  package var description: String {
    switch self {
    case .unreadable(let line, let problem): "line \(line) \(problem); edit the file by hand"
    case .noSuchKey(let path): "there is no \(path)"
    case .notOneValue(let path, let line):
      "\(path) in line \(line) is a block, not one value; name a key within it"
    case .insideBraces(let path, let line):
      "\(path) stands in braces in line \(line); edit the file by hand"
    case .unsafePath(let path): "\(path) is no key"
    case .unsafeText: "the value holds characters that are not printable"
    }
  }
}

/// The way to a value, `rules.max_contracts.limit` or `accounts[1].nickname`.
package struct YAMLPath: Equatable, Hashable, Sendable, CustomStringConvertible {
  package enum Step: Equatable, Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  package var steps: [Step]

  package init(_ steps: [Step]) {
    self.steps = steps
  }

  /// - Throws: `unsafePath` for words that are no plain keys.
  package init(_ text: String) throws(YAMLEditError) {
    var steps: [Step] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      var rest = part
      let name = rest.prefix { $0 != "[" }
      guard !name.isEmpty, name.allSatisfy(YAMLPath.isKeyCharacter) else { throw .unsafePath(text) }
      steps.append(.key(String(name)))
      rest = rest.dropFirst(name.count)
      while rest.first == "[" {
        let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard let index = Int(digits), rest.dropFirst(digits.count + 1).first == "]" else {
          throw .unsafePath(text)
        }
        steps.append(.index(index))
        rest = rest.dropFirst(digits.count + 2)
      }
      guard rest.isEmpty else { throw .unsafePath(text) }
    }
    self.steps = steps
  }

  private static func isKeyCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
  }

  package var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .key(let key): text += text.isEmpty ? key : "." + key
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
