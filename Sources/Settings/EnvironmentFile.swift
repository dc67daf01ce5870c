// The format of .env:
//
//   line     = blank | comment | name "=" value
//   comment  = "#" anything
//   name     = letter or "_", then letters, digits, "_"
//   value    = "'" anything but "'" "'"
//            | '"' text in which \" and \\ stand for " and \ '"'
//            | text up to " #" or the end of the line, without blanks around it
//
// After a closing quote only blanks and a comment may follow. Nothing is expanded: "$" is a dollar
// sign, as in a bcrypt hash. No value ever appears in a message.

/// Reads .env.
enum EnvironmentFile {
  struct Assignment: Equatable {
    var name: String
    var value: String
    var line: Int
  }

  static func parse(_ text: String, file: String, findings: Findings) -> [Assignment] {
    var assignments: [String: Assignment] = [:]
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      var place = Place(file: file, line: index + 1, key: "")
      let trimmed = trim(line)
      if trimmed.isEmpty || trimmed.first == "#" { continue }
      guard let equals = trimmed.firstIndex(of: "="), isName(trimmed[..<equals]) else {
        findings.problem(
          place, "is not an assignment", "write NAME=value, without export or blanks")
        continue
      }
      place.key = String(trimmed[..<equals])
      guard let value = value(trimmed[equals...].dropFirst(), place, findings) else { continue }
      guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
        findings.problem(place, "holds a control character", "write printable text")
        continue
      }
      let assignment = Assignment(name: place.key, value: value, line: index + 1)
      if let first = assignments.updateValue(assignment, forKey: place.key) {
        findings.problem(place, "is there already in line \(first.line)", "keep one of the two")
      }
    }
    return assignments.values.sorted { $0.line < $1.line }
  }

  private static func value(_ text: Substring, _ place: Place, _ findings: Findings) -> String? {
    guard let quote = text.first, quote == "'" || quote == "\"" else {
      return String(trim(beforeComment(text)))
    }
    var value = ""
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      if character == quote {
        guard trim(beforeComment(" " + rest)).isEmpty else {
          findings.problem(place, "goes on after the closing quote", "end the line there")
          return nil
        }
        return value
      }
      if character == "\\", quote == "\"", let next = rest.first, next == "\"" || next == "\\" {
        rest.removeFirst()
        value.append(next)
      } else {
        value.append(character)
      }
    }
    findings.problem(place, "has no closing quote", "close it with \(quote)")
    return nil
  }

  /// A `#` begins a comment where a blank stands before it.
  private static func beforeComment(_ text: some StringProtocol) -> Substring {
    var previous: Character = "x"
    var end = text.startIndex
    for character in text {
      if character == "#", previous == " " || previous == "\t" { break }
      previous = character
      end = text.index(after: end)
    }
    return Substring(text[..<end])
  }

  private static func trim(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    var trimmed = text.drop(while: isBlank)
    while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
    return trimmed
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
      default: false
      }
    }
  }
}
