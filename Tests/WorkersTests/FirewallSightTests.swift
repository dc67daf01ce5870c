import Checklist
import Foundation
import Testing

@testable import Workers

/// What is said of the rules of a firewall, as nft lists them.
@Suite struct FirewallSightTests {
  private static let example = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "units/riskd.nft.example")

  /// The example of the repository, with its samples put in or as it is.
  private func ruleset(filled: Bool) throws -> String {
    let text = try String(contentsOf: Self.example, encoding: .utf8)
    return text.components(separatedBy: "\n").map { line in
      filled ? line.replacing("# elements", with: "elements") : line
    }.filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("#") }.joined(separator: "\n")
  }

  private func problem(_ ruleset: String) -> String? {
    FirewallSight.judge(ruleset, user: "riskd", number: 998).problem
  }

  @Test func `the example is good once it has addresses`() throws {
    #expect(try problem(ruleset(filled: true)) == nil)
    #expect(
      try problem(ruleset(filled: true).replacing("\"riskd\"", with: "998")) == nil, "by number")
    #expect(
      try problem(ruleset(filled: false)) == "the rules for user riskd name no address at port 443")
  }

  @Test(arguments: [
    ("counter reject with icmpx admin-prohibited", "", "end without a refusal"),
    ("meta skuid != \"riskd\" accept", "meta skuid != \"tom\" accept", "no rule limits"),
    ("hook output", "hook input", "no rule limits"),
    ("oifname \"lo\" accept", "tcp dport 443 accept", "let it go anywhere: tcp dport 443 accept"),
  ])
  func `a change of it is seen`(old: String, new: String, problem: String) throws {
    let whole = try ruleset(filled: true)
    let changed = whole.replacing(old, with: new)
    #expect(changed != whole)
    #expect(self.problem(changed)?.contains(problem) == true, "\(self.problem(changed) ?? "none")")
  }

  @Test func `without rules there is nothing that limits`() {
    #expect(problem("") == "no rule limits where user riskd may go")
  }
}
