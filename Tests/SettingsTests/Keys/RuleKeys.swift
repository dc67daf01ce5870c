/// The keys of risk_config.yaml. The rules are off, so that a key can stand alone.
enum RuleKeys {
  private static func rule(_ name: String, with: String...) -> KeyBlock {
    KeyBlock(file: .rules, section: "rules.\(name)", with: with.map { "rules.\(name).\($0)" })
  }

  private static let global = KeyBlock(file: .rules, section: "global")
  private static let zone = "America/Chicago"

  static let samples = general + counting + money + pace + guards

  private static let general: [KeySample] =
    global.flags("strict_mode", be: false) + global.word("logging_level", "WARNING")
    + global.word("mark_price", "mid")
    + KeyBlock(file: .rules, section: "global.absurd_print").whole("ticks", 1...100_000, 20)
    + KeyBlock(file: .rules, section: "global.absurd_print").whole("per_mille", 1...1_000, 3)
    + KeyBlock(file: .rules, section: "global.absurd_print").whole("wait", 0...5_000, 500)

  private static let counting: [KeySample] =
    rule("max_contracts").flags("enabled", be: false)
    + rule("max_contracts").whole("limit", 1...100_000, 5)
    + rule("max_contracts").word("count_type", "gross")
    + rule("max_contracts").word("enforcement", "reduce_to_limit")
    + rule("max_contracts").flags("close_all")
    + rule("max_contracts").flags("reduce_to_limit", be: false)
    + rule("max_contracts").fixed("lockout_on_breach", false)
    + rule("max_contracts").fixed("reduce_whole_positions", false)
    + rule("max_contracts_per_instrument").flags("enabled", be: false)
    + [
      KeySample(
        file: .rules, path: "rules.max_contracts_per_instrument.limits", right: "{MNQ: 2}",
        wrong: ["[MNQ]", "2", "{MNQ: 0}"])
    ]
    + rule("max_contracts_per_instrument").whole("limits.MNQ", 1...100_000, 2)
    + rule("max_contracts_per_instrument").value(
      "unknown_symbol_action", "allow_with_limit:2", not: "allow_with_limit:0", "some")
    + rule("max_contracts_per_instrument").word("enforcement", "close_all")
    + rule("max_contracts_per_instrument").fixed("lockout_on_breach", false)
    + rule("symbol_blocks").flags("enabled", be: false)
    + rule("symbol_blocks").list("blocked_symbols", "RTY", not: "a.b")
    + rule("symbol_blocks").flags("close_existing")
    + rule("symbol_blocks").word("action", "CANCEL_ORDER")

  private static let money: [KeySample] =
    rule("daily_realized_loss").flags("enabled", "combined", "include_fees", be: false)
    + rule("daily_realized_loss").value("loss_limit", "500.00", not: "soon", "0", "\"500\"")
    + rule("daily_realized_loss").word("action", "CLOSE_ALL_POSITIONS")
    + rule("daily_realized_loss").word("lockout_until", "permanent")
    + rule("daily_unrealized_loss").flags("enabled", "lockout", be: false)
    + rule("daily_unrealized_loss").value("loss_limit", "300.00", not: "soon", "0")
    + rule("daily_unrealized_loss").word("scope", "per_position")
    + rule("daily_unrealized_loss").word("action", "CLOSE_POSITION")
    + rule("daily_unrealized_loss").word("lockout_until", "daily_reset")
    + rule("daily_unrealized_loss").whole("check_interval_seconds", 1...3_600, 1)
    + rule("max_unrealized_profit").flags("enabled", be: false)
    + rule("max_unrealized_profit").word("mode", "breakeven")
    + rule("max_unrealized_profit").value("profit_target", "1000.00", not: "-1", "soon")
    + rule("max_unrealized_profit").word("scope", "per_position")
    + rule("max_unrealized_profit").whole("arm_after_ticks", 1...100_000, 1)
    + rule("max_unrealized_profit").word("action", "CLOSE_POSITION")
    + rule("daily_realized_profit", with: "enabled=false").flags(
      "enabled", "combined", "include_fees", be: false)
    + rule("daily_realized_profit", with: "enabled=false").value(
      "target", "800.00", not: "0", "soon")
    + rule("daily_realized_profit", with: "enabled=false").word("lockout_until", "permanent")
    + rule("daily_realized_profit", with: "enabled=false").word("action", "CLOSE_ALL_AND_LOCKOUT")

  private static let pace: [KeySample] =
    rule("trade_frequency_limit").flags("enabled", be: false)
    + rule("trade_frequency_limit", with: "time_window_minutes=60").whole(
      "max_trades", 1...100_000, 30)
    + rule("trade_frequency_limit", with: "max_trades=30").whole(
      "time_window_minutes", 1...1_440, 60)
    + rule("trade_frequency_limit").whole("cooldown_seconds", 1...86_400, 60)
    + rule("trade_frequency_limit").word("count_by", "order")
    + ["per_minute", "per_hour", "per_session"].flatMap {
      rule("trade_frequency_limit").whole("limits.\($0)", 1...100_000, 5)
    }
    + ["per_minute_breach", "per_hour_breach", "per_session_breach"].flatMap {
      rule("trade_frequency_limit").whole("cooldown_on_breach.\($0)", 1...86_400, 60)
    }
    + rule("trade_frequency_limit").fixed("cooldown_on_breach.enabled", true)
    + rule("cooldown_after_loss").flags("enabled", "aggregate_by_order", be: false)
    + rule("cooldown_after_loss", with: "cooldown_seconds=300").value(
      "loss_threshold", "100.00", not: "0", "soon")
    + rule("cooldown_after_loss", with: "loss_threshold=100").whole(
      "cooldown_seconds", 1...86_400, 300)
    + rule("cooldown_after_loss").fixed("allow_trading_during_cooldown", false)
    + rule("cooldown_after_loss", with: "loss_thresholds.0.cooldown_duration=60").value(
      "loss_thresholds.0.loss_amount", "50.00", not: "0", "soon")
    + rule("cooldown_after_loss", with: "loss_thresholds.0.loss_amount=50").whole(
      "loss_thresholds.0.cooldown_duration", 1...86_400, 60)

  private static let guards: [KeySample] =
    rule("no_stop_loss_grace").flags("enabled", "require_full_coverage", be: false)
    + rule("no_stop_loss_grace").whole("grace_period_seconds", 1...3_600, 30)
    + rule("no_stop_loss_grace").word("action", "CLOSE_POSITION")
    + rule("session_block_outside").flags("enabled", be: false)
    + rule("session_block_outside", with: "allowed_hours.end=\"15:00\"").value(
      "allowed_hours.start", "\"08:30\"", not: "soon", "\"24:30\"")
    + rule("session_block_outside", with: "allowed_hours.start=\"08:30\"").value(
      "allowed_hours.end", "\"15:00\"", not: "soon", "\"15:61\"")
    + rule("session_block_outside").value("timezone", zone, not: "Chicago")
    + rule("session_block_outside").flags("respect_holidays", be: false)
    + rule("session_block_outside").list("allowed_days", "0, 1", not: "7", "soon")
    + rule("session_block_outside").word("action", "CANCEL_ORDER")
    + rule("session_block_outside").flags(
      "close_positions_at_session_end", "lockout_outside_session")
    + rule("session_block_outside").flags("per_instrument_sessions.enabled", be: false)
    + rule("auth_loss_guard").flags("enabled", be: false)
    + rule("auth_loss_guard").flags("auto_unlock_on_restore")
    + rule("auth_loss_guard").fixed("check_on_startup", true)
    + rule("auth_loss_guard").word("action", "CLOSE_ALL_AND_LOCKOUT")
    + rule("auth_loss_guard").word("enforcement", "close_all_and_lockout")
    + rule("trade_management").flags("enabled", "auto_stop_loss", be: false)
    + rule("trade_management").whole("stop_loss_ticks", 1...100_000, 10)
    + rule("trade_management").flags("auto_breakeven.enabled", be: false)
    + rule("trade_management").whole("auto_breakeven.profit_trigger_ticks", 1...100_000, 10)
    + rule("trade_management").whole("auto_breakeven.offset_ticks", 0...100_000, 0)
    + rule("trade_management").flags("trailing_stop.enabled", be: false)
    + rule("trade_management").whole("trailing_stop.activation_ticks", 1...100_000, 20)
    + rule("trade_management").whole("trailing_stop.trail_distance_ticks", 1...100_000, 10)
    + rule("trade_management").whole("trailing_stop.update_frequency", 1...3_600, 1)
}
