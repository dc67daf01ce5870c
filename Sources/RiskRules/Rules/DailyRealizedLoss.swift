import RiskModel

/// RULE-003 `daily_realized_loss`: stops the trading day when its realized loss reaches the limit.
///
/// The result of the day is the sum of the venue's own figures of the closing executions, each
/// counted once, by the trading day of their time stamps; a voided execution is taken back, and a
/// result that the venue corrects is corrected. With `include_fees` the fees and commissions of all
/// executions are taken off, also those that the venue tells later. The rule fires at the limit.
/// Winning trades later in the day do not unlock; the daily reset does. With `combined` the open
/// profit and loss of the positions counts too whose price is known.
package struct DailyRealizedLoss: RiskRule {
  static let id = RuleID.dailyRealizedLoss
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    let ledger = view.state.ledger
    let realized = ledger.result(withFees: parameters.includeFees)
    let open = parameters.combined ? view.knownOpenProfit : nil
    let isReached =
      realized <= -parameters.lossLimit
      || open.map { realized + $0 <= -parameters.lossLimit } ?? false
    guard isReached else { return [] }
    let reason = BreachReason.dailyLossReached(
      realized: realized, open: open, limit: parameters.lossLimit)
    switch parameters.action {
    case .closeAllAndLockout:
      return [Verdict(reason, .flatAccount, until: end(of: ledger.tradingDate))]
    case .closeAllPositions:
      guard view.state.hasExposureOrOrders else { return [] }
      return [Verdict(reason, .flatAccount, until: .episode)]
    }
  }

  func deadline(_ view: AccountView, _ memory: NoMemory) -> Instant? {
    parameters.combined ? view.firstPriceDeadline : nil
  }

  func isDue(_ view: AccountView, _ memory: NoMemory) -> Bool {
    parameters.combined && view.hasMissedFirstPrice
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    let realized = view.state.ledger.result(withFees: parameters.includeFees)
    let open = parameters.combined ? view.knownOpenProfit ?? .zero : .zero
    let loss = -min(realized, realized + open)
    return [Distance(Self.id, .account, .money(value: loss, limit: parameters.lossLimit))]
  }

  private func end(of date: CivilDate) -> TargetEnd {
    switch parameters.lockoutEnd {
    case .dailyReset: .dailyReset(date)
    case .permanent: .permanent
    }
  }
}
