import RiskModel
import RiskRules

/// The blocks of the rules that look after stops and the right to trade.
extension Section {
  func noStopLossGrace() -> NoStopLossGrace.Parameters? {
    let enabled = required("enabled", .boolean)
    let grace = required(
      "grace_period_seconds", .seconds(1...3_600), if: enabled.value == true)
    let coverage = value("require_full_coverage", .boolean, default: false)
    ignored("action", .word("CLOSE_POSITION"), because: "the rule always does this")
    refused("require_within_seconds", "write grace_period_seconds")
    guard enabled.value == true, let grace = grace.value else { return nil }
    return NoStopLossGrace.Parameters(grace: grace, requiresFullCoverage: coverage.value)
  }

  func authLossGuard() -> AuthLossGuard.Parameters? {
    let enabled = required("enabled", .boolean)
    let unlocks = value("auto_unlock_on_restore", .boolean, default: true)
    fixed("check_on_startup", true, because: "every account is checked whenever it is read")
    ignored("action", .word("CLOSE_ALL_AND_LOCKOUT"), because: "the rule always does this")
    ignored("enforcement", .word("close_all_and_lockout"), because: "the rule always does this")
    refused("alert_on_disconnect", "leave it out: a lost connection is always told")
    refused("alert_on_auth_failure", "leave it out: a failed login is always told")
    guard enabled.value == true else { return nil }
    if !unlocks.value {
      findings.notice(unlocks.place, "is false: only an administrator ends this lockout")
    }
    return AuthLossGuard.Parameters(unlocksOnRestore: unlocks.value)
  }

  /// The block is read to the last key, also while the rule is off.
  func tradeManagement() -> TradeManagement.Parameters? {
    let enabled = required("enabled", .boolean)
    let ticks = ValueForm<Int64>.integer(1...100_000, unit: "ticks")
    let autoStop = value("auto_stop_loss", .boolean, default: false)
    let stopTicks = value("stop_loss_ticks", ticks, default: 10)
    let breakeven = section("auto_breakeven") { part -> TradeManagement.Breakeven? in
      let isOn = part.value("enabled", .boolean, default: false)
      let trigger = part.value("profit_trigger_ticks", ticks, default: 10)
      let offset = part.value("offset_ticks", .integer(0...100_000, unit: "ticks"), default: 0)
      part.expect(
        offset, trigger, <,
        "is not below profit_trigger_ticks, so the stop would be at or beyond "
          + "the market", "write fewer ticks")
      return isOn.value ? .init(triggerTicks: trigger.value, offsetTicks: offset.value) : nil
    }
    let trailing = section("trailing_stop") { part -> TradeManagement.Trailing? in
      let isOn = part.value("enabled", .boolean, default: false)
      let activation = part.value("activation_ticks", ticks, default: 20)
      let distance = part.value("trail_distance_ticks", ticks, default: 10)
      let interval = part.value("update_frequency", .seconds(1...3_600), default: .seconds(1))
      return isOn.value
        ? .init(
          activationTicks: activation.value, distanceTicks: distance.value,
          interval: interval.value) : nil
    }
    guard enabled.value == true else { return nil }
    return TradeManagement.Parameters(
      autoStopTicks: autoStop.value ? stopTicks.value : nil, breakeven: breakeven,
      trailing: trailing)
  }
}
