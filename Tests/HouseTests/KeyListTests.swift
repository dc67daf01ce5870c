import Testing

/// Tests/keys.tsv: each key of ops/CONFIGURATION.md with an effect names tests that show it.
@Suite struct KeyListTests {
  private struct Row: Hashable {
    var key: String
    var words: [String]
    var test: String
  }

  private let rows: [Row] = SourceTree.file("Tests/keys.tsv").split(separator: "\n")
    .filter { !$0.hasPrefix("#") }
    .map { line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count == 4, columns.allSatisfy({ !$0.isEmpty }) else {
        return Row(key: "\(line)", words: [], test: "")
      }
      return Row(
        key: "\(columns[0]) \(columns[1])",
        words: columns[2].split(separator: " > ").map(String.init),
        test: columns[3])
    }

  /// The effect of each key, by its file and path.
  private let effects: [String: String] = {
    var effects: [String: String] = [:]
    var file = ""
    for line in SourceTree.file("ops/CONFIGURATION.md").split(separator: "\n") {
      if line.hasPrefix("## ") {
        file = line.hasPrefix("## config/") ? String(line.dropFirst("## config/".count)) : ""
      }
      guard !file.isEmpty else { continue }
      if let row = line.wholeMatch(of: /\| `([^`]+)` \| .* \| ([^|]+) \|/) {
        effects["\(file) \(row.output.1)"] = String(row.output.2)
      }
    }
    return effects
  }()

  @Test func `every key with an effect has its tests, and no other key has any`() {
    let wanted = Set(effects.filter { !$0.value.hasPrefix("none") }.keys)
    #expect(wanted.count > 250)
    #expect(Set(rows.map(\.key)) == wanted)
    #expect(Set(rows).count == rows.count, "a line stands there twice")
    #expect(
      effects.values.allSatisfy { ["yes", "one value"].contains($0) || $0.hasPrefix("none") })
  }

  /// That a key is read is no effect. What refuses all values but one says with them what riskd does.
  @Test func `what shows an effect is a test of what goes by the key`() {
    let settings = Set(
      SourceTree.files(below: "Tests/SettingsTests", ".swift").compactMap { suite(in: $0.text) })
    for row in rows where effects[row.key] == "yes" {
      #expect(!settings.contains(String(row.test.prefix { $0 != "/" })), "\(row.key)")
    }
    // What is written has to arrive, and something has to go by what arrived.
    let reached = Dictionary(grouping: rows) { $0.key }.filter { effects[$0.key] == "yes" }
    for (key, tests) in reached {
      #expect(tests.contains { !$0.test.hasPrefix("KeyReachTests/") }, "\(key) only arrives")
    }
  }

  @Test func `every test is there and speaks of the key or of what it is called on its way`() {
    let tests = SourceTree.files(below: "Tests", ".swift")
    let sections = SourceTree.files(below: "Tests/SystemTests", ".sh")
    for row in rows {
      guard let word = row.words.last else {
        Issue.record("a line has four columns: \(row.key)")
        continue
      }
      let texts: [String]
      if row.test.hasPrefix("system:") {
        let section = row.test.dropFirst("system:".count)
        texts = sections.filter { $0.path.hasSuffix("-\(section).sh") }.map(\.text)
          .filter { $0.contains(/\n *check/) }
      } else {
        let parts = row.test.split(separator: "/", maxSplits: 1).map(String.init)
        texts = tests.map(\.text).filter { text in
          text.contains("struct \(parts[0]) {") && isTest(parts.last ?? "", in: text)
        }
      }
      #expect(!texts.isEmpty, "\(row.key): there is no \(row.test)")
      #expect(texts.contains { has(word, $0) }, "\(row.key): \(row.test) has no \(word)")
    }
  }

  /// From the key's own name to what the test calls it, each step within one file of the sources.
  @Test func `a key is followed by name to where it has its effect`() {
    let sources = SourceTree.files(below: "Sources", ".swift").map(\.text)
    var checked: Set<[String]> = []
    for row in rows where effects[row.key] == "yes" {
      let name = row.key.replacing("[]", with: "").split { $0 == "." || $0 == " " }.last ?? ""
      #expect(row.words.first == String(name), "\(row.key) begins with \(row.words)")
      for (one, next) in zip(row.words, row.words.dropFirst())
      where checked.insert([one, next]).inserted {
        #expect(
          sources.contains { has(one, $0) && has(next, $0) }, "\(row.key): \(one) > \(next)")
      }
    }
  }

  private func suite(in text: String) -> String? {
    text.firstMatch(of: /struct ([A-Za-z]+Tests) \{/).map { String($0.output.1) }
  }

  private func isTest(_ title: String, in text: String) -> Bool {
    guard text.contains("@Test") else { return false }
    return text.contains("func `\(title)`") || text.contains("func \(title)(")
  }

  /// Whether a word stands in a text as a whole.
  private func has(_ word: String, _ text: String) -> Bool {
    var rest = text[...]
    while let found = rest.firstRange(of: word) {
      let before =
        found.lowerBound > text.startIndex
        ? text[text.index(before: found.lowerBound)] : " "
      let after = found.upperBound < text.endIndex ? text[found.upperBound] : " "
      if !isPart(before), !isPart(after) { return true }
      rest = text[found.upperBound...]
    }
    return false
  }

  private func isPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
