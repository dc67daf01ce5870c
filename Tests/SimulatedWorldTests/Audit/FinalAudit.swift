import EvaluatorRole
import RiskModel
import RiskRules
import SimulatedVenue

// What must be so when the faults are over.
extension Auditor {
  /// Everything that is not as it should be at rest.
  func unmet() -> [String] {
    standing.filter { !$0.isLockout || !isMet($0) }.map {
      "\($0.id) of \($0.account) is not reached: \($0.goal)"
    }
      + options.accounts.flatMap {
        brokenRules($0) + openLosses($0) + missingPauses($0) + unknown($0)
      }
  }

  /// Whether the venue is as a target asks. A one-shot target concerns the positions it names: what
  /// was opened later is the next one's, and so is what was opened before by somebody of whom an
  /// evaluator without its last records knew nothing. Unless `all` counts.
  func isMet(_ target: Target, byAll all: Bool = true) -> Bool {
    let adoptedAt = record.targets[target.id].map { WorldClock.start + $0.recordedAt }
    func concerns(_ moment: Instant) -> Bool { all || adoptedAt.map { moment < $0 } ?? true }
    let positions = world.venue.exchange.openPositions(of: target.account)
      .filter { position in
        guard !all, let named = target.episodes else { return concerns(position.openedAt) }
        return named.contains { $0.position == position.id }
      }
    let orders = world.venue.exchange.workingOrders(of: target.account)
      .filter { concerns($0.createdAt) }
    switch target.goal {
    case .flatAccount: return positions.isEmpty && orders.isEmpty
    case .flat(let contract):
      return !positions.contains { $0.contract == contract }
        && !orders.contains { $0.contract == contract }
    case .atMost(let contract, let size):
      return positions.allSatisfy { $0.contract != contract || $0.size <= size }
    case .cancelled(let order): return !orders.contains { $0.id == order }
    case .noNewExposure(let baselines):
      return positions.allSatisfy { position in
        let allowed = baselines.first { $0.contract == position.contract }?.signedSize ?? 0
        return allowed * position.signedSize > 0 && position.size <= abs(allowed)
      }
    case .protected: return true
    }
  }

  /// The rules, by the venue's own numbers.
  private func brokenRules(_ account: AccountID) -> [String] {
    guard let rules = options.rules[account] else { return [] }
    let positions = world.venue.exchange.openPositions(of: account)
    var found: [String] = []
    if let rule = rules.maxContracts {
      let held = positions.reduce(0) { $0 + $1.size }
      if held > rule.limit { found.append("\(account) holds \(held) contracts of \(rule.limit)") }
    }
    for position in positions {
      let root = position.contract.root
      if let rule = rules.maxContractsPerInstrument, position.size > rule.limits[root] ?? 0 {
        found.append("\(account) holds \(position.size) \(root)")
      }
      if rules.symbolBlocks?.blocked.contains(root) == true {
        found.append("\(account) holds \(root), which is blocked")
      }
    }
    if let rule = rules.dailyRealizedLoss, let result = realized[account],
      result.micros <= -rule.lossLimit.micros,
      !standing.contains(where: { $0.account == account && $0.goal == .flatAccount })
    {
      found.append("\(account) has lost \(result) and is not locked")
    }
    return found
  }

  /// What the evaluator believes and the venue does not say.
  private func unknown(_ account: AccountID) -> [String] {
    guard let state = world.machine.evaluator?.role.engineState.accounts[account] else {
      return ["\(account) is unknown to the evaluator"]
    }
    var found: [String] = []
    for contract in options.contracts {
      let believed = state.positions[contract]?.position.signedSize ?? 0
      let held = held(Subject(account, contract))
      if believed != held {
        found.append("\(account) \(contract.root) is \(held), not \(believed)")
      }
    }
    let orders = world.venue.exchange.workingOrders(of: account).map(\.id)
    if Set(orders) != Set(state.orders.keys) {
      found.append("\(account) has orders \(orders), not \(state.orders.keys.sorted())")
    }
    let trades = world.venue.exchange.trades.filter { $0.account == account }.map(\.id)
    if Set(trades) != Set(state.ledger.entries.keys) {
      found.append("\(account) has \(trades.count) executions, not \(state.ledger.entries.count)")
    }
    if state.ledger.realized != realized[account] ?? .zero {
      let truth = realized[account] ?? .zero
      found.append("\(account) has realized \(truth), not \(state.ledger.realized)")
    }
    return found
  }

  /// The end of the world.
  func concludes() {
    guard objections.isEmpty else { return }
    for problem in unmet() { object(problem) }
    guard let engine = world.machine.evaluator?.role.engineState else {
      return object("there is no evaluator at the end")
    }
    checkLockouts(engine)
    checkReplay()
  }
}
