import RiskModel

/// RULE-005 `max_unrealized_profit`: takes an open profit instead of watching it go.
///
/// Mode `profit_target` closes at the target. Mode `breakeven` arms a position once it has been a
/// number of ticks in profit and closes it when it is back at zero or below; it does not wait for
/// exactly zero, which a moving price may skip, and it does not touch a position that never was in
/// profit. The arm belongs to the position's episode and is kept across restarts.
package struct MaxUnrealizedProfit: RiskRule {
  static let id = RuleID.maxUnrealizedProfit
  var parameters: Parameters

  struct Memory: Equatable, Sendable, StartsEmpty {
    /// The episodes that have been far enough in profit.
    var armed: [ContractID: Int64] = [:]
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    switch (parameters.mode, parameters.scope) {
    case (.profitTarget(let target), .perPosition):
      return view.openPositions.compactMap { held in
        guard let open = view.openProfit(of: held), open >= target else { return nil }
        let contract = held.position.contract
        return Verdict(
          .openProfitReached(contract: contract, open: open, target: target), .flat(contract),
          until: .episode)
      }
    case (.profitTarget(let target), .total):
      guard let open = view.openProfit, open >= target else { return [] }
      return [
        Verdict(
          .openProfitReached(contract: nil, open: open, target: target), .flatAccount,
          until: .episode)
      ]
    case (.breakeven(let ticks), _):
      return breakeven(view, armAfter: ticks, memory: &memory)
    }
  }

  func distances(_ view: AccountView, _ memory: Memory) -> [Distance] {
    guard case .profitTarget(let target) = parameters.mode else { return [] }
    func distance(_ subject: Distance.Subject, _ open: Money) -> Distance {
      Distance(Self.id, subject, .money(value: open, limit: target))
    }
    switch parameters.scope {
    case .perPosition:
      return view.openPositions.compactMap { held in
        view.openProfit(of: held).map { distance(.contract(held.position.contract), $0) }
      }
    case .total:
      return view.openProfit.map { [distance(.account, $0)] } ?? []
    }
  }

  private func breakeven(
    _ view: AccountView, armAfter ticks: Int64, memory: inout Memory
  ) -> [Verdict] {
    let positions = view.state.positions
    memory.armed = memory.armed.filter { positions[$0.key]?.episode == $0.value }
    return view.openPositions.compactMap { held in
      let contract = held.position.contract
      guard let open = view.openProfit(of: held), let data = view.contract(contract) else {
        return nil
      }
      if open >= Money(micros: data.tickValue.micros * ticks * held.position.size) {
        memory.armed[contract] = held.episode
      }
      guard memory.armed[contract] == held.episode, open <= .zero else { return nil }
      return Verdict(
        .profitGivenBack(contract: contract, open: open), .flat(contract), until: .episode)
    }
  }
}
