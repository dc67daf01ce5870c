import Foundation
import Testing

/// What decides must not reach for the world: the pure targets import values only.
@Suite struct PureTargetTests {
  static let allowedImports: [String: Set<String>] = [
    "RiskModel": [],
    "RiskRules": ["RiskModel"],
    "AlertRules": ["RiskModel"],
    "Checklist": ["RiskModel", "Supervision"],
    "Enforcement": ["RiskModel"],
    "Supervision": ["RiskModel"],
    "HubProtocol": ["RiskModel"],
    "VenueAPI": ["RiskModel", "FoundationEssentials"],
    "PeerProtocol": ["RiskModel", "FoundationEssentials"],
    "TraderFeed": ["RiskModel", "FoundationEssentials"],
    "TraderScreen": ["RiskModel", "TraderFeed"],
    "AdminConsole": ["RiskModel"],
  ]

  static let bannedWords = [
    "Double", "Float", "Task", "async", "await", "print(", "Dispatch", "Thread", "Date", "try!",
    "nonisolated(unsafe)",
  ]

  @Test(arguments: allowedImports.keys.sorted())
  func `imports nothing but values`(target: String) {
    let files = SourceTree.files(below: "Sources/\(target)", ".swift")
    #expect(!files.isEmpty)
    for file in files {
      for line in file.code where line.contains("import ") {
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
          words[..<place].allSatisfy({ $0 == "package" || $0 == "internal" })
        else { continue }
        let isAllowed = Self.allowedImports[target]?.contains(words[place + 1]) ?? false
        #expect(isAllowed, "\(file.path) imports \(words[place + 1])")
      }
    }
  }

  @Test(arguments: allowedImports.keys.sorted())
  func `uses no clock, task or binary floating point`(target: String) {
    for file in SourceTree.files(below: "Sources/\(target)", ".swift") {
      for (number, line) in file.lines.enumerated() {
        let code = withoutTextAndComments(line)
        for word in Self.bannedWords where contains(code, word) {
          Issue.record("\(file.path):\(number + 1) uses \(word)")
        }
      }
    }
  }

  private func withoutTextAndComments(_ line: Substring) -> String {
    var result = ""
    var isText = false
    var previous: Character = " "
    for character in line {
      if character == "\"", previous != "\\" { isText.toggle() }
      if !isText, character == "/", previous == "/" { return result }
      if !isText { result.append(character) }
      previous = character
    }
    return result
  }

  private func contains(_ code: String, _ word: String) -> Bool {
    guard let range = code.range(of: word) else { return false }
    func isPart(_ character: Character?) -> Bool {
      character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
    let before =
      range.lowerBound == code.startIndex ? nil : code[code.index(before: range.lowerBound)]
    let after = range.upperBound == code.endIndex ? nil : code[range.upperBound]
    return !isPart(before) && before != "." && (word.hasSuffix("(") || !isPart(after))
  }
}
