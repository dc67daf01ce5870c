import RiskModel
import RiskRules
import Testing

@testable import Settings

struct AccountsFileTests {
  private func accepted(_ text: String) throws -> (RiskdSettings, String) {
    let root = try ConfigurationRoot()
    try root.write(text, to: "config/accounts.yaml", mode: 0o600)
    let (settings, _, notices) = try root.accepted()
    return (settings, notices)
  }

  @Test func everyKeyOfAnAccount() throws {
    let (settings, notices) = try accepted(
      """
      accounts:
        - account_id: 7
          name: "50K Combine"
          nickname: Größe
          account_type: practice
        - {account_id: 8, name: second, enabled: false}
      """)
    #expect(settings.accounts.map(\.id) == [AccountID(7), AccountID(8)])
    #expect(settings.accounts[0].nickname == "Größe")
    #expect(settings.accounts[0].platformName == "50K Combine")
    #expect(settings.accounts[1].nickname == nil)
    #expect(settings.enabledAccounts.map(\.id) == [AccountID(7)])
    #expect(notices.contains("accounts[1].enabled: account 8 is not watched\n"))
    #expect(notices.contains("accounts[0].account_type: is accepted and has no effect"))
  }

  /// An override replaces a value as a whole; every other key keeps what risk_config.yaml says.
  @Test func overridesCountForOneAccount() throws {
    let (settings, _) = try accepted(
      """
      accounts:
        - account_id: 1
          name: first
        - account_id: 2
          name: second
          rules:
            max_contracts: {limit: 3}
            max_contracts_per_instrument: {limits: {CL: 1}}
            daily_realized_loss: {enabled: false}
      """)
    let first = try #require(settings.rules[AccountID(1)])
    let second = try #require(settings.rules[AccountID(2)])
    #expect(first.maxContracts?.limit == 5)
    #expect(second.maxContracts?.limit == 3)
    #expect(first.maxContractsPerInstrument?.limits.count == 2)
    #expect(second.maxContractsPerInstrument?.limits == [SymbolRoot("CL"): 1])
    #expect(first.dailyRealizedLoss != nil)
    #expect(second.dailyRealizedLoss == nil)
    #expect(second.dailyUnrealizedLoss == first.dailyUnrealizedLoss)
  }

  /// Files of the wider family: other names count, and what other files decide is told.
  @Test func otherFilesOfTheFamily() throws {
    let (settings, notices) = try accepted(
      """
      global_settings:
        connection_timeout: 30
        max_reconnect_attempts: 5
        reconnect_delay: 10
        poll_interval: 5
        log_api_calls: true
        log_events: true
      accounts:
        - id: 7
          name: first
          username: somebody
          api_key: ${TOPSTEPX_API_KEY}
          risk_config_file: config/risk_config.yaml
          settings:
            reset_time: "17:00"
            timezone: America/Chicago
            enable_signalr: true
            enable_rest_polling: false
          rule_overrides:
            max_contracts: {limit: 3}
        - account_id: 8
          name: second
          config_overrides: {max_contracts: {limit: 4}}
      """)
    #expect(settings.accounts.map(\.id) == [AccountID(7), AccountID(8)])
    #expect(settings.rules[AccountID(7)]?.maxContracts?.limit == 3)
    #expect(settings.rules[AccountID(8)]?.maxContracts?.limit == 4)
    for key in [
      "global_settings.connection_timeout", "global_settings.max_reconnect_attempts",
      "global_settings.reconnect_delay", "global_settings.poll_interval",
      "global_settings.log_api_calls", "global_settings.log_events", "accounts[0].username",
      "accounts[0].api_key", "accounts[0].risk_config_file", "accounts[0].settings.reset_time",
      "accounts[0].settings.timezone", "accounts[0].settings.enable_signalr",
      "accounts[0].settings.enable_rest_polling",
    ] {
      #expect(notices.contains("\(key): is accepted and has no effect: "), "\(key)")
    }
    #expect(notices.contains("accounts.yaml:9: accounts[0].id: is read as account_id\n"))
    #expect(notices.contains("accounts[0].rule_overrides: is read as rules\n"))
    #expect(notices.contains("accounts[1].config_overrides: is read as rules\n"))
  }

  @Test func aBrokenRuleIsReportedOnceForAllAccounts() throws {
    let root = try ConfigurationRoot()
    try root.replace("500.00", with: "0", in: "config/risk_config.yaml")
    try root.write(
      """
      accounts:
        - {account_id: 1, name: first, rules: {daily_realized_loss: {combined: true}}}
        - {account_id: 2, name: second, rules: {daily_realized_loss: {combined: true}}}
      """, to: "config/accounts.yaml", mode: 0o600)
    #expect(root.problems().split(separator: "\n").count == 1)
  }
}
