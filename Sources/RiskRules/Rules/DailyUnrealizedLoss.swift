import RiskModel

/// RULE-004 `daily_unrealized_loss`: closes what is open when its open loss reaches the limit.
///
/// With scope `per_position` each position stands alone and only the losing contract is closed;
/// with scope `total` the sum over all positions counts, and everything is closed. The rule fires
/// at the limit. A position without a price or without contract data is not evaluable; it neither
/// fires nor keeps the others from it.
package struct DailyUnrealizedLoss: RiskRule {
  static let id = RuleID.dailyUnrealizedLoss
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    switch parameters.scope {
    case .perPosition: view.openPositions.compactMap { verdict(on: $0, view) }
    case .total: total(view)
    }
  }

  func deadline(_ view: AccountView, _ memory: NoMemory) -> Instant? {
    parameters.scope == .total ? view.firstPriceDeadline : nil
  }

  func isDue(_ view: AccountView, _ memory: NoMemory) -> Bool {
    parameters.scope == .total && view.hasMissedFirstPrice
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    switch parameters.scope {
    case .perPosition:
      view.openPositions.compactMap { held in
        view.openProfit(of: held).map { distance(.contract(held.position.contract), $0) }
      }
    case .total:
      view.knownOpenProfit.map { [distance(.account, $0)] } ?? []
    }
  }

  private func distance(_ subject: Distance.Subject, _ open: Money) -> Distance {
    Distance(Self.id, subject, .money(value: -open, limit: parameters.lossLimit))
  }

  private func verdict(on held: PositionState, _ view: AccountView) -> Verdict? {
    guard let open = view.openProfit(of: held), open <= -parameters.lossLimit else { return nil }
    let contract = held.position.contract
    return Verdict(
      .openLossReached(contract: contract, open: open, limit: parameters.lossLimit),
      .flat(contract), until: .episode)
  }

  private func total(_ view: AccountView) -> [Verdict] {
    guard !view.state.positions.isEmpty, let open = view.knownOpenProfit,
      open <= -parameters.lossLimit
    else { return [] }
    let reason = BreachReason.openLossReached(
      contract: nil, open: open, limit: parameters.lossLimit)
    guard parameters.action == .closeAllAndLockout else {
      return [Verdict(reason, .flatAccount, until: .episode)]
    }
    let end: TargetEnd =
      parameters.lockoutEnd == .permanent
      ? .permanent : .dailyReset(view.state.ledger.tradingDate)
    return [Verdict(reason, .flatAccount, until: end)]
  }
}
