import RiskModel

/// The rules that this version cannot load. Their blocks are checked all the same, so that a file
/// that is accepted today is accepted by the version that has the rule.
enum LaterRules {
  static let rules: [RuleID] = [
    .tradeFrequencyLimit, .cooldownAfterLoss, .noStopLossGrace, .sessionBlockOutside,
    .authLossGuard, .tradeManagement, .dailyRealizedProfit,
  ]

  /// Checks a block. An enabled rule that would not be there is an error: the trader relies on it.
  static func check(_ rule: RuleID, _ block: Section) {
    let enabled = block.required("enabled", .boolean)
    if enabled.value == true {
      block.findings.problem(
        enabled.place, "is true, but this version of riskd cannot load the rule \(rule.key)",
        "write false until a release has the rule")
    }
    checkParameters(rule, block, isEnabled: enabled.value == true)
    block.finish()
  }

  private static func checkParameters(_ rule: RuleID, _ block: Section, isEnabled: Bool) {
    switch rule {
    case .tradeFrequencyLimit: tradeFrequencyLimit(block, isEnabled)
    case .cooldownAfterLoss: cooldownAfterLoss(block, isEnabled)
    case .noStopLossGrace: noStopLossGrace(block, isEnabled)
    case .sessionBlockOutside: sessionBlockOutside(block, isEnabled)
    case .authLossGuard: authLossGuard(block)
    case .tradeManagement: tradeManagement(block)
    case .dailyRealizedProfit:
      _ = block.required("target", .profitTarget, if: isEnabled)
      block.refused("limit", "write target")
    case .maxContracts, .maxContractsPerInstrument, .dailyRealizedLoss, .dailyUnrealizedLoss,
      .maxUnrealizedProfit, .symbolBlocks, .failClosed:
      preconditionFailure("Invariant: \(rule) is loaded by this version.")
    }
  }

  private static let count: ClosedRange<Int64> = 1...100_000
  private static let seconds: ClosedRange<Int64> = 1...86_400

  private static func tradeFrequencyLimit(_ block: Section, _ isEnabled: Bool) {
    _ = block.required("max_trades", .integer(count), if: isEnabled)
    _ = block.required("time_window_minutes", .integer(1...1_440), if: isEnabled)
    _ = block.optional("cooldown_seconds", .integer(seconds))
    _ = block.optional("count_by", .word("execution", "order", "round_turn"))
    block.section("limits") { limits in
      for key in ["per_minute", "per_hour", "per_session"] {
        _ = limits.optional(key, .integer(count))
      }
    }
    block.section("cooldown_on_breach") { cooldown in
      _ = cooldown.optional("enabled", .boolean)
      for key in ["per_minute_breach", "per_hour_breach", "per_session_breach"] {
        _ = cooldown.optional(key, .integer(seconds))
      }
    }
  }

  private static func cooldownAfterLoss(_ block: Section, _ isEnabled: Bool) {
    _ = block.required("loss_threshold", .lossLimit, if: isEnabled)
    _ = block.required("cooldown_seconds", .integer(seconds), if: isEnabled)
    _ = block.optional("aggregate_by_order", .boolean)
    _ = block.optional("allow_trading_during_cooldown", .boolean)
    for step in block.sections("loss_thresholds") {
      _ = step.required("loss_amount", .lossLimit)
      _ = step.required("cooldown_duration", .integer(seconds))
      step.finish()
    }
  }

  private static func noStopLossGrace(_ block: Section, _ isEnabled: Bool) {
    _ = block.required("grace_period_seconds", .integer(1...3_600), if: isEnabled)
    _ = block.optional("action", .word("CLOSE_POSITION"))
    _ = block.optional("require_full_coverage", .boolean)
    block.refused("require_within_seconds", "write grace_period_seconds")
  }

  private static func sessionBlockOutside(_ block: Section, _ isEnabled: Bool) {
    block.section("allowed_hours") { hours in
      sessionHours(hours, isRequired: isEnabled, mayWrap: false)
    }
    _ = block.optional("timezone", .zone)
    _ = block.optional(
      "action", .word("close_all_and_lockout", "CLOSE_ALL_AND_LOCKOUT", "CANCEL_ORDER"))
    _ = block.list("allowed_days", of: .integer(0...6), default: [])
    for key in ["respect_holidays", "close_positions_at_session_end", "lockout_outside_session"] {
      _ = block.optional(key, .boolean)
    }
    block.section("per_instrument_sessions") { sessions in
      _ = sessions.optional("enabled", .boolean)
      sessions.section("sessions") { symbols in
        for (name, _) in symbols.allEntries.prefix(Section.mostElements) {
          symbols.section(name) { hours in
            sessionHours(hours, isRequired: true, mayWrap: true)
            _ = hours.optional("timezone", .zone)
          }
        }
      }
    }
    block.refused("global_session", "write allowed_hours and timezone")
  }

  private static func sessionHours(_ hours: Section, isRequired: Bool, mayWrap: Bool) {
    let start = hours.required("start", .timeOfDay, if: isRequired)
    let end = hours.required("end", .timeOfDay, if: isRequired)
    guard !mayWrap else { return }
    hours.expect(
      end, start,
      { end, start in
        guard let end, let start else { return true }
        return start < end
      }, "is not after start", "write a later time of the same day")
  }

  private static func authLossGuard(_ block: Section) {
    _ = block.optional("action", .word("CLOSE_ALL_AND_LOCKOUT"))
    _ = block.optional("enforcement", .word("close_all_and_lockout"))
    _ = block.optional("auto_unlock_on_restore", .boolean)
    _ = block.optional("check_on_startup", .boolean)
  }

  private static func tradeManagement(_ block: Section) {
    _ = block.optional("auto_stop_loss", .boolean)
    _ = block.optional("stop_loss_ticks", .integer(count))
    block.section("auto_breakeven") { breakeven in
      _ = breakeven.optional("enabled", .boolean)
      _ = breakeven.optional("profit_trigger_ticks", .integer(count))
      _ = breakeven.optional("offset_ticks", .integer(0...100_000))
    }
    block.section("trailing_stop") { trailing in
      _ = trailing.optional("enabled", .boolean)
      _ = trailing.optional("activation_ticks", .integer(count))
      _ = trailing.optional("trail_distance_ticks", .integer(count))
      _ = trailing.optional("update_frequency", .integer(count))
    }
  }
}
