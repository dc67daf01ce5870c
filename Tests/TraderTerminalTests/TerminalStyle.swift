/// What a terminal shows text in, as the codes of ECMA-48 change it.
struct TerminalStyle {
  private static let colours = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  ]

  private var isBold = false
  private var isFaint = false
  private var colour: String?

  private var name: String {
    [isBold ? "bold" : nil, isFaint ? "faint" : nil, colour].compactMap(\.self)
      .joined(separator: " ")
  }

  /// A line with words in the place of its codes, which a program may write in more than one way.
  mutating func marked(_ line: Substring) -> String {
    var result = ""
    // Each line tells its own.
    var shown = ""
    var rest = line
    while let character = rest.first {
      if let code = rest.prefixMatch(of: /\u{1B}\[([0-9;]*)m/) {
        take(code.output.1)
        rest = rest[code.range.upperBound...]
        continue
      }
      if name != shown, character != " " {
        shown = name
        result += "<\(shown)>"
      }
      result.append(character)
      rest.removeFirst()
    }
    return shown.isEmpty ? result : result + "<>"
  }

  private mutating func take(_ codes: Substring) {
    for code in codes.split(separator: ";", omittingEmptySubsequences: false) {
      switch Int(code) ?? 0 {
      case 0: self = TerminalStyle()
      case 1: isBold = true
      case 2: isFaint = true
      case 22: (isBold, isFaint) = (false, false)
      case let number where (30...37).contains(number): colour = Self.colours[number - 30]
      case 39: colour = nil
      // The ground is always the terminal's own.
      case 49: break
      case let number: colour = "code \(number)"
      }
    }
  }
}
