import CPlatform
import Glibc
package import TraderScreen

/// The terminal that a screen is drawn on.
package struct Terminal: Sendable {
  package let input: Int32
  package let output: Int32
  package let appearance: Appearance
  /// Whether lines can be drawn where they belong. A terminal that cannot gets one screen below the
  /// other.
  package let hasCursor: Bool

  /// What the environment says about the terminal: `TERM`, `NO_COLOR` (no-color.org), `COLORTERM` is
  /// not needed; blocks need a UTF-8 locale.
  package init(input: Int32, output: Int32, environment: [String: String]) {
    self.input = input
    self.output = output
    let isTerminal = isatty(output) == 1
    let name = environment["TERM"] ?? "dumb"
    let isDumb = name == "dumb"
    let noColour = !(environment["NO_COLOR"] ?? "").isEmpty
    hasCursor = isTerminal && !isDumb
    appearance = Appearance(
      isColoured: isTerminal && !isDumb && !noColour && !Terminal.isMonochrome(name),
      hasBlocks: !isDumb && Terminal.speaksUTF8(environment))
  }

  package var isInteractive: Bool { isatty(input) == 1 && isatty(output) == 1 }

  /// Columns and rows, or what is usual where the terminal does not say.
  package var size: (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    let result = platform_terminal_size(output, &columns, &rows)
    return result == 0 && columns > 0 && rows > 0 ? (Int(columns), Int(rows)) : (80, 24)
  }

  /// Takes the terminal: keys come at once, the screen that was there is kept aside.
  ///
  /// - Returns: What is wrong, in the system's words; `nil` when nothing is.
  package func take() -> String? {
    let result = platform_terminal_begin(input, hasCursor ? output : -1)
    guard result == 0 else { return String(cString: strerror(-result)) }
    if hasCursor { write("\u{1B}[?1049h\u{1B}[?25l") }
    return nil
  }

  /// Puts everything back. May be called twice.
  package func giveBack() { platform_terminal_end() }

  /// Writes all of it; a terminal that is gone takes nothing.
  package func write(_ text: String) {
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count > 0 {
        left = left.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        var entry = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 1_000) > 0, entry.revents & Int16(POLLOUT) != 0 else { return }
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }

  /// The video terminals of old, and what calls itself so: vt100, vt102, vt220 and the others.
  private static func isMonochrome(_ name: String) -> Bool {
    name.hasPrefix("vt") && name.dropFirst(2).first?.isNumber == true
  }

  private static func speaksUTF8(_ environment: [String: String]) -> Bool {
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let name = locale.uppercased()
    return name.hasSuffix("UTF-8") || name.hasSuffix("UTF8")
  }
}
