import Foundation
import Testing

/// Every case of the conformance list names tests, and they are there.
@Suite struct ConformanceTests {
  private struct Row {
    var number: Int
    var tests: [(file: String, name: String)]
  }

  private var rows: [Row] {
    SourceTree.file("Tests/Conformance.md").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, let number = Int(cells[0]) else { return nil }
      let tests = cells[2].components(separatedBy: " <br> ").map { text in
        let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
        return (file: parts[0], name: parts.count == 2 ? parts[1] : "")
      }
      return Row(number: number, tests: tests)
    }
  }

  @Test func `every case is listed once`() {
    #expect(rows.map(\.number) == Array(1...62) + [64] + Array(66...70))
  }

  @Test func `every test that is named is there`() {
    var texts: [String: String] = [:]
    for row in rows {
      #expect(!row.tests.isEmpty)
      for test in row.tests {
        let text = texts[test.file] ?? SourceTree.file("Tests/\(test.file).swift")
        texts[test.file] = text
        #expect(
          text.contains("func `\(test.name)`(") || text.contains("func \(test.name)("),
          "case \(row.number): \(test.file) has no \(test.name)")
      }
    }
  }
}
