import RiskModel

extension AccountBook {
  /// What the lists of working orders and positions say that no event told.
  /// `heard` are the orders of which events told since the lists were asked for.
  func differences(
    positions: [Position], orders: [Order], heard: Set<OrderID> = []
  ) -> [SourceDifference] {
    let listed = Dictionary(positions.map { ($0.contract, $0.signedSize) }, uniquingKeysWith: +)
    let contracts = Set(listed.keys).union(self.positions.keys).sorted()
    let sizes = contracts.compactMap { contract -> SourceDifference? in
      let told = self.positions[contract]?.signedSize ?? 0
      let size = listed[contract] ?? 0
      return told == size ? nil : .position(contract, told: told, listed: size)
    }
    let ids = Set(orders.map(\.id))
    let ended = self.orders.keys.filter { !ids.contains($0) }.sorted()
    return sizes + orders.compactMap { difference($0, heard: heard) }
      + ended.map { .orderEnded($0) }
  }

  /// An order of which an event told something later than the list is no difference.
  private func difference(_ listed: Order, heard: Set<OrderID>) -> SourceDifference? {
    guard let known = latest(listed.id) else { return .orderAppeared(listed.id) }
    guard later(listed, heard: heard) == nil else { return nil }
    return known.isEquivalent(listed) ? nil : .orderChanged(listed.id)
  }

  /// What a list of executions says that no event told.
  func differences(trades listed: [Trade]) -> [SourceDifference] {
    listed.compactMap { trade in
      guard let known = trades[trade.id] else {
        return trade.isVoided ? nil : .tradeMissed(trade.id)
      }
      let isChanged =
        trade.isVoided != known.isVoided || known.revised(by: trade) != known
      return isChanged ? .tradeChanged(trade.id) : nil
    }
  }

  func differences(from snapshot: AccountSnapshot) -> [SourceDifference] {
    let isSame =
      account?.balance == snapshot.account.balance
      && account?.canTrade == snapshot.account.canTrade
    return (isSame ? [] : [.account])
      + differences(positions: snapshot.positions, orders: snapshot.workingOrders)
      + differences(trades: snapshot.trades)
  }

  /// Where the sum of our trades is not what the stream says is held.
  var ledgerDifferences: [SourceDifference] {
    ledger.differences(from: heldSizes)
  }
}
