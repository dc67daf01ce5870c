/// What a piece of text is about; how it looks is the terminal's business.
package enum ScreenStyle: Sendable {
  case plain
  case strong
  case faint
  case good
  case warning
  case bad
}

/// A line of the screen in pieces.
package struct ScreenLine: Equatable, Sendable {
  package struct Piece: Equatable, Sendable {
    package var text: String
    package var style: ScreenStyle
  }

  package private(set) var pieces: [Piece] = []

  package init() {}

  package init(_ text: String, _ style: ScreenStyle = .plain) {
    add(text, style)
  }

  /// Text from outside loses whatever a terminal could take for a command or for a wide character.
  package mutating func add(_ text: String, _ style: ScreenStyle = .plain) {
    let safe = ScreenLine.safe(text)
    guard !safe.isEmpty else { return }
    pieces.append(Piece(text: safe, style: style))
  }

  package func adding(_ text: String, _ style: ScreenStyle = .plain) -> ScreenLine {
    var line = self
    line.add(text, style)
    return line
  }

  package mutating func add(_ line: ScreenLine) { pieces += line.pieces }

  /// Fills with blanks up to a column.
  package mutating func pad(to column: Int) {
    if width < column { add(String(repeating: " ", count: column - width)) }
  }

  package var width: Int { pieces.reduce(0) { $0 + $1.text.unicodeScalars.count } }
  package var text: String { pieces.map(\.text).joined() }

  /// At most so many columns; what was cut ends in a tilde.
  package func clipped(to limit: Int) -> ScreenLine {
    guard width > limit else { return self }
    guard limit > 0 else { return ScreenLine() }
    var line = ScreenLine()
    var left = limit - 1
    for piece in pieces where left > 0 {
      let scalars = piece.text.unicodeScalars.prefix(left)
      left -= scalars.count
      line.pieces.append(Piece(text: String(String.UnicodeScalarView(scalars)), style: piece.style))
    }
    return line.adding("~", line.pieces.last?.style ?? .plain)
  }

  private static func safe(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isSafe(scalar) ? scalar : "?") }
    return String(scalars)
  }

  private static func isSafe(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    // Printable ASCII, Latin letters, dashes and quotes, lines and blocks: one column each.
    case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x24F, 0x2010...0x2027, 0x2500...0x259F: true
    default: false
    }
  }
}

/// What the terminal can show.
package struct Appearance: Equatable, Sendable {
  package var isColoured: Bool
  /// Lines and blocks beyond ASCII.
  package var hasBlocks: Bool

  package init(isColoured: Bool, hasBlocks: Bool) {
    self.isColoured = isColoured
    self.hasBlocks = hasBlocks
  }

  package static let plain = Appearance(isColoured: false, hasBlocks: false)
  package static let full = Appearance(isColoured: true, hasBlocks: true)

  /// A line with the terminal's own codes (ECMA-48), or just its text.
  package func render(_ line: ScreenLine) -> String {
    guard isColoured else { return line.text }
    return line.pieces.map { piece in
      guard let code = code(of: piece.style) else { return piece.text }
      return "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
    }.joined()
  }

  private func code(of style: ScreenStyle) -> String? {
    switch style {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "32"
    case .warning: "33"
    case .bad: "1;31"
    }
  }
}
