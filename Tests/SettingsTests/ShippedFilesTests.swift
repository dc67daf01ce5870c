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
    try root.write(shipped("holidays.yaml"), to: "config/holidays.yaml")
    try root.write(shipped("logging.yaml"), to: "config/logging.yaml")
    try root.write(shipped("monitoring.yaml"), to: "config/monitoring.yaml")
    try root.write(shipped("accounts.yaml.example"), to: "config/accounts.yaml", mode: 0o600)
    return root
  }

  @Test func productionFilesAreRight() throws {
    let (settings, _, notices) = try production().accepted()
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
      rules.tradeFrequencyLimit
        == TradeFrequencyLimit.Parameters(windows: [.init(limit: 30, span: .seconds(3_600))]))
    #expect(
      rules.cooldownAfterLoss
        == CooldownAfterLoss.Parameters(
          steps: [.init(loss: Money(dollars: 100), cooldown: .seconds(300))]))
    #expect(rules.noStopLossGrace == NoStopLossGrace.Parameters(grace: .seconds(30)))
    #expect(rules.authLossGuard == AuthLossGuard.Parameters())
    #expect(rules.tradeManagement == nil)
    #expect(rules.dailyRealizedProfit == nil)
    #expect(rules.breachResponse == .own)
    #expect(rules.enabledRules.count == 11)
    #expect(RiskEngine.loadedRules(rules) == rules.enabledRules)
    let expected: [String] = [
      "knows no holiday after 2027-12-24",
      """
      logging.files.alerts.level: is accepted and has no effect: every alert is written, \
      whatever its severity
      """,
      """
      monitoring.alerts.channels[0].path: is accepted and has no effect: alerts are always \
      written to the file of alerts in logging.yaml
      """,
      "rules: 11 of 12 rules are enabled; off: trade_management",
      "rules.max_contracts_per_instrument.limits.NQ: NQ is ENQ at the venue",
      "rules.max_contracts_per_instrument.limits.ES: ES is EP at the venue",
      """
      rules.max_contracts_per_instrument.unknown_symbol_action: is block: positions in other \
      symbols are closed at once
      """,
    ]
    let told = notices.split(separator: "\n").map {
      String($0.split(separator: " ", maxSplits: 1)[1])
    }
    #expect(told == expected)
  }

  /// The hours of the specification, and the exchange's days off at both ends of the calendar.
  @Test func productionHours() throws {
    let rules = try #require(
      try production().accepted().settings.accounts.first?.rules)
    let plan = try #require(rules.sessionBlockOutside?.plan)
    #expect(rules.sessionBlockOutside?.action == .closeAllAndLockout)
    #expect(rules.sessionBlockOutside?.plansByRoot.isEmpty == true)
    let zone = TimeZoneRule.chicago
    func times(_ year: Int, _ month: Int, _ day: Int) -> String {
      guard let session = plan.session(of: CivilDate(year: year, month: month, day: day)) else {
        return "none"
      }
      let start = zone.localTime(of: session.lowerBound).time
      return "\(start)-\(zone.localTime(of: session.upperBound).time)"
    }
    #expect(times(2026, 11, 18) == "08:30-15:00")
    #expect(times(2026, 11, 21) == "none")
    #expect(times(2026, 11, 26) == "08:30-12:00")
    #expect(times(2026, 11, 27) == "08:30-12:15")
    #expect(times(2026, 12, 25) == "none")
    #expect(times(2027, 3, 26) == "none")
    #expect(times(2027, 7, 5) == "08:30-12:00")
    let weekdays = [plan.holidays.closed, plan.holidays.earlyCloses.map(\.date)].joined()
    #expect(weekdays.allSatisfy { (1...5).contains($0.weekday) })
  }

  /// Every value of the shipped main file is the one that holds without it.
  @Test func productionValuesAreTheDefaults() throws {
    let root = try production()
    let written = try root.accepted().settings
    try root.write("", to: "config/config.yaml")
    #expect(try root.accepted().settings == written)
    root.remove("config/logging.yaml")
    root.remove("config/monitoring.yaml")
    #expect(try root.accepted().settings == written)
  }

  /// A simulator is on this machine, and so is whatever is not encrypted.
  @Test func aSimulatorAwayFromThisMachineIsRefused() throws {
    let root = try production()
    let main = try shipped("config.yaml").replacing("useMockApi: false", with: "useMockApi: true")
    try root.write(main, to: "config/config.yaml")
    let refusals = root.problems().split(separator: "\n")
    for key in ["baseUrl", "userHub.url", "marketHub.url"] {
      #expect(
        refusals.contains {
          $0.contains(key) && $0.contains("and a simulator must be on this machine")
        }, "\(refusals)")
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
      root.problems() == """
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
