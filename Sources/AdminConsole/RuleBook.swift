package import RiskModel

/// One key of a rule's block and what counts for it.
package struct RuleField: Equatable, Sendable {
  /// Below the rule, `loss_limit` or `allowed_hours.start`.
  package var key: String
  package var value: String
  /// Whether the file says so; otherwise it is the default.
  package var isSet: Bool

  package init(key: String, value: String, isSet: Bool) {
    self.key = key
    self.value = value
    self.isSet = isSet
  }
}

/// One rule as an administrator sees it.
package struct RuleEntry: Equatable, Sendable {
  package var rule: RuleID
  /// `enabled` first; empty where the file has no block.
  package var fields: [RuleField]

  package var isEnabled: Bool { value("enabled") == "true" }

  /// The value of a key, with elements of a list put together.
  package func value(_ key: String) -> String? { fields.first { $0.key == key }?.value }
}

/// The rules of risk_config.yaml with the values that count.
package struct RuleBook: Equatable, Sendable {
  /// The thirteen, by number.
  package static let rules = RuleID.allCases.filter { $0 != .failClosed }.sorted()

  package let entries: [RuleEntry]

  /// - Parameter values: Keys from the top of the file, `rules.max_contracts.limit`; others are left
  ///   out.
  package init(_ values: [RuleField]) {
    entries = Self.rules.map { rule in
      let prefix = "rules.\(rule.key)."
      let own = values.filter { $0.key.hasPrefix(prefix) }.map { field in
        RuleField(
          key: String(field.key.dropFirst(prefix.count)), value: field.value, isSet: field.isSet)
      }
      let fields = Self.joined(own)
      return RuleEntry(
        rule: rule,
        fields: fields.filter { $0.key == "enabled" } + fields.filter { $0.key != "enabled" })
    }
  }

  package subscript(rule: RuleID) -> RuleEntry {
    guard let entry = entries.first(where: { $0.rule == rule }) else {
      preconditionFailure("Invariant: \(rule) is one of the thirteen")
    }
    return entry
  }

  /// The rule that somebody means by its number (`3`, `RULE-003`) or its key.
  package static func rule(named text: String) -> RuleID? {
    let word = text.trimmed.lowercased()
    return rules.first { rule in
      word == rule.key || word == rule.rawValue.lowercased()
        || Int(word).map { rule.rawValue.hasSuffix(($0 < 10 ? "-00" : "-0") + "\($0)") } == true
    }
  }

  /// `symbols[0]`, `symbols[1]` become one field `symbols`; elements that are blocks stay apart.
  private static func joined(_ fields: [RuleField]) -> [RuleField] {
    var result: [RuleField] = []
    for field in fields {
      guard field.key.hasSuffix("]"), let bracket = field.key.lastIndex(of: "[") else {
        result.append(field)
        continue
      }
      let key = String(field.key[..<bracket])
      if let index = result.firstIndex(where: { $0.key == key }) {
        result[index].value = result[index].value.dropLast() + ", \(field.value)]"
      } else {
        result.append(RuleField(key: key, value: "[\(field.value)]", isSet: field.isSet))
      }
    }
    return result
  }
}

extension RuleBook {
  /// A line for each rule: number, key, state, limit, action.
  package var list: String {
    TableText.render(
      [["NO", "NAME", "STATE", "LIMIT", "ACTION"]]
        + entries.map { entry in
          [
            String(entry.rule.rawValue.suffix(3)), entry.rule.key, entry.isEnabled ? "on" : "off",
            entry.limit.count > 15 ? entry.limit.prefix(12) + "..." : entry.limit, entry.action,
          ]
        })
  }

  /// The fields of one rule, numbered from 1.
  package func sheet(_ rule: RuleID) -> String {
    let entry = self[rule]
    guard !entry.fields.isEmpty else { return "\(rule.key) is not in the file: off\n" }
    return TableText.line("\(rule.rawValue) \(rule.key)")
      + TableText.render(
        entry.fields.enumerated().map { index, field in
          ["\(index + 1)", field.key, field.value, field.isSet ? "" : "(default)"]
        }, right: [0])
  }
}
