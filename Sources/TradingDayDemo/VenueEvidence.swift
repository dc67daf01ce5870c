package import RiskModel

/// What the venue itself shows when the day is over; nothing of it is riskd's word.
package struct VenueEvidence: Equatable, Sendable {
  package var states: [VenueState]
  /// The executions of all accounts, oldest first.
  package var trades: [Trade]
  /// The orders that the trader placed.
  package var traderOrders: Set<OrderID>
  /// Orders that came in through the gateway; riskd only closes, reduces and cancels.
  package var ordersPlaced: Int
  /// Requests received, and those of them that ask for a change.
  package var requests: Int
  package var changes: Int

  package init(
    states: [VenueState], trades: [Trade], traderOrders: Set<OrderID>, ordersPlaced: Int = 0,
    requests: Int = 0, changes: Int = 0
  ) {
    self.states = states
    self.trades = trades
    self.traderOrders = traderOrders
    self.ordersPlaced = ordersPlaced
    self.requests = requests
    self.changes = changes
  }

  /// Executions of riskd's that did anything else than bring a position nearer to flat: what a
  /// request that is carried out twice does.
  package var doubledEffects: [String] {
    struct Place: Hashable {
      var account: AccountID
      var contract: ContractID
    }
    var held: [Place: Int64] = [:]
    var findings: [String] = []
    for trade in trades where !trade.isVoided {
      let place = Place(account: trade.account, contract: trade.contract)
      let before = held[place] ?? 0
      let after = before + trade.side.sign * trade.size
      held[place] = after
      guard !traderOrders.contains(trade.order) else { continue }
      let isReduction = after.signum() * before.signum() >= 0 && abs(after) < abs(before)
      guard !isReduction else { continue }
      let symbol = Wording.symbol(trade.contract)
      findings.append(
        "a request of riskd's took account \(trade.account) from \(before) to \(after) \(symbol)")
    }
    return findings
  }

  /// What is left that should not be.
  package var leftovers: [String] {
    states.flatMap { state in
      state.positions.map { "account \(state.account) is still \(Wording.holding($0))" }
        + state.workingOrders.map {
          "account \(state.account) still has an order: \(Wording.order($0))"
        }
    }
  }
}
