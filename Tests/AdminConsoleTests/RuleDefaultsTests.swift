import Foundation
import RiskModel
import Settings
import Testing

@testable import AdminConsole

/// A reset brings back what is shipped.
@Suite struct RuleDefaultsTests {
  private static let shipped: String = {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "config/risk_config.yaml")
    return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
  }()

  /// What the text says of a rule, as the console's book has it.
  private func entry(_ rule: RuleID, in text: String) throws -> RuleEntry {
    let leaves = try #require(YAMLLeaves.of(text))
    return RuleBook(
      leaves.sorted { $0.key < $1.key }.map {
        RuleField(key: $0.key, value: $0.value, isSet: true)
      })[rule]
  }

  @Test(arguments: RuleBook.rules)
  func `the table is the shipped file`(rule: RuleID) throws {
    let entry = try entry(rule, in: Self.shipped)
    let table = RuleDefaults.values(of: rule)
    #expect(Set(entry.fields.map(\.key)) == Set(table.map(\.key)))
    for (key, value) in table { #expect(entry.value(key) == value, "\(key)") }
  }

  @Test(arguments: RuleBook.rules)
  func `a reset of the shipped file changes no byte`(rule: RuleID) throws {
    var edit = try YAMLEdit(Self.shipped)
    try RuleDefaults.reset(entry(rule, in: Self.shipped), in: &edit)
    #expect(edit.text == Self.shipped)
  }

  @Test func `what was changed, added and left out comes back`() throws {
    var text = Self.shipped
    for (old, new) in [
      ("    loss_limit: 500.00  ", "    loss_limit: -75.5   "),
      (
        "    lockout_until: \"daily_reset\"       # or permanent: until an administrator ends it\n",
        ""
      ),
      ("      MNQ: 2  ", "      RTY: 1\n      MNQ: 9  "),
      (
        "    count_by: \"execution\" ",
        "    limits:\n      per_minute: 3\n    count_by: \"order\"     "
      ),
      ("      - \"RTY\"  ", "      - \"CL\"   "),
      (
        "    aggregate_by_order: false ",
        "    loss_thresholds:\n      - {loss_amount: 9.00, cooldown_duration: 9}\n    aggregate_by_order: false "
      ),
    ] {
      try #require(text.contains(old))
      text = text.replacing(old, with: new)
    }
    var edit = try YAMLEdit(text)
    for rule in RuleBook.rules { try RuleDefaults.reset(entry(rule, in: edit.text), in: &edit) }
    #expect(YAMLLeaves.of(edit.text) == YAMLLeaves.of(Self.shipped))
    #expect(edit.text.contains("# adjust per account"))
  }

  @Test func `a rule that is not shipped goes`() throws {
    var edit = try YAMLEdit(
      Self.shipped + "  daily_realized_profit:\n    enabled: true\n    target: 5.00\n")
    try RuleDefaults.reset(entry(.dailyRealizedProfit, in: edit.text), in: &edit)
    #expect(edit.text == Self.shipped)
  }
}
