import RiskModel

/// Our own account of one account: what its trades add up to.
///
/// Sizes start from a list of positions of the venue and are moved by trades alone, each counted
/// once by its id and taken back when the venue voids it. Neither events nor lists of positions
/// move them, so that they are a third source beside both.
struct TradeLedger: Equatable {
  private(set) var trades: [TradeID: Trade] = [:]
  private(set) var isAnchored = false
  private var sizes: [ContractID: Int64] = [:]

  /// Whether anything changed.
  mutating func record(_ trade: Trade) -> Bool {
    guard let known = trades[trade.id] else {
      trades[trade.id] = trade
      if !trade.isVoided { sizes[trade.contract, default: 0] += trade.signedSize }
      return true
    }
    let revised = known.revised(by: trade)
    guard revised != known else { return false }
    if revised.isVoided { sizes[known.contract, default: 0] -= known.signedSize }
    trades[trade.id] = revised
    return true
  }

  /// Begins with the venue's positions, all trades so far included.
  mutating func anchor(_ held: [ContractID: Int64]) {
    isAnchored = true
    sizes = held
  }

  func differences(from held: [ContractID: Int64]) -> [SourceDifference] {
    guard isAnchored else { return [] }
    return Set(sizes.keys).union(held.keys).sorted().compactMap { contract in
      let added = sizes[contract] ?? 0
      let size = held[contract] ?? 0
      return added == size ? nil : .ledger(contract, added: added, held: size)
    }
  }

  /// Whether the trades of the day alone, from flat at its start, give these positions. Then an
  /// anchor that says otherwise was taken between two answers of the venue.
  func explains(_ held: [ContractID: Int64], since dayStart: Instant) -> Bool {
    var sums: [ContractID: Int64] = [:]
    for trade in trades.values where !trade.isVoided && trade.executedAt >= dayStart {
      sums[trade.contract, default: 0] += trade.signedSize
    }
    return Set(sums.keys).union(held.keys).allSatisfy { sums[$0] ?? 0 == held[$0] ?? 0 }
  }

  /// What the day's executions were worth.
  func earnings(since dayStart: Instant) -> TradeEarnings {
    var earnings = TradeEarnings()
    for trade in trades.values where !trade.isVoided && trade.executedAt >= dayStart {
      earnings.add(trade)
    }
    return earnings
  }

  /// The latest execution, by the venue's clock.
  var lastExecution: Instant? { trades.values.map(\.executedAt).max() }

  /// Trades of the days before are not asked for any more.
  mutating func forget(before dayStart: Instant) {
    trades = trades.filter { $0.value.executedAt >= dayStart }
  }
}

extension Trade {
  fileprivate var signedSize: Int64 { side.sign * size }
}
