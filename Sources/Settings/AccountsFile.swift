import RiskModel

/// One entry of accounts.yaml, before its rules are known.
struct AccountEntry {
  var id: AccountID
  var platformName: String
  var nickname: String?
  var isEnabled: Bool
  /// The blocks that this account replaces in part.
  var overrides: RuleBlocks?
}

/// What accounts.yaml says.
struct AccountsFile {
  static let name = "config/accounts.yaml"
  static let example = "config/accounts.yaml.example"

  var accounts: [AccountEntry] = []

  init(_ top: Section) {
    let entries = top.sections("accounts")
    for entry in entries {
      if let account = AccountsFile.account(entry) { accounts.append(account) }
      entry.finish()
    }
    top.refused("global_settings", "write signalr and errorHandling in config.yaml")
    top.finish()
    if entries.isEmpty {
      top.findings.problem(
        top.place.child("accounts", line: top.entry("accounts")?.place.line),
        "names no account, and riskd acts on listed accounts only",
        "list one as in \(AccountsFile.example)")
    }
    reportDoubles(top, entries)
  }

  private static func account(_ entry: Section) -> AccountEntry? {
    let id = entry.required("account_id", .integer(1...2_147_483_647))
    let name = entry.required("name", .text("the name that the venue shows", most: 128))
    let nickname = entry.optional("nickname", .text("a name of your choice", most: 64))
    let enabled = entry.value("enabled", .boolean, default: true)
    let overrides = entry.nestedSection("rules").map(RuleBlocks.init)
    entry.refused("id", "write account_id")
    entry.refused("api_key", "keep it in .env as TOPSTEPX_API_KEY")
    entry.refused("username", "keep it in .env as TOPSTEPX_USERNAME")
    entry.refused("rule_overrides", "write rules")
    entry.refused("config_overrides", "write rules")
    entry.refused("risk_config_file", "write rules")
    entry.refused("settings", "write system.dailyReset in config.yaml")
    entry.ignored("account_type", .word("practice", "live"), because: "the venue knows it")
    guard let id = id.value, let name = name.value else { return nil }
    if !enabled.value {
      entry.findings.notice(enabled.place, "account \(id) is not watched")
    }
    return AccountEntry(
      id: AccountID(id), platformName: name, nickname: nickname.value, isEnabled: enabled.value,
      overrides: overrides)
  }

  private func reportDoubles(_ top: Section, _ entries: [Section]) {
    var first: [Int64: Place] = [:]
    for entry in entries {
      let id = entry.optional("account_id", .integer(1...2_147_483_647))
      guard let number = id.value else { continue }
      if let earlier = first[number] {
        let line = earlier.line.map { "in line \($0)" } ?? "before"
        top.findings.problem(
          id.place, "account \(number) is there already \(line)", "keep one of the two")
      } else {
        first[number] = id.place
      }
    }
    if !accounts.isEmpty, !accounts.contains(where: \.isEnabled) {
      top.findings.problem(
        top.place.child("accounts", line: top.entry("accounts")?.place.line),
        "has no enabled account", "set enabled: true for one")
    }
  }
}
