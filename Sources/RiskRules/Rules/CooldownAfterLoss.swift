import RiskModel

/// RULE-007 `cooldown_after_loss`: a break after a trade that lost too much.
///
/// The result of one execution counts, at the threshold; with `aggregate_by_order` that of the
/// executions of one order within two seconds, because a loss taken in pieces is one loss. The
/// break runs from the execution. What is open may stay and shrink; nothing may be added. Another
/// such loss makes the break longer, never shorter. Closes by riskd count: a loss is a loss. How near
/// it is shows in what each position would lose if it were closed at once.
package struct CooldownAfterLoss: RiskRule {
  static let id = RuleID.cooldownAfterLoss
  var parameters: Parameters

  static let aggregationTime = TimeSpan.seconds(2)

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    switch trigger {
    case .trade, .snapshot, .configuration: break
    case .position, .order, .mark, .account, .orderReading, .ownClose, .tick: return []
    }
    let breaks = losses(view).compactMap { loss -> (loss: Loss, step: Step, until: Instant)? in
      guard let step = parameters.steps.last(where: { loss.amount >= $0.loss }) else { return nil }
      return (loss, step, loss.at + step.cooldown)
    }
    // Of losses at the same moment always the same one: the ledger has no order.
    func rank(_ loss: Loss) -> (Money, ContractID) { (loss.amount, loss.contract) }
    let longest = breaks.max {
      let (one, other) = (($0.until, $0.loss.at), ($1.until, $1.loss.at))
      return one == other ? rank($0.loss) < rank($1.loss) : one < other
    }
    guard let longest, !view.isOver(.at(longest.until))
    else { return [] }
    let reason = BreachReason.lossOfTrade(
      contract: longest.loss.contract, loss: longest.loss.amount, threshold: longest.step.loss)
    return [Verdict(reason, .noNewExposure(view.baselines), until: .at(longest.until))]
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    guard let threshold = parameters.steps.first?.loss else { return [] }
    return view.openPositions.compactMap { held in
      view.openProfit(of: held).map {
        Distance(
          Self.id, .contract(held.position.contract), .money(value: -$0, limit: threshold))
      }
    }
  }

  private struct Loss {
    var contract: ContractID
    var amount: Money
    var at: Instant
  }

  private func losses(_ view: AccountView) -> [Loss] {
    let closing = view.state.ledger.entries.values.compactMap {
      entry -> (profit: Money, execution: DayLedger.Execution)? in
      guard !entry.isVoided, let profit = entry.profit, let execution = entry.execution else {
        return nil
      }
      return (profit, execution)
    }
    guard parameters.aggregatesByOrder else {
      return closing.map { Loss(contract: $1.contract, amount: -$0, at: $1.at) }
    }
    return Dictionary(grouping: closing, by: \.execution.order).values.flatMap { fills in
      aggregate(fills.sorted { $0.execution.at < $1.execution.at })
    }
  }

  private func aggregate(_ fills: [(profit: Money, execution: DayLedger.Execution)]) -> [Loss] {
    var losses: [Loss] = []
    var groupStart: Instant?
    for (profit, execution) in fills {
      if let start = groupStart, execution.at - start <= Self.aggregationTime {
        losses[losses.count - 1].amount -= profit
        losses[losses.count - 1].at = execution.at
      } else {
        groupStart = execution.at
        losses.append(Loss(contract: execution.contract, amount: -profit, at: execution.at))
      }
    }
    return losses
  }
}
