/// The keys of monitoring.yaml, logging.yaml, accounts.yaml and holidays.yaml.
enum OtherKeys {
  private static func block(
    _ file: KeySample.File, _ section: String, with: String...
  ) -> KeyBlock {
    KeyBlock(file: file, section: section, with: with)
  }

  private static let alert = [
    "monitoring.alerts.rules.0.name=Memory",
    "monitoring.alerts.rules.0.condition=memory_usage_mb > 1",
    "monitoring.alerts.rules.0.severity=info", "monitoring.alerts.rules.0.message=Much",
  ]

  static let samples: [KeySample] =
    block(.monitoring, "monitoring").flags("enabled")
    + block(.monitoring, "monitoring.health").flags("enabled")
    + block(.monitoring, "monitoring.health").whole("interval", 1_000...3_600_000, 30_000)
    + block(.monitoring, "monitoring.health").list("checks", "disk_space", not: "nothing")
    + block(.monitoring, "monitoring.metrics").flags("enabled")
    + block(.monitoring, "monitoring.metrics").whole("interval", 1_000...3_600_000, 60_000)
    + block(.monitoring, "monitoring.metrics").list("collect", "memory_usage_mb", not: "memory")
    + block(.monitoring, "monitoring.metrics").whole("retentionDays", 8...3_650, 30)
    + block(.monitoring, "monitoring.endpoint").flags("enabled", be: false)
    + block(.monitoring, "monitoring.endpoint").whole("port", 1_024...65_535, 9_464)
    + block(.monitoring, "monitoring.alerts").flags("enabled")
    + block(.monitoring, "monitoring.alerts").whole("repeatAfterSeconds", 60...86_400, 900)
    + alertRules + channels
    + block(.logging, "logging").word("level", "DEBUG")
    + block(.logging, "logging").word("format", "json")
    + block(.logging, "logging.rotation").flags("enabled")
    + block(.logging, "logging.rotation").only("when", "midnight")
    + block(.logging, "logging.rotation").whole("backupCount", 0...10_000, 30)
    + ["daemon", "enforcement", "api", "errors", "alerts"].flatMap { name in
      block(.logging, "logging.files.\(name)").text("path", "logs/\(name).log")
        + block(.logging, "logging.files.\(name)").whole(
          "maxSize", 4_096...1_073_741_824, 10_485_760)
        + block(.logging, "logging.files.\(name)").whole("backupCount", 0...1_000, 5)
        + block(.logging, "logging.files.\(name)").word("level", "WARNING")
    }
    + block(.accounts, "accounts.0").whole("account_id", 1...2_147_483_647, 1_001)
    + block(.accounts, "accounts.0").text("name", "SIM-50K-1001")
    + block(.accounts, "accounts.0").text("nickname", "first")
    + block(.accounts, "accounts.0").flags("enabled")
    + block(.accounts, "accounts.0").word("account_type", "practice")
    + accountFamily
    + block(.holidays, "").value("timezone", "America/Chicago", not: "Europe/Paris")
    + block(.holidays, "").list("holidays", "2026-12-25", not: "2026-13-01", "soon")
    + block(.holidays, "early_close.0", with: "early_close.0.close_time=\"12:00\"").value(
      "date", "2026-12-24", not: "2026-02-30")
    + block(.holidays, "early_close.0", with: "early_close.0.date=2026-12-24").value(
      "close_time", "\"12:00\"", not: "24:30")
    + block(.holidays, "market_hours").value("open", "\"17:00\"", not: "24:30")
    + block(.holidays, "market_hours").value("close", "\"16:00\"", not: "late")
    + block(
      .holidays, "market_hours.instruments.ZC", with: "market_hours.instruments.ZC.close=\"13:20\""
    ).value("open", "\"19:00\"", not: "24:30")
    + block(
      .holidays, "market_hours.instruments.ZC", with: "market_hours.instruments.ZC.open=\"19:00\""
    ).value("close", "\"13:20\"", not: "24:30")

  /// What other files of the family have in accounts.yaml.
  private static let accountFamily: [KeySample] = {
    let account = block(.accounts, "accounts.0")
    let settings = block(.accounts, "accounts.0.settings")
    let global = block(.accounts, "global_settings")
    var number = account.whole("id", 1...2_147_483_647, 1_001)
    for index in number.indices { number[index].replaced = "accounts.0.account_id" }
    return number + account.text("username", "somebody")
      + account.value("api_key", "${TOPSTEPX_API_KEY}", not: "very-secret", "${OTHER}")
      + account.value(
        "risk_config_file", "config/risk_config.yaml", not: "config/other.yaml", "[1]")
      + settings.value("reset_time", "\"17:00\"", not: "soon", "25:00", "\"16:00\"")
      + settings.value("timezone", "America/Chicago", not: "Chicago", "America/New_York")
      + settings.flags("enable_signalr", "enable_rest_polling")
      + ["connection_timeout", "reconnect_delay", "poll_interval"].flatMap {
        global.whole($0, 0...86_400, 5)
      } + global.whole("max_reconnect_attempts", 0...1_000, 5)
      + global.flags("log_api_calls", "log_events")
  }()

  private static let alertRules: [KeySample] = {
    let rule = KeyBlock(file: .monitoring, section: "monitoring.alerts.rules.0", with: alert)
    return rule.text("name", "Memory")
      + rule.value("condition", "\"memory_usage_mb > 150\"", not: "memory", "\"memory_usag > 1\"")
      + rule.word("severity", "warning") + rule.text("message", "Much memory")
  }()

  private static let channels: [KeySample] = {
    let section = "monitoring.alerts.channels.0"
    let log = KeyBlock(file: .monitoring, section: section, with: ["\(section).type=log"])
    let mail = KeyBlock(
      file: .monitoring, section: section,
      with: [
        "\(section).type=email",
        "\(section).enabled=false",
      ])
    let hook = KeyBlock(
      file: .monitoring, section: section,
      with: ["\(section).type=webhook", "\(section).enabled=false"])
    return log.word("type", "log") + log.value("enabled", "true", not: "soon", "false")
      + log.text("path", "logs/alerts.log") + mail.text("smtp_host", "smtp.example.com")
      + mail.whole("smtp_port", 1...65_535, 587)
      + mail.value("from_email", "a@example.com", not: "nobody")
      + mail.list("to_emails", "b@example.com", not: "nobody") + mail.flags("starttls")
      + hook.value("url", "https://hooks.example.com/x", not: "http://hooks.example.com/x")
  }()
}
