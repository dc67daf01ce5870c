import Testing

@testable import Settings

/// Slips in risk_config.yaml.
struct RuleFileSlipTests {
  @Test(arguments: slips)
  func isReported(_ slip: Slip) throws {
    try slip.check()
  }

  private static func rules(
    _ name: String, _ old: String, _ new: String, _ report: String...
  ) -> Slip {
    Slip(name: name, file: "config/risk_config.yaml", old: old, new: new, report: report)
  }

  static let slips: [Slip] = [
    rules(
      "missing block", "  cooldown_after_loss: {enabled: false}\n", "",
      "config/risk_config.yaml:1: rules.cooldown_after_loss: the block is missing; add it, "
        + "with enabled: false where the rule is not wanted"),
    rules(
      "no rules", ConfigurationRoot.rulesText, "global: {mark_price: mid}\n",
      "config/risk_config.yaml:1: rules: is missing; add the block"),
    rules(
      "unknown rule", "rules:\n", "rules:\n  max_contract: {enabled: false}\n",
      "config/risk_config.yaml:2: rules.max_contract: is not a known key; did you mean "
        + "max_contracts?"
    ),
    rules(
      "switch missing", "max_contracts: {enabled: true, limit: 5}", "max_contracts: {limit: 5}",
      "config/risk_config.yaml:2: rules.max_contracts.enabled: is missing; write true or false"),
    rules(
      "limit missing", "max_contracts: {enabled: true, limit: 5}", "max_contracts: {enabled: true}",
      "config/risk_config.yaml:2: rules.max_contracts.limit: is missing; write a whole "
        + "number from 1 to 100000"),
    rules(
      "both actions", "limit: 5}", "limit: 5, close_all: true, reduce_to_limit: true}",
      "config/risk_config.yaml:2: rules.max_contracts.reduce_to_limit: is true, and "
        + "close_all is true as well; set one of the two to false"),
    rules(
      "no action", "limit: 5}", "limit: 5, close_all: false}",
      "config/risk_config.yaml:2: rules.max_contracts.close_all: is false, and no other "
        + "action is chosen; set reduce_to_limit: true"),
    rules(
      "actions that differ", "limit: 5}",
      "limit: 5, enforcement: close_all, reduce_to_limit: true}",
      "config/risk_config.yaml:2: rules.max_contracts.enforcement: is \"close_all\", and a "
        + "switch beside it says otherwise; keep enforcement alone"),
    rules(
      "lockout that does not exist", "limit: 5}", "limit: 5, lockout_on_breach: true}",
      "config/risk_config.yaml:2: rules.max_contracts.lockout_on_breach: is true, but this "
        + "version never locks for this rule; write false"),
    rules(
      "one symbol by two names", "NQ: 1}", "NQ: 1, enq: 2}",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.limits.enq: is the same "
        + "symbol as NQ, which has a limit already; keep one of the two"),
    rules(
      "limit of nothing", "NQ: 1}", "NQ: 0}",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.limits.NQ: is \"0\"; "
        + "write a whole number of contracts from 1 to 100000"),
    rules(
      "contract for a symbol", "NQ: 1}", "CON.F.US.MNQ.Z25: 1}",
      "config/risk_config.yaml:3: "
        + "rules.max_contracts_per_instrument.limits.CON.F.US.MNQ.Z25: \"CON.F.US.MNQ.Z25\" is "
        + "not a symbol; write the root of a symbol, such as MNQ"),
    rules(
      "no symbols", "limits: {MNQ: 2, NQ: 1}", "limits: {}",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.limits: names no "
        + "symbol; write one line per symbol, such as MNQ: 2"),
    rules(
      "limits missing", ", limits: {MNQ: 2, NQ: 1}", "",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.limits: is missing; "
        + "write one line per symbol, such as MNQ: 2"),
    rules(
      "limits that are a list", "limits: {MNQ: 2, NQ: 1}", "limits: [MNQ]",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.limits: is a list; "
        + "write a block of keys"),
    rules(
      "unknown action for unknown symbols", "NQ: 1}}",
      "NQ: 1}, unknown_symbol_action: allow_with_limit:0}",
      "config/risk_config.yaml:3: rules.max_contracts_per_instrument.unknown_symbol_action: "
        + "is \"allow_with_limit:0\"; write block, allow_with_limit:N or allow_unlimited"),
    rules(
      "loss of zero", "500.00", "0.00",
      "config/risk_config.yaml:4: rules.daily_realized_loss.loss_limit: is \"0.00\"; write "
        + "an amount in dollars other than 0, such as 500.00"),
    rules(
      "finer than money is", "500.00", "500.0000001",
      "config/risk_config.yaml:4: rules.daily_realized_loss.loss_limit: is \"500.0000001\"; "
        + "write an amount in dollars other than 0, such as 500.00"),
    rules(
      "money with a separator", "500.00", "\"1,000.00\"",
      "config/risk_config.yaml:4: rules.daily_realized_loss.loss_limit: is the text "
        + "\"1,000.00\" in quotes; write an amount in dollars other than 0, such as 500.00"),
    rules(
      "profit that is a loss", "1000.00", "-1000.00",
      "config/risk_config.yaml:6: rules.max_unrealized_profit.profit_target: is "
        + "\"-1000.00\"; write an amount in dollars above 0, such as 1000.00"),
    rules(
      "old spelling", "loss_limit: 500.00", "limit: -500",
      "config/risk_config.yaml:4: rules.daily_realized_loss.limit: is not a key of riskd; "
        + "write loss_limit",
      "config/risk_config.yaml:4: rules.daily_realized_loss.loss_limit: is missing; write an "
        + "amount in dollars other than 0, such as 500.00"),
    rules(
      "lockout by one position", "loss_limit: 300.00",
      "loss_limit: 300.00, action: CLOSE_ALL_AND_LOCKOUT",
      "config/risk_config.yaml:5: rules.daily_unrealized_loss.action: is "
        + "CLOSE_ALL_AND_LOCKOUT, which a single position cannot cause; write scope: total, or "
        + "action: CLOSE_POSITION"),
    rules(
      "lockout without the action", "loss_limit: 300.00", "loss_limit: 300.00, lockout: true",
      "config/risk_config.yaml:5: rules.daily_unrealized_loss.lockout: is true, and the "
        + "action says otherwise; write scope: total and action: CLOSE_ALL_AND_LOCKOUT for a "
        + "lockout, or lockout: false"),
    rules(
      "breakeven of everything", "profit_target: 1000.00", "mode: breakeven, scope: total",
      "config/risk_config.yaml:6: rules.max_unrealized_profit.scope: is total, and breakeven "
        + "follows one position; write scope: per_position"),
    rules(
      "symbol blocked twice", "[RTY]", "[NQ, RTY, ENQ]",
      "config/risk_config.yaml:7: rules.symbol_blocks.blocked_symbols[2]: \"ENQ\" is in the "
        + "list already, perhaps by its other name; keep one of the two"),
    rules(
      "nothing blocked", "[RTY]", "[]",
      "config/risk_config.yaml:7: rules.symbol_blocks.blocked_symbols: names no symbol; list "
        + "one, or set enabled: false"),
    rules(
      "list of symbols missing", ", blocked_symbols: [RTY]", "",
      "config/risk_config.yaml:7: rules.symbol_blocks.blocked_symbols: is missing; list the symbols"
    ),
    rules(
      "symbol that is none", "[RTY]", "[\"R T\"]",
      "config/risk_config.yaml:7: rules.symbol_blocks.blocked_symbols[0]: is the text \"R "
        + "T\" in quotes; write the root of a symbol, such as MNQ"),
    rules(
      "typo in a block of a later version", "session_block_outside: {enabled: false}",
      "session_block_outside: {enabled: false, allowed_hours: {start: \"15:00\", end: "
        + "\"08:30\", stop: 1}}",
      "config/risk_config.yaml:11: rules.session_block_outside.allowed_hours.end: is not "
        + "after start; write a later time of the same day",
      "config/risk_config.yaml:11: rules.session_block_outside.allowed_hours.stop: is not a "
        + "known key; the keys here are start, end"),
  ]
}
