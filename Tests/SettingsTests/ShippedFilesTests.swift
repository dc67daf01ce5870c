import FoundationEssentials
import RiskModel
import RiskRules
import Testing

@testable import Settings

/// The files below config/ are right as they are.
struct ShippedFilesTests {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config")

  private func shipped(_ name: String) throws -> String {
    try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
  }

  private func production() throws -> ConfigurationRoot {
    let root = try ConfigurationRoot()
    try root.write(shipped("config.yaml"), to: "config/config.yaml")
    try root.write(shipped("risk_config.yaml"), to: "config/risk_config.yaml")
    try root.write(shipped("accounts.yaml.example"), to: "config/accounts.yaml", mode: 0o600)
    return root
  }

  @Test func productionFilesAreRight() throws {
    let (settings, _, notices) = try production().accepted(reach: .anyVenue)
    #expect("\(settings.venue.base)" == "https://api.topstepx.com")
    #expect("\(settings.venue.userHub.endpoint)" == "https://rtc.topstepx.com/hubs/user")
    #expect("\(settings.venue.marketHub.endpoint)" == "https://rtc.topstepx.com/hubs/market")
    let rules = try #require(settings.accounts.first?.rules)
    #expect(rules.maxContracts == MaxContracts.Parameters(limit: 5))
    #expect(
      rules.maxContractsPerInstrument
        == MaxContractsPerInstrument.Parameters(
          limits: [
            SymbolRoot("MNQ"): 2, SymbolRoot("ENQ"): 1, SymbolRoot("EP"): 1, SymbolRoot("MES"): 3,
          ]))
    #expect(
      rules.dailyRealizedLoss == DailyRealizedLoss.Parameters(lossLimit: Money(dollars: 500)))
    #expect(
      rules.dailyUnrealizedLoss == DailyUnrealizedLoss.Parameters(lossLimit: Money(dollars: 300)))
    #expect(
      rules.maxUnrealizedProfit
        == MaxUnrealizedProfit.Parameters(mode: .profitTarget(Money(dollars: 1_000))))
    #expect(rules.symbolBlocks == SymbolBlocks.Parameters(blocked: [SymbolRoot("RTY")]))
    #expect(
      notices.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1)[1] } == [
        "rules: 6 of 12 rules are enabled; off: trade_frequency_limit, cooldown_after_loss, "
          + "no_stop_loss_grace, session_block_outside, auth_loss_guard, trade_management",
        "rules.max_contracts_per_instrument.limits.NQ: NQ is ENQ at the venue",
        "rules.max_contracts_per_instrument.limits.ES: ES is EP at the venue",
        "rules.max_contracts_per_instrument.unknown_symbol_action: is block: positions in other "
          + "symbols are closed at once",
      ])
  }

  /// Every value of the shipped main file is the one that holds without it.
  @Test func productionValuesAreTheDefaults() throws {
    let root = try production()
    let written = try root.accepted(reach: .anyVenue).settings
    try root.write("", to: "config/config.yaml")
    #expect(try root.accepted(reach: .anyVenue).settings == written)
  }

  @Test func productionVenueIsRefusedForNow() throws {
    let refusals = try production().problems().split(separator: "\n")
    let ending =
      "this version of riskd only talks to a venue on this machine; "
      + "write the URL of a simulator on 127.0.0.1"
    #expect(refusals.count == 3)
    for (refusal, key) in zip(refusals, ["baseUrl", "userHub.url", "marketHub.url"]) {
      #expect(refusal.contains(key))
      #expect(refusal.hasSuffix(ending))
    }
  }

  @Test func demonstrationFilesAreRight() throws {
    let root = try ConfigurationRoot()
    for name in ["config.yaml", "risk_config.yaml"] {
      try root.write(shipped("demo/\(name)"), to: "config/\(name)")
    }
    try root.write(shipped("demo/accounts.yaml"), to: "config/accounts.yaml", mode: 0o600)
    try root.write(shipped("demo/env.example"), to: ".env", mode: 0o600)
    let (settings, credentials, _) = try root.accepted([
      "RISKD_VENUE_BASE_URL": "http://127.0.0.1:45001",
      "RISKD_USER_HUB_URL": "http://127.0.0.1:45002/hubs/user",
    ])
    #expect(settings.venue.base.port == 45_001)
    #expect("\(settings.venue.userHub.endpoint)" == "http://127.0.0.1:45002/hubs/user")
    #expect(settings.venue.marketHub.endpoint.port == 8_080)
    #expect(settings.accounts.map(\.id) == [AccountID(1_001), AccountID(1_002)])
    #expect(settings.accounts.map(\.platformName) == ["SIM-50K-1001", "SIM-50K-1002"])
    #expect(credentials.userName.revealed == "demo")
    #expect(credentials.apiKey.revealed == "demo-key")
  }

  /// Whoever copies the examples without reading them is told what is missing.
  @Test func sampleSecretsAreRefused() throws {
    let root = try production()
    try root.write(shipped("env.example"), to: ".env", mode: 0o600)
    #expect(
      root.problems(reach: .anyVenue) == """
        .env:6: TOPSTEPX_API_KEY: is still the sample's text; write the API key of the venue's \
        settings page
        .env:7: TOPSTEPX_USERNAME: is still the sample's text; write the user name of the venue
        .env:10: TOKEN_ENCRYPTION_KEY: is a sample or a pattern, not a random key; write hex: and \
        the output of openssl rand -hex 32
        .env:13: ADMIN_PASSWORD_HASH: has 55 characters, and a bcrypt hash has 60; write the \
        output of riskctl hash-password, in single quotes

        """)
  }
}
