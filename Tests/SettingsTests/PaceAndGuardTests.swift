import RiskModel
import RiskRules
import Testing

@testable import Settings

/// What the blocks of the rules for breaks, stops, hours and stop management become.
struct PaceAndGuardTests {
  private func rules(
    _ rule: String, _ keys: String
  ) throws -> (rules: RiskConfiguration, notices: String) {
    let root = try ConfigurationRoot()
    try root.write(text(rule, keys), to: "config/risk_config.yaml")
    let (settings, _, notices) = try root.accepted()
    return (try #require(settings.accounts.first?.rules), notices)
  }

  private func text(_ rule: String, _ keys: String) -> String {
    ConfigurationRoot.rulesText.split(separator: "\n").map {
      $0.hasPrefix("  \(rule):") ? "  \(rule): {enabled: true, \(keys)}" : String($0)
    }.joined(separator: "\n") + "\n"
  }

  private func problems(_ rule: String, _ keys: String) throws -> [String] {
    let root = try ConfigurationRoot()
    try root.write(text(rule, keys), to: "config/risk_config.yaml")
    return root.problems().split(separator: "\n").map(String.init)
  }

  @Test(
    arguments: [
      (
        "max_trades: 30, time_window_minutes: 60", .execution,
        [.init(limit: 30, span: .seconds(3_600))]
      ),
      (
        "max_trades: 5, time_window_minutes: 1, cooldown_seconds: 90, count_by: order", .order,
        [.init(limit: 5, span: .seconds(60), cooldown: .seconds(90))]
      ),
      (
        "limits: {per_minute: 3, per_hour: 10, per_session: 50}, count_by: round_turn", .roundTurn,
        [
          .init(limit: 3, span: .seconds(60), cooldown: .seconds(60)),
          .init(limit: 10, span: .seconds(3_600), cooldown: .seconds(1_800)),
          .init(limit: 50, span: nil, cooldown: .seconds(3_600)),
        ]
      ),
      (
        "max_trades: 1, time_window_minutes: 2, limits: {per_session: 7}, "
          + "cooldown_on_breach: {enabled: true, per_session_breach: 5}", .execution,
        [
          .init(limit: 1, span: .seconds(120)), .init(limit: 7, span: nil, cooldown: .seconds(5)),
        ]
      ),
    ] as [(String, TradeFrequencyLimit.CountBy, [TradeFrequencyLimit.Window])])
  func frequency(
    _ keys: String, countBy: TradeFrequencyLimit.CountBy, windows: [TradeFrequencyLimit.Window]
  ) throws {
    #expect(
      try rules("trade_frequency_limit", keys).rules.tradeFrequencyLimit
        == TradeFrequencyLimit.Parameters(windows: windows, countBy: countBy))
  }

  @Test func lossesWithSteps() throws {
    let (rules, _) = try rules(
      "cooldown_after_loss",
      "loss_threshold: -100.00, cooldown_seconds: 300, aggregate_by_order: true, "
        + "allow_trading_during_cooldown: false, "
        + "loss_thresholds: [{loss_amount: -300, cooldown_duration: 1800}]")
    #expect(
      rules.cooldownAfterLoss
        == CooldownAfterLoss.Parameters(
          steps: [
            .init(loss: Money(dollars: 100), cooldown: .seconds(300)),
            .init(loss: Money(dollars: 300), cooldown: .seconds(1_800)),
          ], aggregatesByOrder: true))
  }

  @Test func guards() throws {
    let (stops, notices) = try rules(
      "no_stop_loss_grace",
      "grace_period_seconds: 5, action: CLOSE_POSITION, require_full_coverage: true")
    #expect(
      stops.noStopLossGrace
        == NoStopLossGrace.Parameters(grace: .seconds(5), requiresFullCoverage: true))
    #expect(notices.contains("no_stop_loss_grace.action: is accepted and has no effect"))
    let (trading, told) = try rules(
      "auth_loss_guard",
      "action: CLOSE_ALL_AND_LOCKOUT, enforcement: close_all_and_lockout, check_on_startup: true, "
        + "auto_unlock_on_restore: false")
    #expect(trading.authLossGuard == AuthLossGuard.Parameters(unlocksOnRestore: false))
    #expect(told.contains("only an administrator ends this lockout"))
  }

  @Test func optionalProfitRule() throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "rules:\n",
      with: "rules:\n  daily_realized_profit: {enabled: true, target: 1000.00, combined: true, "
        + "include_fees: true, lockout_until: permanent}\n", in: "config/risk_config.yaml")
    #expect(
      try root.accepted().settings.accounts.first?.rules.dailyRealizedProfit
        == DailyRealizedProfit.Parameters(
          target: Money(dollars: 1_000), lockoutEnd: .permanent, combined: true, includeFees: true))
  }

  @Test func strictModeIsToldLoudly() throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "rules:\n", with: "global: {strict_mode: true}\nrules:\n", in: "config/risk_config.yaml")
    let (settings, _, notices) = try root.accepted()
    #expect(settings.accounts.first?.rules.breachResponse == .lockForGood)
    #expect(notices.contains("strict_mode: is true: every breach of any rule closes everything"))
  }

  @Test func oneAccountHasItsOwn() throws {
    let root = try ConfigurationRoot()
    try root.write(
      text("cooldown_after_loss", "loss_threshold: 100, cooldown_seconds: 300"),
      to: "config/risk_config.yaml")
    try root.write(
      ConfigurationRoot.accountsText
        + "    rules:\n      cooldown_after_loss: {cooldown_seconds: 60}\n",
      to: "config/accounts.yaml", mode: 0o600)
    #expect(
      try root.accepted().settings.accounts.first?.rules.cooldownAfterLoss
        == CooldownAfterLoss.Parameters(
          steps: [.init(loss: Money(dollars: 100), cooldown: .seconds(60))]))
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var rule: String
    var keys: String
    var report: [String]
    var testDescription: String { "\(rule) \(keys)" }

    init(_ rule: String, _ keys: String, _ report: String...) {
      self.rule = rule
      self.keys = keys
      self.report = report
    }
  }

  @Test(arguments: [
    Wrong(
      "trade_frequency_limit", "max_trades: 3",
      "8: rules.trade_frequency_limit.time_window_minutes: is missing; write a whole number of "
        + "minutes from 1 to 1440"),
    Wrong(
      "trade_frequency_limit", "max_trades: 0, time_window_minutes: 60",
      "8: rules.trade_frequency_limit.max_trades: is \"0\"; write a whole number of trades from 1 "
        + "to 100000"),
    Wrong(
      "trade_frequency_limit", "limits: {per_hour: 3}, cooldown_on_breach: {enabled: false}",
      "8: rules.trade_frequency_limit.cooldown_on_breach.enabled: is false, but a limit without a "
        + "break would do nothing; write true"),
    Wrong(
      "cooldown_after_loss", "loss_threshold: 100",
      "9: rules.cooldown_after_loss.cooldown_seconds: is missing; write a whole number of seconds "
        + "from 1 to 86400"),
    Wrong(
      "cooldown_after_loss",
      "loss_thresholds: [{loss_amount: 100, cooldown_duration: 900}, {loss_amount: 200, "
        + "cooldown_duration: 300}]",
      "9: rules.cooldown_after_loss.loss_thresholds[1].loss_amount: a loss of 200.00 leads to a "
        + "shorter break than one of 100.00; write a break that is at least as long"),
    Wrong(
      "cooldown_after_loss",
      "loss_threshold: 100, cooldown_seconds: 9, loss_thresholds: [{loss_amount: -100, "
        + "cooldown_duration: 9}]",
      "9: rules.cooldown_after_loss.loss_threshold: 100.00 has a break already; keep one of the two"
    ),
    Wrong(
      "cooldown_after_loss",
      "loss_threshold: 100, cooldown_seconds: 9, allow_trading_during_cooldown: true",
      "9: rules.cooldown_after_loss.allow_trading_during_cooldown: is true, but a break in which "
        + "trading goes on is none; write false"),
    Wrong(
      "no_stop_loss_grace", "require_within_seconds: 9",
      "10: rules.no_stop_loss_grace.grace_period_seconds: is missing; write a whole number of "
        + "seconds from 1 to 3600",
      "10: rules.no_stop_loss_grace.require_within_seconds: is not a key of riskd; write "
        + "grace_period_seconds"),
    Wrong(
      "auth_loss_guard", "check_on_startup: false",
      "12: rules.auth_loss_guard.check_on_startup: is false, but every account is checked whenever "
        + "it is read; write true"),
    Wrong(
      "trade_management", "auto_breakeven: {profit_trigger_ticks: 3, offset_ticks: 3}",
      "13: rules.trade_management.auto_breakeven.offset_ticks: is not below profit_trigger_ticks, "
        + "so the stop would be at or beyond the market; write fewer ticks"),
  ])
  func wrongValues(_ wrong: Wrong) throws {
    #expect(
      try problems(wrong.rule, wrong.keys) == wrong.report.map { "config/risk_config.yaml:\($0)" })
  }

  @Test(arguments: [false, true])
  func stopManagement(isOn: Bool) throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "trade_management: {enabled: false}",
      with: "trade_management: {enabled: \(isOn), auto_stop_loss: true, stop_loss_ticks: 10, "
        + "auto_breakeven: {enabled: true, profit_trigger_ticks: 10, offset_ticks: 1}, "
        + "trailing_stop: {enabled: true, activation_ticks: 20, trail_distance_ticks: 10, "
        + "update_frequency: 2}}", in: "config/risk_config.yaml")
    let expected = TradeManagement.Parameters(
      autoStopTicks: 10, breakeven: .init(triggerTicks: 10, offsetTicks: 1),
      trailing: .init(activationTicks: 20, distanceTicks: 10, interval: .seconds(2)))
    #expect(
      try root.accepted().settings.accounts.first?.rules.tradeManagement
        == (isOn ? expected : nil))
  }
}
