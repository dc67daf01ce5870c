import RiskModel

/// RULE-001 `max_contracts`: caps the contracts that an account holds in all symbols together.
///
/// Holding exactly the limit is allowed. `net` nets the expiries of one root against each other and
/// sums the magnitudes of the roots, so that a hedge of +20 ES against −20 NQ counts 40; `gross` is
/// the plain sum. Unknown tick data does not matter here: size counts without a price.
package struct MaxContracts: RiskRule {
  static let id = RuleID.maxContracts
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    let positions = view.openPositions.map(\.position)
    let held = count(positions, view)
    guard held > parameters.limit else { return [] }
    let reason = BreachReason.contractsAboveLimit(held: held, limit: parameters.limit)
    switch parameters.action {
    case .closeAll:
      return [Verdict(reason, .flatAccount, until: .episode)]
    case .reduceToLimit:
      return [
        Verdict(reason, reductions(view, excess: held - parameters.limit))
      ]
    }
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    let held = count(view.openPositions.map(\.position), view)
    return [Distance(Self.id, .account, .contracts(value: held, limit: parameters.limit))]
  }

  private func count(_ positions: [Position], _ view: AccountView) -> Int64 {
    switch parameters.counting {
    case .gross: positions.reduce(0) { $0 + $1.size }
    case .net: netByRoot(positions, view).values.reduce(0) { $0 + abs($1) }
    }
  }

  private func netByRoot(
    _ positions: [Position], _ view: AccountView
  ) -> [SymbolRoot: Int64] {
    var net: [SymbolRoot: Int64] = [:]
    for position in positions {
      net[view.root(of: position.contract), default: 0] += position.signedSize
    }
    return net
  }

  /// Takes exactly the excess away, newest position first, of equally new ones the larger. Under
  /// `net` only contracts on the heavier side of their root make the count smaller.
  private func reductions(_ view: AccountView, excess: Int64) -> [Verdict.Demand] {
    let held = view.openPositions
    var net = netByRoot(held.map(\.position), view)
    var excess = excess
    var demands: [Verdict.Demand] = []
    let newestFirst = held.map(\.position).sorted {
      ($0.openedAt, $0.size, $0.contract) > ($1.openedAt, $1.size, $1.contract)
    }
    for position in newestFirst where excess > 0 {
      var reducible = position.size
      if parameters.counting == .net {
        let rootNet = net[position.contract.root] ?? 0
        guard rootNet.signum() == position.signedSize.signum() else { continue }
        reducible = min(reducible, abs(rootNet))
      }
      let cut = min(reducible, excess)
      guard cut > 0 else { continue }
      net[position.contract.root, default: 0] -= cut * position.signedSize.signum()
      excess -= cut
      let goal: Goal =
        cut == position.size
        ? .flat(position.contract) : .atMost(position.contract, size: position.size - cut)
      demands.append(Verdict.Demand(goal: goal, end: .episode))
    }
    return demands
  }
}
