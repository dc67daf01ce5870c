package import RiskModel

extension AccountState {
  /// What a reading of the account shows that no event told. Nothing for an account of which
  /// nothing was known.
  package func differences(from snapshot: AccountSnapshot) -> [SourceDifference] {
    guard let account else { return [] }
    let isSame =
      account.balance == snapshot.account.balance && account.canTrade == snapshot.account.canTrade
    return (isSame ? [] : [.account]) + differences(positions: snapshot.positions)
      + differences(orders: snapshot.workingOrders) + differences(trades: snapshot.trades)
  }

  private func differences(positions listed: [Position]) -> [SourceDifference] {
    let sizes = Dictionary(listed.map { ($0.contract, $0.signedSize) }, uniquingKeysWith: +)
    return Set(sizes.keys).union(positions.keys).sorted().compactMap { contract in
      let told = positions[contract]?.position.signedSize ?? 0
      let size = sizes[contract] ?? 0
      return told == size ? nil : .position(contract, told: told, listed: size)
    }
  }

  private func differences(orders listed: [Order]) -> [SourceDifference] {
    let working = listed.filter(\.status.isWorking)
    let ids = Set(working.map(\.id))
    let found = working.compactMap { order -> SourceDifference? in
      guard let known = orders[order.id] else {
        return ended.contains(order.id) ? .orderChanged(order.id) : .orderAppeared(order.id)
      }
      return known.says(as: order) ? nil : .orderChanged(order.id)
    }
    return found + orders.keys.filter { !ids.contains($0) }.sorted().map { .orderEnded($0) }
  }

  package func differences(trades listed: [Trade]) -> [SourceDifference] {
    listed.compactMap { trade in
      guard let known = ledger.entries[trade.id] else {
        return trade.isVoided ? nil : .tradeMissed(trade.id)
      }
      return known.corrected(by: trade) == known ? nil : .tradeChanged(trade.id)
    }
  }
}

extension Order {
  /// Whether nothing that matters differs. The level of a trailing stop moves with the market
  /// without an event.
  fileprivate func says(as other: Order) -> Bool {
    let prices = limitPrice == other.limitPrice && stopPrice == other.stopPrice
    return status == other.status && size == other.size && filledSize == other.filledSize
      && (prices || type == .trailingStop)
  }
}
