import ControlPlane
import PeerProtocol
import Settings
import Testing

@testable import Workers

/// `riskctl config show`, as it prints.
@Suite struct ConfigurationShowTests {
  @Test func `values with the line they are written in, or the default`() throws {
    let root = try WorkerRoot()
    let outcome = ConfigurationShow.outcome(root: root.path, asJSON: false)
    #expect(outcome.code == .yes, "\(outcome.complaint)")
    #expect(
      outcome.output.hasPrefix(
        """
        .env
          ADMIN_PASSWORD_HASH   .env:6   set
          SMTP_PASSWORD         default  not set
          SMTP_USERNAME         default  not set
          TOKEN_ENCRYPTION_KEY  .env:4   set
          TOPSTEPX_API_KEY      .env:2   set
          TOPSTEPX_USERNAME     .env:3   set

        config/accounts.yaml
          accounts[0].account_id  config/accounts.yaml:4  1001
          accounts[0].enabled     default                 true
          accounts[0].name        config/accounts.yaml:5  SIM-50K-1001
          accounts[0].nickname    default                 not set
          accounts[1].account_id  config/accounts.yaml:6  1002
          accounts[1].enabled     default                 true
          accounts[1].name        config/accounts.yaml:7  SIM-50K-1002
          accounts[1].nickname    default                 not set

        config/config.yaml
          api.baseUrl                                          config/config.yaml:4   \
        http://127.0.0.1:8080
          api.caFile                                           default                not set

        """), "\(outcome.output)")
    for line in [
      "  rules.daily_realized_loss.loss_limit                               "
        + "config/risk_config.yaml:26  500.00\n",
      "  signalr.reconnection.delays                          config/config.yaml:12  "
        + "[0, 250, 1000, 2000]\n",
      "  system.dailyReset.time                               default                17:00\n",
    ] {
      #expect(outcome.output.contains(line), "\(outcome.output)")
    }
    for secret in ["demo-key", "d891ede0938860570808e43678f2b229", "$2b$10$"] {
      #expect(!outcome.output.contains(secret))
    }
  }

  @Test func `as JSON, with an account's own rule`() throws {
    let root = try WorkerRoot()
    try root.write(
      "config/accounts.yaml",
      """
      accounts:
        - account_id: 1001
          name: "SIM-50K-1001"
          rules:
            daily_realized_loss:
              loss_limit: 250.00
      """)
    let outcome = ConfigurationShow.outcome(root: root.path, asJSON: true)
    let report = try MessageCoder().decode(
      ConfigurationShow.Report.self, from: Array(outcome.output.utf8.dropLast()))
    let limits = report.values.filter { $0.key.hasSuffix("daily_realized_loss.loss_limit") }
    #expect(
      limits == [
        EffectiveValue(
          file: "config/accounts.yaml", key: "accounts[0].rules.daily_realized_loss.loss_limit",
          value: "250.00", origin: "config/accounts.yaml:6"),
        EffectiveValue(
          file: "config/risk_config.yaml", key: "rules.daily_realized_loss.loss_limit",
          value: "500.00", origin: "config/risk_config.yaml:26"),
      ])
  }

  @Test func `files that are not usable have no values that count`() throws {
    let root = try WorkerRoot()
    try root.replace("loss_limit: 500.00", with: "loss_limit: none", in: "config/risk_config.yaml")
    let outcome = ConfigurationShow.outcome(root: root.path, asJSON: false)
    #expect(outcome.code == .no)
    #expect(outcome.output.isEmpty)
    #expect(outcome.complaint.contains("config/risk_config.yaml:26"))
  }

  private func shown(
    _ root: WorkerRoot, _ environment: [String: String] = [:]
  ) -> [String: [String]] {
    let values = SettingsLoader.effective(root: root.path, environment: environment).values
    return Dictionary(grouping: values, by: \.key).mapValues {
      $0.map { "\($0.file) \($0.value) \($0.origin)" }
    }
  }

  @Test func `a file of its own counts before config yaml, and a variable before both`() throws {
    let root = try WorkerRoot()
    try root.replace("logging:\n", with: "logging:\n  level: ERROR\n", in: "config/config.yaml")
    #expect(shown(root)["logging.level"] == ["config/config.yaml ERROR config/config.yaml:15"])
    try root.write("config/logging.yaml", "logging:\n  level: WARNING\n")
    #expect(
      shown(root)["logging.level"] == ["config/logging.yaml WARNING config/logging.yaml:2"])
    #expect(shown(root)["logging.format"] == ["config/config.yaml text config/config.yaml:16"])
    #expect(
      shown(root, ["LOG_LEVEL": "DEBUG"])["logging.level"]
        == ["config/config.yaml DEBUG environment"])
    #expect(
      shown(root, ["DATABASE_PATH": "data/other.db"])["database.path"]
        == ["config/config.yaml data/other.db environment"])
  }

  @Test func `of a receiver of alerts only the host is shown`() throws {
    let root = try WorkerRoot()
    try root.write(
      "config/monitoring.yaml",
      """
      monitoring:
        alerts:
          channels:
            - type: log
              path: logs/alerts.log
            - type: webhook
              enabled: true
              url: https://hooks.example.com/services/SECRET
      """)
    #expect(
      shown(root)["monitoring.alerts.channels[1].url"]
        == ["config/monitoring.yaml https://hooks.example.com/... config/monitoring.yaml:8"])
  }
}
