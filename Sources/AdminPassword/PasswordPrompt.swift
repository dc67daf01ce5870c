import CPlatform
import Glibc

/// Asks for a password so that nobody sees it. Whatever ends the program meanwhile, Ctrl+C too, leaves
/// a terminal that shows what is typed.
package enum PasswordPrompt {
  private static let limit = 1_024

  /// Asks on the terminal of the process, whatever its standard streams are.
  package static func ask(_ question: String) throws(PasswordError) -> [UInt8] {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { throw .noTerminal }
    defer { close(terminal) }
    guard platform_terminal_hide(terminal) == 0 else { throw .noTerminal }
    defer { platform_terminal_show() }
    say(question, on: terminal)
    let answer = line(from: terminal)
    say("\n", on: terminal)
    return answer
  }

  /// Asks twice.
  package static func askTwice() throws(PasswordError) -> [UInt8] {
    let first = try ask(
      "New password (\(PasswordHash.lengths.lowerBound) to "
        + "\(PasswordHash.lengths.upperBound) bytes): ")
    try PasswordHash.check(first)
    guard try ask("The same again: ") == first else { throw .differs }
    return first
  }

  /// The first line of a descriptor, without its end.
  package static func line(from descriptor: Int32) -> [UInt8] {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < limit {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != UInt8(ascii: "\n") else { break }
      line.append(byte)
    }
    return line
  }

  /// Asks on a terminal that is open already; `nil` at the end of input.
  ///
  /// What is no terminal is read without hiding anything.
  package static func hiddenLine(_ question: String, from input: Int32, to output: Int32)
    -> [UInt8]?
  {
    // Before the question is there: who is quick would be seen, and hiding drops what was typed.
    let isHidden = platform_terminal_hide(input) == 0
    say(question, on: output)
    defer {
      platform_terminal_show()
      if isHidden { say("\n", on: output) }
    }
    return lineOrEnd(from: input)
  }

  /// The next line of a descriptor without its end; `nil` when there is none.
  package static func lineOrEnd(from descriptor: Int32) -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return line.isEmpty ? nil : line }
      if byte == UInt8(ascii: "\n") { return line }
      if line.count < limit { line.append(byte) }
    }
  }

  private static func say(_ text: String, on descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }
}
