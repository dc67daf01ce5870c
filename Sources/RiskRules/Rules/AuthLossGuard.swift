import RiskModel

/// RULE-010 `auth_loss_guard`: closes and locks an account that the venue does not let trade.
///
/// `canTrade` is false: everything is closed, as far as the venue still does it, and the account is
/// locked until it is true again, or for good where `auto_unlock_on_restore` is false. A venue that does not say is not one that says no; it neither locks
/// nor unlocks. A lost connection is an alert, not this rule.
package struct AuthLossGuard: RiskRule {
  static let id = RuleID.authLossGuard
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    guard view.state.account?.canTrade == false else { return [] }
    let end: TargetEnd = parameters.unlocksOnRestore ? .tradingRestored : .permanent
    return [Verdict(.tradingWithdrawn, .flatAccount, until: end)]
  }
}
