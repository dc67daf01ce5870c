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
