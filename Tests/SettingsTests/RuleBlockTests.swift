import RiskModel
import RiskRules
import Testing

@testable import Settings

/// What the blocks of risk_config.yaml become.
struct RuleBlockTests {
  private func rules(_ old: String, _ new: String) throws -> (RiskConfiguration, String) {
    let root = try ConfigurationRoot()
    try root.replace(old, with: new, in: "config/risk_config.yaml")
    let (settings, _, notices) = try root.accepted()
    return (try #require(settings.accounts.first?.rules), notices)
  }

  @Test(arguments: [
    ("500.00", 500_000_000), ("-500.00", 500_000_000), ("0.1", 100_000),
    ("500.000001", 500_000_001),
    ("5e2", 500_000_000), ("99999999.99", 99_999_999_990_000),
  ])
  func moneyIsExact(_ text: String, micros: Int64) throws {
    let (rules, _) = try rules("500.00", text)
    #expect(rules.dailyRealizedLoss?.lossLimit == Money(micros: micros))
  }

  @Test(
    arguments: [
      ("", .closeAll), (", close_all: true", .closeAll),
      (", reduce_to_limit: true", .reduceToLimit),
      (", close_all: false, reduce_to_limit: true", .reduceToLimit),
      (", enforcement: reduce_to_limit", .reduceToLimit),
      (", enforcement: reduce_to_limit, close_all: false", .reduceToLimit),
      (", enforcement: close_all, reduce_to_limit: false", .closeAll),
    ] as [(String, MaxContracts.Action)])
  func actionOfMaxContracts(_ keys: String, action: MaxContracts.Action) throws {
    let (rules, _) = try rules("limit: 5}", "limit: 7, count_type: gross\(keys)}")
    #expect(
      rules.maxContracts
        == MaxContracts.Parameters(limit: 7, counting: .gross, action: action))
  }

  @Test(
    arguments: [
      ("block", .block), ("allow_unlimited", .allowUnlimited),
      ("allow_with_limit:3", .allowWithLimit(3)), ("\"allow_with_limit:12\"", .allowWithLimit(12)),
    ] as [(String, MaxContractsPerInstrument.UnknownSymbol)])
  func unknownSymbols(
    _ text: String, unknown: MaxContractsPerInstrument.UnknownSymbol
  ) throws {
    let (rules, notices) = try rules(
      "NQ: 1}}", "nq: 1}, enforcement: close_all, unknown_symbol_action: \(text)}")
    #expect(
      rules.maxContractsPerInstrument
        == MaxContractsPerInstrument.Parameters(
          limits: [SymbolRoot("MNQ"): 2, SymbolRoot("ENQ"): 1], action: .closeAll,
          unknownSymbol: unknown))
    #expect(notices.contains("unknown_symbol_action: "))
    #expect(notices.contains("limits.nq: nq is ENQ at the venue\n"))
  }

  @Test func dailyLossWithEveryKey() throws {
    let (rules, notices) = try rules(
      "loss_limit: 500.00",
      "loss_limit: 1, action: CLOSE_ALL_POSITIONS, lockout_until: permanent, combined: true, "
        + "include_fees: true")
    #expect(
      rules.dailyRealizedLoss
        == DailyRealizedLoss.Parameters(
          lossLimit: Money(dollars: 1), action: .closeAllPositions, lockoutEnd: .permanent,
          combined: true, includeFees: true))
    #expect(notices.contains("has no effect, because CLOSE_ALL_POSITIONS does not lock"))
    #expect(notices.contains("loss_limit: 300.00 is above the daily limit of 1.00"))
  }

  @Test(
    arguments: [
      ("", .perPosition, .closePosition, .dailyReset, ""),
      (", scope: total", .total, .closeAllAndLockout, .dailyReset, ""),
      (
        ", scope: total, action: CLOSE_ALL_AND_LOCKOUT, lockout: true, lockout_until: permanent",
        .total, .closeAllAndLockout, .permanent, ""
      ),
      (
        ", scope: total, action: CLOSE_POSITION, lockout: false", .total, .closePosition,
        .dailyReset, "with scope total closes every position and does not lock"
      ),
      (
        ", lockout_until: daily_reset", .perPosition, .closePosition, .dailyReset,
        "has no effect, because CLOSE_POSITION does not lock"
      ),
      (
        ", check_interval_seconds: 10", .perPosition, .closePosition, .dailyReset,
        "every quote is evaluated"
      ),
    ] as [(String, DailyUnrealizedLoss.Scope, DailyUnrealizedLoss.Action, LockoutEnd, String)])
  func openLoss(
    _ keys: String, scope: DailyUnrealizedLoss.Scope, action: DailyUnrealizedLoss.Action,
    end: LockoutEnd, notice: String
  ) throws {
    let (rules, notices) = try rules("loss_limit: 300.00", "loss_limit: 300\(keys)")
    #expect(
      rules.dailyUnrealizedLoss
        == DailyUnrealizedLoss.Parameters(
          lossLimit: Money(dollars: 300), scope: scope, action: action, lockoutEnd: end))
    #expect(notice.isEmpty || notices.contains(notice))
  }

  @Test(
    arguments: [
      ("profit_target: 250.5", .profitTarget(Money(micros: 250_500_000)), .perPosition, ""),
      ("profit_target: 1, scope: total", .profitTarget(Money(dollars: 1)), .total, ""),
      (
        "profit_target: 1, arm_after_ticks: 2", .profitTarget(Money(dollars: 1)), .perPosition,
        "arm_after_ticks: has no effect in the mode profit_target"
      ),
      ("mode: breakeven", .breakeven(armAfterTicks: 1), .perPosition, ""),
      (
        "mode: breakeven, arm_after_ticks: 4, profit_target: 5", .breakeven(armAfterTicks: 4),
        .perPosition, "profit_target: has no effect in the mode breakeven"
      ),
    ] as [(String, MaxUnrealizedProfit.Mode, MaxUnrealizedProfit.Scope, String)])
  func openProfit(
    _ keys: String, mode: MaxUnrealizedProfit.Mode, scope: MaxUnrealizedProfit.Scope,
    notice: String
  ) throws {
    let (rules, notices) = try rules("profit_target: 1000.00", keys)
    #expect(
      rules.maxUnrealizedProfit == MaxUnrealizedProfit.Parameters(mode: mode, scope: scope))
    #expect(notice.isEmpty || notices.contains(notice))
  }

  @Test func blockedSymbolsInEitherSpelling() throws {
    let (rules, notices) = try rules(
      "[RTY]", "[rty, es, M2K], close_existing: false, action: CANCEL_ORDER")
    #expect(
      rules.symbolBlocks
        == SymbolBlocks.Parameters(
          blocked: [SymbolRoot("RTY"), SymbolRoot("EP"), SymbolRoot("M2K")], closeExisting: false))
    #expect(notices.contains("blocked_symbols[1]: es is EP at the venue\n"))
    #expect(notices.contains("symbol_blocks.action: is accepted and has no effect"))
  }

  @Test(arguments: [
    "max_contracts", "max_contracts_per_instrument", "daily_realized_loss",
    "daily_unrealized_loss", "max_unrealized_profit", "symbol_blocks",
  ])
  func aRuleThatIsOffNeedsNoLimit(_ rule: String) throws {
    let line = try #require(
      ConfigurationRoot.rulesText.split(separator: "\n").first { $0.hasPrefix("  \(rule):") })
    let (rules, notices) = try rules(String(line), "  \(rule): {enabled: false}")
    let loaded = [
      rules.maxContracts == nil, rules.maxContractsPerInstrument == nil,
      rules.dailyRealizedLoss == nil, rules.dailyUnrealizedLoss == nil,
      rules.maxUnrealizedProfit == nil, rules.symbolBlocks == nil,
    ]
    #expect(loaded.count(where: { $0 }) == 1)
    #expect(notices.contains("5 of 12 rules are enabled; off: "))
  }

  @Test func globalKeys() throws {
    let (rules, _) = try rules(
      "rules:\n",
      """
      global:
        strict_mode: false
        logging_level: DEBUG
        mark_price: conservative
        absurd_print: {ticks: 5, per_mille: 1, wait: 100}
      rules:

      """)
    #expect(rules.markPrice == .conservative)
    #expect(
      rules.absurdPrint
        == AbsurdPrintFilter(ticks: 5, perMille: 1, wait: .milliseconds(100)))
  }
}
