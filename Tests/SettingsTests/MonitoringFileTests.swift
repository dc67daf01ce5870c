import AlertRules
import RiskModel
import Testing

@testable import Settings

/// config/logging.yaml and config/monitoring.yaml.
struct MonitoringFileTests {
  @Test func theLogFilesOfTheSpecification() throws {
    let root = try ConfigurationRoot()
    let files = try root.accepted().settings.logging.files
    #expect(files[.daemon]?.path == "logs/daemon.log" && files[.daemon]?.level == .info)
    #expect(files[.api]?.level == .warning && files[.api]?.kept == 5)
    #expect(files[.errors]?.level == .error && files[.errors]?.kept == 10)
    #expect(files[.alerts]?.mostBytes == 5_242_880)
    #expect(files[.enforcement]?.mostBytes == 10_485_760)
  }

  @Test func whatLoggingYamlSaysCounts() throws {
    let root = try ConfigurationRoot()
    try root.write(
      """
      logging:
        level: "DEBUG"
        format: "text"
        files:
          api: {path: "logs/venue.log", maxSize: 5000, backupCount: 0, level: "INFO"}
        rotation: {enabled: false, when: "midnight", backupCount: 3}
      """, to: "config/logging.yaml")
    let (settings, _, notices) = try root.accepted()
    #expect(settings.logging.level == .debug && settings.logging.format == .text)
    #expect(!settings.logging.rotatesAtMidnight && settings.logging.rotatedFilesKept == 3)
    #expect(
      settings.logging.files[.api]
        == LogFileSettings(path: "logs/venue.log", mostBytes: 5_000, kept: 0, level: .info))
    #expect(
      notices.contains(
        "config/logging.yaml:2: logging.level: counts instead of logging.level in config.yaml, "
          + "which differs\n"))
    #expect(try root.accepted(["LOG_LEVEL": "ERROR"]).settings.logging.level == .error)
  }

  @Test(arguments: [
    ("logging: {levle: INFO}", "logging.levle: is not a known key; did you mean level?"),
    ("logging: {level: LOUD}", "logging.level: is \"LOUD\"; write DEBUG, INFO, WARNING or ERROR"),
    (
      "logging: {files: {daemon: {maxSize: 1}}}",
      "logging.files.daemon.maxSize: is \"1\"; write a whole number of bytes from 4096 to "
        + "1073741824"
    ),
    (
      "logging: {files: {deamon: {level: INFO}}}",
      "logging.files.deamon: is not a known key; did you mean daemon?"
    ),
    (
      "logging: {files: {api: {path: \"logs/daemon.log\"}}}",
      "logging.files.api.path: is the file of daemon too; write a path of its own"
    ),
    (
      "logging: {rotation: {when: noon}}",
      "logging.rotation.when: is \"noon\"; write midnight"
    ),
  ])
  func slipsOfLogging(text: String, problem: String) throws {
    let root = try ConfigurationRoot()
    try root.write(text, to: "config/logging.yaml")
    #expect(root.problems().contains(problem), "\(root.problems())")
  }

  @Test func whatMonitoringYamlSaysCounts() throws {
    let root = try ConfigurationRoot()
    try root.write(
      """
      monitoring:
        health: {interval: 5000, checks: [disk_space]}
        metrics: {interval: 1000, retentionDays: 9, collect: [memory_usage_mb]}
        endpoint: {enabled: true, port: 9999}
        alerts:
          repeatAfterSeconds: 60
          channels:
            - {type: log, path: "logs/alerts.log"}
            - {type: email, enabled: true, smtp_host: localhost, smtp_port: 2525, starttls: false,
               from_email: "a@b.c", to_emails: ["d@e.f"]}
            - {type: webhook, enabled: true, url: "https://hooks.example/secret"}
          rules:
            - {name: n, condition: "memory_usage_mb > 5", severity: info, message: m}
      """, to: "config/monitoring.yaml")
    let (settings, _, notices) = try root.accepted()
    let monitoring = settings.monitoring
    #expect(monitoring.healthInterval == .seconds(5) && monitoring.healthChecks == ["disk_space"])
    #expect(monitoring.metricsInterval == .seconds(1) && monitoring.metrics == [.memory])
    #expect(monitoring.retentionDays == 9 && monitoring.endpointPort == 9_999)
    #expect(monitoring.alerts.repeatAfter == .seconds(60))
    #expect(
      monitoring.alerts.mail
        == MailSettings(
          host: "localhost", port: 2_525, from: "a@b.c", to: ["d@e.f"], usesTLS: false))
    #expect(monitoring.alerts.webhook?.url.revealed == "https://hooks.example/secret")
    #expect(!"\(settings)".contains("hooks.example"))
    #expect(monitoring.alerts.rules.count == 1)
    #expect(
      monitoring.alerts.rules[0].rule?.condition
        == AlertCondition(
          metric: .memory, comparison: .above, value: .number(MetricNumber(5))))
    #expect(notices.contains("monitoring.metrics.interval: counts instead of"))
  }

  @Test func theNineRulesOfTheSpecification() {
    #expect(AlertRuleSettings.standard.compactMap(\.rule).count == 10)
    #expect(AlertSettings().rules.map(\.severity).filter { $0 == .critical }.count == 4)
  }

  @Test(arguments: [
    ("{helth: {}}", "monitoring.helth: is not a known key; did you mean health?"),
    ("{health: {checks: [disk]}}", "monitoring.health.checks[0]: is \"disk\"; write "),
    (
      "{metrics: {collect: [circuit_breaker_state]}}",
      "monitoring.metrics.collect[0]: is \"circuit_breaker_state\"; write a metric such as"
    ),
    (
      "{metrics: {retentionDays: 7}}",
      "monitoring.metrics.retentionDays: is \"7\"; write a whole number of days from 8 to 3650"
    ),
    ("{endpoint: {port: 80}}", "monitoring.endpoint.port: is \"80\""),
    (
      "{alerts: {channels: [{type: fax}]}}",
      "monitoring.alerts.channels[0].type: is \"fax\"; write log, email or webhook"
    ),
    (
      "{alerts: {channels: [{type: log, enabled: false}]}}",
      "is false, but alerts are always logged"
    ),
    (
      "{alerts: {channels: [{type: email, enabled: true}]}}",
      "monitoring.alerts.channels[0].smtp_host: is missing"
    ),
    (
      "{alerts: {channels: [{type: email, enabled: true, smtp_host: h, from_email: a@b}]}}",
      "monitoring.alerts.channels[0].to_emails: names nobody"
    ),
    (
      "{alerts: {channels: [{type: email, smtp_host: mail.example, starttls: false}]}}",
      "is false, and \"mail.example\" is not this machine"
    ),
    (
      "{alerts: {channels: [{type: email, from_email: \"a@b>c\"}]}}",
      "from_email: is the text \"a@b>c\" in quotes; write an address"
    ),
    (
      "{alerts: {channels: [{type: webhook, enabled: true, url: \"http://hooks.example\"}]}}",
      "monitoring.alerts.channels[0].url: cannot be read; write a URL that begins with https://"
    ),
    (
      "{alerts: {rules: [{name: n, condition: \"memory_usage > 5\", severity: info, message: m}]}}",
      "cannot be read at character 1: there is no metric memory_usage; did you mean memory_usage_mb?"
    ),
    (
      "{alerts: {rules: [{name: n, condition: \"memory_usage_mb >\", severity: loud, message: m}]}}",
      "monitoring.alerts.rules[0].severity: is \"loud\"; write info, warning or critical"
    ),
  ])
  func slipsOfMonitoring(text: String, problem: String) throws {
    let root = try ConfigurationRoot()
    try root.write("monitoring: \(text)", to: "config/monitoring.yaml")
    #expect(root.problems().contains(problem), "\(root.problems())")
  }

  @Test(arguments: [
    "https://hooks.example/services/a_b/c?x=1&y=2", "https://hooks.example:8443", "HTTPS://h/x",
    "https://[2001:db8::1]:8443/x", "http://127.0.0.1:8080/x", "http://localhost/x",
    "http://[::1]:8080/x",
  ])
  func webhooksThatCanBePostedTo(url: String) throws {
    let root = try ConfigurationRoot()
    try root.write(Self.webhook(url), to: "config/monitoring.yaml")
    let (settings, _, _) = try root.accepted()
    #expect(settings.monitoring.alerts.webhook?.url.revealed == url)
  }

  @Test(arguments: [
    "https://", "https:///x", "https://user@hooks.example/x", "https://user:word@hooks.example/x",
    "http://127.0.0.1:80@hooks.example/x", "http://localhost:8080@hooks.example/x",
    "http://hooks.example/x", "http://127.0.0.1.hooks.example/x", "https://hooks.example:0/x",
    "https://hooks.example:65536/x", "https://hooks.example?x=1", "https://hooks.example/x#y",
    "https://hooks_example/x", "wss://hooks.example/x", "hooks.example/x", "https:hooks.example",
    "https://[::g]/x", "https://hooks.example/ x",
  ])
  func webhooksThatNobodyCanPostTo(url: String) throws {
    let root = try ConfigurationRoot()
    try root.write(Self.webhook(url), to: "config/monitoring.yaml")
    let problems = root.problems()
    #expect(problems.contains("monitoring.alerts.channels[0].url: cannot be read; write a URL"))
    #expect(!problems.contains("example"), "the URL is a secret: \(problems)")
  }

  private static func webhook(_ url: String) -> String {
    "monitoring: {alerts: {channels: [{type: webhook, enabled: true, url: \"\(url)\"}]}}"
  }

  @Test func mailNeedsBothSecrets() throws {
    let root = try ConfigurationRoot()
    #expect(try root.accepted().credentials.mail == nil)
    let (_, credentials, _) = try root.accepted([
      "SMTP_USERNAME": "u", "SMTP_PASSWORD": "p",
    ])
    #expect(credentials.mail?.userName.revealed == "u")
    #expect(credentials.mail?.password.revealed == "p")
    #expect(credentials.forVenueSession.mail == nil)
    #expect(root.problems(["SMTP_USERNAME": "u"]).contains("has no SMTP_PASSWORD beside it"))
    #expect(root.problems(["SMTP_PASSWORD": "p"]).contains("has no SMTP_USERNAME beside it"))
  }
}
