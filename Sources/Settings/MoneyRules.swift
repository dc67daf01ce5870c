import RiskModel
import RiskRules

/// The blocks of the rules that watch profit and loss.
extension Section {
  func dailyRealizedLoss() -> DailyRealizedLoss.Parameters? {
    let enabled = required("enabled", .boolean)
    let limit = required("loss_limit", .lossLimit, if: enabled.value == true)
    let action = value(
      "action", .oneOf(DailyRealizedLoss.Action.self), default: .closeAllAndLockout)
    let end = value("lockout_until", .oneOf(LockoutEnd.self), default: .dailyReset)
    let combined = value("combined", .boolean, default: false)
    let includeFees = value("include_fees", .boolean, default: false)
    refused("limit", "write loss_limit")
    refused("reset_time", "write system.dailyReset.time in config.yaml")
    refused("timezone", "write system.dailyReset.timezone in config.yaml")
    refused("enforcement", "write action")
    refused("lockout_until_reset", "write lockout_until: daily_reset")
    if end.isPresent, action.isSound, action.value == .closeAllPositions {
      findings.notice(end.place, "has no effect, because \(action.value.rawValue) does not lock")
    }
    guard enabled.value == true, let limit = limit.value else { return nil }
    return DailyRealizedLoss.Parameters(
      lossLimit: limit, action: action.value, lockoutEnd: end.value, combined: combined.value,
      includeFees: includeFees.value)
  }

  func dailyUnrealizedLoss() -> DailyUnrealizedLoss.Parameters? {
    let enabled = required("enabled", .boolean)
    let limit = required("loss_limit", .lossLimit, if: enabled.value == true)
    let scope = value("scope", .oneOf(DailyUnrealizedLoss.Scope.self), default: .perPosition)
    let action = value(
      "action", .oneOf(DailyUnrealizedLoss.Action.self),
      default: scope.value == .total ? .closeAllAndLockout : .closePosition)
    let end = value("lockout_until", .oneOf(LockoutEnd.self), default: .dailyReset)
    let lockout = optional("lockout", .boolean)
    if lockout.isPresent { noteIgnored("lockout", "action decides, and it has to agree") }
    ignored(
      "check_interval_seconds", .integer(1...3_600), because: "every quote is evaluated")
    refused("composite_enforcement", "write combined: true in daily_realized_loss")
    refused("limit", "write loss_limit")
    expect(
      action, scope, { $0 != .closeAllAndLockout || $1 == .total },
      "is CLOSE_ALL_AND_LOCKOUT, which a single position cannot cause",
      "write scope: total, or action: CLOSE_POSITION")
    expect(
      lockout, action, { $0 == nil || $0 == ($1 == .closeAllAndLockout) },
      "is \(lockout.value == true), and the action says otherwise",
      "write scope: total and action: CLOSE_ALL_AND_LOCKOUT for a lockout, or lockout: false")
    if end.isPresent, action.isSound, action.value != .closeAllAndLockout {
      findings.notice(end.place, "has no effect, because \(action.value.rawValue) does not lock")
    }
    if scope.value == .total, action.value == .closePosition {
      findings.notice(action.place, "with scope total closes every position and does not lock")
    }
    guard enabled.value == true, let limit = limit.value else { return nil }
    return DailyUnrealizedLoss.Parameters(
      lossLimit: limit, scope: scope.value, action: action.value, lockoutEnd: end.value)
  }

  func maxUnrealizedProfit() -> MaxUnrealizedProfit.Parameters? {
    let enabled = required("enabled", .boolean)
    let mode = value("mode", .oneOf(ProfitMode.self), default: .profitTarget)
    let target = required(
      "profit_target", .profitTarget, if: enabled.value == true && mode.value == .profitTarget)
    let scope = value("scope", .oneOf(MaxUnrealizedProfit.Scope.self), default: .perPosition)
    let arm = value("arm_after_ticks", .integer(1...100_000, unit: "ticks"), default: 1)
    ignored("action", .word("CLOSE_POSITION"), because: "the rule always does this")
    refused("enforcement_mode", "write mode")
    refused("target", "write profit_target")
    expect(
      scope, mode, { $0 == .perPosition || $1 == .profitTarget },
      "is total, and breakeven follows one position", "write scope: per_position")
    switch mode.value {
    case .profitTarget where arm.isPresent:
      findings.notice(arm.place, "has no effect in the mode profit_target")
    case .breakeven where target.isPresent:
      findings.notice(target.place, "has no effect in the mode breakeven")
    default: break
    }
    guard enabled.value == true else { return nil }
    switch mode.value {
    case .breakeven:
      return MaxUnrealizedProfit.Parameters(
        mode: .breakeven(armAfterTicks: arm.value), scope: scope.value)
    case .profitTarget:
      return target.value.map {
        MaxUnrealizedProfit.Parameters(mode: .profitTarget($0), scope: scope.value)
      }
    }
  }
}

extension Section {
  func dailyRealizedProfit() -> DailyRealizedProfit.Parameters? {
    let enabled = required("enabled", .boolean)
    let target = required("target", .profitTarget, if: enabled.value == true)
    let end = value("lockout_until", .oneOf(LockoutEnd.self), default: .dailyReset)
    let combined = value("combined", .boolean, default: false)
    let includeFees = value("include_fees", .boolean, default: false)
    ignored("action", .word("CLOSE_ALL_AND_LOCKOUT"), because: "the rule always does this")
    refused("limit", "write target")
    refused("reset_time", "write system.dailyReset.time in config.yaml")
    refused("timezone", "write system.dailyReset.timezone in config.yaml")
    guard enabled.value == true, let target = target.value else { return nil }
    return DailyRealizedProfit.Parameters(
      target: target, lockoutEnd: end.value, combined: combined.value,
      includeFees: includeFees.value)
  }
}

private enum ProfitMode: String, CaseIterable {
  case profitTarget = "profit_target"
  case breakeven
}
