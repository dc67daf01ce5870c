import RiskModel

// Which positions a one-shot target is about, and which of them are over.
extension RiskEngine {
  /// What a target is adopted for; `nil` where it is not about the positions that are held now.
  func openEpisodes(of demand: Verdict.Demand, _ account: AccountID) -> [PositionEpisode]? {
    guard demand.end == .episode else { return nil }
    let held = (state.accounts[account]?.openPositions ?? []).map(\.position)
    switch demand.goal {
    case .flatAccount: return held.map(PositionEpisode.init)
    case .flat(let contract), .atMost(let contract, _):
      return held.filter { $0.contract == contract }.map(PositionEpisode.init)
    case .noNewExposure, .cancelled, .protected: return nil
    }
  }

  /// Writes into the targets which of their positions are over, so that an enforcer that is started
  /// after that does not take the next position in the same contract for one of them.
  mutating func noteEndedEpisodes() {
    for id in standingIDs {
      guard let standing = state.targets[id], let episodes = standing.target.episodes,
        let account = state.accounts[standing.target.account]
      else { continue }
      var noted = episodes
      for index in noted.indices where !noted[index].isOver {
        let contract = noted[index].contract
        guard account.positions[contract]?.episode != standing.episodes[contract] else { continue }
        noted[index].leftovers = account.workingOrders { $0 == contract }
      }
      guard noted != episodes else { continue }
      if standing.target.goal == .flatAccount, noted.allSatisfy(\.isOver) {
        // What works elsewhere has to go with the last position.
        let named = Set(noted.map(\.contract))
        noted[noted.count - 1].leftovers? += account.workingOrders { !named.contains($0) }
      }
      state.targets[id]?.target.episodes = noted
      if let amended = state.targets[id]?.target { effects.append(.amend(amended)) }
    }
  }

  /// Whether a position was opened in a contract of which the target has done its part, or in one of
  /// which it does not speak. The target leaves it alone, or may do so, and therefore does not answer
  /// a breach to which that position belongs.
  func hasBeenEnteredBehind(_ target: Target) -> Bool {
    guard let episodes = target.episodes else { return false }
    let held = state.accounts[target.account]?.positions ?? [:]
    if episodes.contains(where: { $0.isOver && held[$0.contract] != nil }) { return true }
    let named = Set(episodes.map(\.contract))
    return target.goal == .flatAccount && held.keys.contains { !named.contains($0) }
  }
}

extension AccountState {
  /// The working orders in some contracts, in their order.
  fileprivate func workingOrders(in isMeant: (ContractID) -> Bool) -> [OrderID] {
    orders.values.filter { isMeant($0.contract) }.map(\.id).sorted()
  }
}
