import RiskModel

/// RULE-002 `max_contracts_per_instrument`: caps the contracts held in one symbol.
///
/// The size of a symbol is the sum of the magnitudes over its expiries; holding exactly the limit
/// is allowed. A reduction takes the excess from the newest position. A symbol without a limit is
/// blocked, unless the configuration says otherwise.
package struct MaxContractsPerInstrument: RiskRule {
  static let id = RuleID.maxContractsPerInstrument
  var parameters: Parameters

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout NoMemory
  ) -> [Verdict] {
    let byRoot = Dictionary(grouping: view.openPositions.map(\.position)) {
      view.root(of: $0.contract)
    }
    return byRoot.keys.sorted().compactMap { root in
      verdict(on: byRoot[root] ?? [], root: root)
    }
  }

  func distances(_ view: AccountView, _ memory: NoMemory) -> [Distance] {
    let positions = view.openPositions.map(\.position)
    let held = Dictionary(grouping: positions) { view.root(of: $0.contract) }
    let roots = Set(held.keys).union(parameters.limits.keys)
    return roots.sorted().compactMap { root in
      guard let limit = limit(for: root), limit > 0 else { return nil }
      let size = held[root]?.reduce(0) { $0 + $1.size } ?? 0
      return Distance(Self.id, .root(root), .contracts(value: size, limit: limit))
    }
  }

  private func verdict(on positions: [Position], root: SymbolRoot) -> Verdict? {
    let held = positions.reduce(0) { $0 + $1.size }
    guard let limit = limit(for: root) else { return nil }
    guard held > limit else { return nil }
    let reason: BreachReason =
      limit == 0
      ? .symbolWithoutLimit(root: root, held: held)
      : .contractsAboveInstrumentLimit(root: root, held: held, limit: limit)
    switch limit == 0 ? .closeAll : parameters.action {
    case .closeAll:
      return Verdict(
        reason,
        positions.map { Verdict.Demand(goal: .flat($0.contract), end: .episode) })
    case .reduceToLimit:
      return Verdict(reason, reductions(positions, excess: held - limit))
    }
  }

  /// The limit of a symbol: `nil` is none, zero is blocked.
  private func limit(for root: SymbolRoot) -> Int64? {
    if let limit = parameters.limits[root] { return limit }
    switch parameters.unknownSymbol {
    case .block: return 0
    case .allowWithLimit(let limit): return limit
    case .allowUnlimited: return nil
    }
  }

  private func reductions(_ positions: [Position], excess: Int64) -> [Verdict.Demand] {
    var excess = excess
    var demands: [Verdict.Demand] = []
    let newestFirst = positions.sorted {
      ($0.openedAt, $0.size, $0.contract) > ($1.openedAt, $1.size, $1.contract)
    }
    for position in newestFirst where excess > 0 {
      let cut = min(position.size, excess)
      excess -= cut
      let goal: Goal =
        cut == position.size
        ? .flat(position.contract) : .atMost(position.contract, size: position.size - cut)
      demands.append(Verdict.Demand(goal: goal, end: .episode))
    }
    return demands
  }
}
