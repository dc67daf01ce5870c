import Checklist
import Foundation
import Testing

/// ops/CHECKLIST.md is in step with the specification, with the checks and with what it names.
@Suite struct DocumentTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A line of a table.
  private struct Row {
    var line: String
    var asks: String
    var shownBy: String
    var checks: [String]
  }

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }

  private func rows() throws -> [Row] {
    try Self.text("ops/CHECKLIST.md").components(separatedBy: "\n")
      .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| line |") }
      .map { line in
        // A bar within a cell is written \|.
        let cells = line.dropFirst().dropLast().replacing("\\|", with: "\u{1}")
          .components(separatedBy: "|")
          .map { $0.trimmingCharacters(in: .whitespaces).replacing("\u{1}", with: "|") }
        try #require(cells.count == 4, "\(line)")
        return Row(
          line: cells[0], asks: cells[1], shownBy: cells[2],
          checks: cells[3].matches(of: /`([a-z0-9.]+)`/).map { String($0.output.1) })
      }
  }

  @Test func `every line of the specification is there, once and in its place`() throws {
    let lines = try rows().map(\.line).filter { $0.first?.isNumber == true }
    #expect(lines == SpecificationLines.numbers)
    #expect(Set(lines).count == lines.count)
  }

  @Test func `a line names what the specification names in it`() throws {
    let rows = try rows()
    #expect(SpecificationLines.names.count == 80)
    for (line, names) in SpecificationLines.names {
      let row = try #require(rows.first { $0.line == line }, "\(line)")
      for name in names { #expect(row.asks.contains(name), "\(line) says nothing of \(name)") }
    }
  }

  @Test func `what a line names of the configuration is there`() throws {
    let main = try Self.text("config/config.yaml")
    let rules = try Self.text("config/risk_config.yaml")
    let environment = try Self.text("config/env.example")
    let monitoring = try Self.text("config/monitoring.yaml")
    for (line, names) in SpecificationLines.names {
      for name in names {
        let file =
          switch line.prefix(3) {
          case "2.1": main
          case "2.2": rules
          case "2.3": environment
          default: monitoring
          }
        let key = line.hasPrefix("2.") ? name.components(separatedBy: ".").last ?? name : name
        guard line != "4.1.1", line != "4.2.1" else { continue }
        #expect(file.contains(key), "\(line): \(key)")
      }
    }
  }

  @Test func `every check is named and every name is a check`() throws {
    let named = Set(try rows().flatMap(\.checks))
    let known = Set(Checklist.checks.map(\.id))
    #expect(named.subtracting(known) == [], "the page names what is no check")
    #expect(known.subtracting(named) == [], "the page leaves checks out")
  }

  @Test func `every line says how it is shown`() throws {
    for row in try rows() {
      #expect(!row.asks.isEmpty && !row.shownBy.isEmpty, "\(row.line)")
    }
  }

  @Test func `the page shows each check by the command that the check names`() throws {
    let rows = try rows()
    for check in Checklist.checks where !check.isByHand {
      let shown = rows.filter { $0.checks.contains(check.id) }.map(\.shownBy)
      #expect(
        shown.contains { $0.contains("`\(check.command)`") },
        "\(check.id): \(check.command), and the page says \(shown)")
    }
  }

  @Test func `the twenty numbers stand in their lines`() throws {
    let rows = try rows()
    for number in 1...20 {
      #expect(rows.contains { $0.line == "6.\(number)" && $0.checks == ["\(number)"] }, "\(number)")
    }
  }

  @Test func `files, scripts and units that it names exist`() throws {
    let text = try Self.text("ops/CHECKLIST.md")
    let paths = text.matches(of: /\b(scripts|ops|units|Tests|config)\/[A-Za-z0-9_.\/-]*[A-Za-z0-9]/)
      .map { String($0.output.0) }
    let units = text.matches(of: /\briskd-[a-z]+\.(timer|service|socket|path)\b/)
      .map { "units/\($0.output.0)" }
    #expect(Set(paths).count > 60 && !units.isEmpty)
    for file in paths + units {
      let path = Self.root.appending(path: file).path()
      #expect(FileManager.default.fileExists(atPath: path), "\(file) is not there")
    }
  }

  @Test func `subcommands and options of riskctl that it names exist`() throws {
    let tree = try CommandTree()
    let text = try Self.text("ops/CHECKLIST.md")
    // Within a line of code, or at the beginning of a line of a block.
    let commands = text.matches(of: /(?:`|; |\n)(riskctl [^`;#\n]+)/).map { String($0.output.1) }
      .filter { !$0.contains("PHASE") }
    #expect(Set(commands).count > 30)
    let unknown = Set(commands).filter { !tree.takes($0) }
    #expect(unknown == [], "the page names what riskctl does not know")
    let wrong = ["riskctl nothing", "riskctl db verify more", "riskctl checklist day --nothing"]
      .filter { tree.takes($0) }
    #expect(wrong == [])
  }
}
