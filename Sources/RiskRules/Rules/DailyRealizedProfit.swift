import RiskModel

/// RULE-013 `daily_realized_profit`: keeps what was won.
///
/// When the result of the trading day reaches the target, everything is closed and the account is
/// locked until the daily reset. The result is counted as in `daily_realized_loss`, and with
/// `combined` the open profit and loss counts too, as long as it is known of every position.
package struct DailyRealizedProfit: RiskRule {
  static let id = RuleID.dailyRealizedProfit
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    let realized = view.state.ledger.result(withFees: parameters.includeFees)
    let open = parameters.combined ? view.openProfit : nil
    let isReached =
      parameters.combined && !view.state.positions.isEmpty
      ? open.map { realized + $0 >= parameters.target } ?? false
      : realized >= parameters.target
    guard isReached else { return [] }
    let reason = BreachReason.dailyProfitReached(
      realized: realized, open: open, target: parameters.target)
    let end: TargetEnd =
      parameters.lockoutEnd == .permanent
      ? .permanent : .dailyReset(view.state.ledger.tradingDate)
    return [Verdict(reason, .flatAccount, until: end)]
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    let realized = view.state.ledger.result(withFees: parameters.includeFees)
    let open = parameters.combined ? view.openProfit ?? .zero : .zero
    return [
      Distance(Self.id, .account, .money(value: realized + open, limit: parameters.target))
    ]
  }
}
