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
  /// When the accounts' own settings say that a trading day ends.
  private var resets: [(time: Reading<TimeOfDay?>, zone: Reading<TimeZoneRule?>)] = []

  init(_ top: Section) {
    let entries = top.sections("accounts")
    for entry in entries {
      if let account = AccountsFile.account(entry) { accounts.append(account) }
      resets.append(entry.section("settings") { $0.accountSettings() })
      entry.finish()
    }
    top.section("global_settings") { $0.globalSettings() }
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
    let id = entry.required(entry.spelling("account_id", or: "id"), .integer(1...2_147_483_647))
    let name = entry.required("name", .text("the name that the venue shows", most: 128))
    let nickname = entry.optional("nickname", .text("a name of your choice", most: 64))
    let enabled = entry.value("enabled", .boolean, default: true)
    let rules = entry.spelling("rules", or: "rule_overrides", "config_overrides")
    let overrides = entry.nestedSection(rules).map(RuleBlocks.init)
    entry.ignored("api_key", .namedKey, because: "the key is that of .env")
    entry.ignored("username", .text("a user name"), because: "TOPSTEPX_USERNAME of .env signs in")
    entry.ignored(
      "risk_config_file", .sharedRules,
      because: "every account has the rules of that file, but for the keys below its own rules")
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
      let id = entry.optional(
        entry.spelling("account_id", or: "id"), .integer(1...2_147_483_647))
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

  /// Every account's trading day ends with the others'; a file that says otherwise is wrong about the
  /// end of lockouts.
  func checkResets(against day: TradingDayRule, _ findings: Findings) {
    for (time, zone) in resets {
      if let own = time.value, own != day.resetTime {
        findings.problem(
          time.place, "is not the end of the trading day, which is \(day.resetTime)",
          "write system.dailyReset.time in config.yaml, or the same here")
      }
      if let own = zone.value, own != day.zone {
        findings.problem(
          zone.place, "is not the zone of the trading day, which is \(day.zone.identifier)",
          "write system.dailyReset.timezone in config.yaml, or the same here")
      }
    }
  }
}

// What other files of the family have beside the accounts.
extension Section {
  fileprivate func accountSettings() -> (
    time: Reading<TimeOfDay?>, zone: Reading<TimeZoneRule?>
  ) {
    ignored("enable_signalr", .boolean, because: "signalr in config.yaml decides for all accounts")
    ignored(
      "enable_rest_polling", .boolean,
      because: "stateReconciliation in config.yaml decides for all accounts")
    let agreeing = "system.dailyReset in config.yaml decides, and it has to agree"
    return (
      ignored("reset_time", .timeOfDay, because: agreeing),
      ignored("timezone", .zone, because: agreeing)
    )
  }

  fileprivate func globalSettings() {
    let seconds = ValueForm<Int64>.integer(0...86_400, unit: "seconds")
    ignored("connection_timeout", seconds, because: "api.timeout in config.yaml decides")
    ignored(
      "max_reconnect_attempts", .integer(0...1_000),
      because: "signalr.reconnection.maxAttempts in config.yaml decides")
    ignored(
      "reconnect_delay", seconds, because: "signalr.reconnection.delays in config.yaml decides")
    ignored(
      "poll_interval", seconds, because: "stateReconciliation.maxInterval in config.yaml decides")
    ignored("log_api_calls", .boolean, because: "logging.yaml decides")
    ignored("log_events", .boolean, because: "logging.yaml decides")
  }
}

extension ValueForm where Value == String {
  /// The name of the variable that holds the key, and never the key.
  fileprivate static var namedKey: ValueForm {
    let name = "${TOPSTEPX_API_KEY}"
    return ValueForm(
      right: "\(name), and keep the key itself in .env",
      read: { $0.text == name ? name : nil }, isPrivate: true)
  }

  fileprivate static var sharedRules: ValueForm {
    .word("risk_config.yaml", RiskFile.name).saying(
      "\(RiskFile.name), and what differs for the account below rules")
  }
}
