import Foundation
import RiskModel
import Testing

@testable import Settings

/// ops/REASONS.md and the page of every rule say what the code says. With RISKD_WRITE_PAGES=1 the test
/// writes them.
struct CatalogueTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let rules = RuleID.allCases.filter { $0 != .failClosed }

  private func check(_ text: String, _ name: String) throws {
    let file = Self.root.appending(path: name)
    if ProcessInfo.processInfo.environment["RISKD_WRITE_PAGES"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let kept = try? String(contentsOf: file, encoding: .utf8)
    #expect(kept == text, "\(name) is not what the code says; RISKD_WRITE_PAGES=1 writes it")
  }

  @Test func everyReasonHasItsNumberAndItsLine() throws {
    let numbers = ReasonCatalogue.samples.map { ReasonCatalogue.entry(of: $0).number }
    #expect(numbers == Array(1...numbers.count))
    #expect(Set(ReasonCatalogue.samples.map(\.code)).count == numbers.count)
    for sample in ReasonCatalogue.samples {
      #expect(sample.sentence.hasSuffix(".") || sample.code == "LOCKED_BEFORE")
    }
    let given = Set(ReasonCatalogue.samples.flatMap { ReasonCatalogue.entry(of: $0).rules })
    #expect(given == Set(RuleID.allCases))
    try check(ReasonCatalogue.text, "ops/REASONS.md")
  }

  @Test(arguments: rules)
  func everyRuleHasItsPage(rule: RuleID) throws {
    let page = try RulePage(rule, repository: Self.root)
    #expect(try page.summary().isEmpty == false, "\(rule) says nothing of itself")
    #expect(page.keys.first?.name == "enabled")
    try check(try page.text(), "ops/rules/\(rule.rawValue).md")
  }
}
