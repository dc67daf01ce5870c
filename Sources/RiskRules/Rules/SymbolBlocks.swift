import RiskModel

/// RULE-011 `symbol_blocks`: keeps the account out of listed symbols.
///
/// Every contract of a blocked root is closed, its orders are cancelled, and that stands until the
/// trading day is over on which the configuration ceased to list the root; other symbols go on. The
/// root is compared whole: `RTY` does not block `M2K`. With `close_existing: false` a position that
/// was open when the block was configured may stay and shrink, and nothing may be added to it.
package struct SymbolBlocks: RiskRule {
  static let id = RuleID.symbolBlocks
  var parameters: Parameters

  struct Memory: Equatable, Sendable, StartsEmpty {
    /// The roots whose existing positions have been looked at.
    var noted: [SymbolRoot] = []
    /// What may stay, as the largest size that is still allowed.
    var existing: [ContractID: Int64] = [:]
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    noteExisting(view, after: trigger, memory: &memory)
    var contracts = Set(view.state.positions.keys)
    contracts.formUnion(view.state.orders.values.map(\.contract))
    return contracts.filter { parameters.blocked.contains(view.root(of: $0)) }.sorted().map {
      contract in
      let reason = BreachReason.symbolBlocked(root: contract.root)
      if let allowed = memory.existing[contract], allowed != 0 {
        return Verdict(reason, .atMost(contract, size: abs(allowed)), until: .configuration)
      }
      return Verdict(reason, .flat(contract), until: .configuration)
    }
  }

  func releases(_ target: Target, _ view: AccountView, _ memory: Memory) -> Bool {
    switch target.goal {
    case .flat(let contract), .atMost(let contract, _): !isBlocked(contract)
    case .flatAccount, .noNewExposure, .cancelled, .protected: false
    }
  }

  private func isBlocked(_ contract: ContractID) -> Bool {
    parameters.blocked.contains(contract.root)
  }

  /// Looks once at what is open when a root becomes blocked, and follows it down from there.
  private func noteExisting(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) {
    let positions = view.state.positions
    if !parameters.closeExisting, trigger == .snapshot || trigger == .configuration {
      for root in parameters.blocked where !memory.noted.contains(root) {
        guard view.state.account != nil else { continue }
        memory.noted.append(root)
        for (contract, held) in positions where contract.root == root {
          memory.existing[contract] = held.position.signedSize
        }
      }
    }
    memory.noted.removeAll { !parameters.blocked.contains($0) }
    memory.existing = memory.existing.compactMapValues { $0 == 0 ? nil : $0 }
    for (contract, allowed) in memory.existing {
      let bound = Baseline(contract: contract, signedSize: allowed)
      let size = positions[contract]?.position.signedSize ?? 0
      memory.existing[contract] = bound.tightened(to: size).signedSize
    }
  }
}
