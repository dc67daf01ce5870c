import Foundation
import Testing

@Suite struct HouseTests {
  @Test func `every rule has a test file of its own`() {
    let rules = SourceTree.files(below: "Sources/RiskRules/Rules", ".swift").map(\.name)
    let tests = SourceTree.files(below: "Tests/RiskRulesTests/Rules", ".swift").map(\.name)
    #expect(!rules.isEmpty)
    #expect(Set(tests) == Set(rules.map { $0.replacing(".swift", with: "Tests.swift") }))
  }

  @Test func `every target has tests`() {
    let targets = SourceTree.entries(of: "Sources")
    let executables = Set([
      "riskd", "riskctl", "risktop", "risksim", "riskbench", "riskfuzz",
    ])
    // Thin, or a test's own tool.
    let exempt = executables.union([
      "CPlatform", "CSystemd", "COpenSSL", "CCrypt", "CFuzzer", "RiskTestKit",
    ])
    for target in targets where !exempt.contains(target) {
      #expect(
        !SourceTree.files(below: "Tests/\(target)Tests", ".swift").isEmpty,
        "\(target) has no tests")
    }
  }

  @Test func `the top level holds what the design card names`() {
    let allowed = Set([
      "Package.swift", "Sources", "Tests", "units", "config", "scripts", "ops", "README.md",
      "ARCHITECTURE.md", "LICENSE", "CHANGELOG.md",
    ])
    let entries = SourceTree.entries(of: ".").filter {
      !$0.hasPrefix(".") && $0 != "Package.resolved"
    }
    #expect(Set(entries).subtracting(allowed).isEmpty, "\(entries)")
  }

  @Test func `files stay readable`() {
    for file in SourceTree.files(below: "Sources", ".swift")
      + SourceTree.files(below: "Tests", ".swift")
    {
      #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test func `nothing is left for later in the code`() {
    let words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"]
    for file in SourceTree.files(below: "Sources", ".swift", ".c", ".h")
      + SourceTree.files(below: "Tests", ".swift")
    {
      for word in words {
        #expect(!file.text.contains(word), "\(file.path) says \(word)")
      }
    }
  }

  @Test func `processes are spawned in one place`() {
    for file in SourceTree.files(below: "Sources", ".swift") {
      for word in ["Foundation.Process", "Process()", "waitpid("] {
        #expect(!file.code.contains { $0.contains(word) }, "\(file.path) uses \(word)")
      }
    }
  }

  @Test func `SQL is never built from text`() {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA ", "CREATE "]
    for file in SourceTree.files(below: "Sources", ".swift") {
      for (number, line) in file.lines.enumerated()
      where line.contains("\\(") && verbs.contains(where: { line.contains("\"" + $0) }) {
        Issue.record("\(file.path):\(number + 1) builds SQL: \(line)")
      }
    }
  }

  @Test func `every kind of journal record is documented by its number`() {
    let page = SourceTree.file("ops/INTERFACES.md")
    let source = SourceTree.file("Sources/RiskModel/MessageID.swift")
    let numbers = source.matches(of: /case (\w+) = "([0-9a-f]{32})"/)
    #expect(!numbers.isEmpty)
    for number in numbers {
      #expect(page.contains("| `\(number.2)` | \(number.1) |"))
    }
  }

  @Test func `Yams, GRDB, NIO and OpenSSL each stay in their rooms`() {
    let rooms: [String: Set<String>] = [
      "Yams": ["Settings"], "GRDB": ["Store", "MetricsStore"],
      "COpenSSL": ["AuditLog", "TokenStore"],
      "CPlatform": ["ProcessControl", "SupervisorRole", "TraderTerminal", "AdminPassword"],
      "CSystemd": ["SupervisorRole", "Workers"],
      "CCrypt": ["AdminPassword"],
      "NIOSSL": ["HubClient", "VenueREST", "SimulatedVenue", "Benchmarks"],
      "NIOWebSocket": ["HubClient", "SimulatedVenue"], "Histogram": ["Benchmarks"],
    ]
    for file in SourceTree.files(below: "Sources", ".swift") {
      for (module, allowed) in rooms
      where file.code.contains(where: { $0.hasSuffix("import \(module)") }) {
        let target = String(file.path.split(separator: "/")[1])
        #expect(allowed.contains(target), "\(file.path) imports \(module)")
      }
    }
  }

  @Test func `documents and scripts name files that exist`() throws {
    let documents =
      ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ".ci/run"]
      + SourceTree.entries(of: "scripts").map { "scripts/\($0)" }
    let pattern = try Regex(
      #"\b(scripts|config|ops|units|Sources|Tests)/[A-Za-z0-9_./@-]*[A-Za-z0-9_]"#)
    for document in documents {
      let text = SourceTree.file(document)
      #expect(!text.isEmpty, "\(document) is missing")
      for match in text.matches(of: pattern) {
        let path = String(text[match.range])
        let before = text[..<match.range.lowerBound].last
        // `DIR/config/…` and the like are places of an installation.
        guard before != "/" else { continue }
        let isThere = FileManager.default.fileExists(
          atPath: SourceTree.root.appending(path: path).path())
        #expect(isThere, "\(document) names \(path)")
      }
    }
  }

  @Test func `scripts are short, strict and executable`() {
    for name in SourceTree.entries(of: "scripts") where !name.hasSuffix(".py") {
      let text = SourceTree.file("scripts/\(name)")
      #expect(text.hasPrefix("#!/usr/bin/env bash"), "scripts/\(name)")
      #expect(text.contains("set -euo pipefail"), "scripts/\(name)")
      #expect(text.split(separator: "\n").count <= 90, "scripts/\(name) is long")
      let path = SourceTree.root.appending(path: "scripts/\(name)").path()
      #expect(FileManager.default.isExecutableFile(atPath: path), "scripts/\(name)")
    }
  }

  @Test func `secrets and databases stay out of the repository`() {
    let ignored = SourceTree.file(".gitignore")
    for line in [".env", "*.enc", "*.db", ".build/", "Package.resolved"] {
      #expect(ignored.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
  }
}
