import AdminConsole
package import ControlPlane
package import RiskModel
import Settings

extension Administration {
  /// The rules as they count, also those of a configuration that is not usable as a whole.
  func ruleBook() -> RuleBook {
    let (_, values) = SettingsLoader.effective(root: root, environment: environment)
    return RuleBook(
      values.filter { $0.file == Self.risk }.map {
        RuleField(key: $0.key, value: $0.value, isSet: $0.origin != "default")
      })
  }

  /// A line for each rule, and what differs for single accounts.
  package func listRules() -> CommandOutcome {
    var text = ruleBook().list
    for account in accountLines() where !account.ownRules.isEmpty {
      text += TableText.line(
        "account \(account.id) has its own: \(account.ownRules.joined(separator: ", "))")
    }
    return CommandOutcome(.yes, output: text)
  }

  /// The fields of one rule.
  package func showRule(_ rule: RuleID) -> CommandOutcome {
    CommandOutcome(.yes, output: ruleBook().sheet(rule))
  }

  /// Gives keys of a rule's block values, `loss_limit`; a value of `nil` takes the key away.
  package func setRule(
    _ rule: RuleID, _ fields: [(key: String, value: String?)]
  ) -> CommandOutcome {
    let before = ruleBook()[rule]
    let words = fields.map { field in
      "\(field.key): \(before.value(field.key) ?? "not set") -> \(field.value ?? "not set")"
    }
    return change(
      "admin.rules.set", rule, ["change": words.joined(separator: ", ")],
      touching: fields.map { "rules.\(rule.key).\($0.key)" }
    ) { edit in
      for (key, value) in fields {
        let path = try YAMLPath("rules.\(rule.key).\(key)")
        guard let value else {
          try edit.remove(path)
          continue
        }
        try edit.set(path, to: YAMLText.value(value, like: try edit.value(at: path)))
      }
    }
  }

  /// Switches a rule on where it is off, and the other way round.
  package func toggleRule(_ rule: RuleID) -> CommandOutcome {
    let isEnabled = ruleBook()[rule].isEnabled
    return change(
      "admin.rules.toggle", rule, ["enabled": isEnabled ? "false" : "true"],
      touching: ["rules.\(rule.key).enabled"]
    ) { edit in
      try edit.set(
        YAMLPath("rules.\(rule.key).enabled"), to: isEnabled ? "false" : "true")
    }
  }

  /// Brings a rule back to what is shipped.
  package func resetRule(_ rule: RuleID) -> CommandOutcome {
    let entry = ruleBook()[rule]
    return change("admin.rules.reset", rule, [:], touching: ["rules.\(rule.key)"]) { edit in
      try RuleDefaults.reset(entry, in: &edit)
    }
  }

  private func change(
    _ what: String, _ rule: RuleID, _ detail: [String: String], touching paths: [String],
    _ body: @escaping (inout YAMLEdit) throws -> Void
  ) -> CommandOutcome {
    var outcome = editor.apply(
      ConfigurationEditor.Change(
        file: Self.risk, what: what,
        detail: detail.merging(["rule": rule.rawValue]) { $1 },
        isExact: { old, new in
          Set(old.keys).union(new.keys).allSatisfy { key in
            old[key] == new[key]
              || paths.contains { key == $0 || key.hasPrefix($0 + ".") || key.hasPrefix($0 + "[") }
          }
        },
        edit: { text in
          var edit = try YAMLEdit(text)
          try body(&edit)
          return edit.text
        }))
    if outcome.code == .yes { outcome.output += "Lockouts that stand are as they were.\n" }
    return outcome
  }
}
