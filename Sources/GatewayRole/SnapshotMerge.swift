import PeerProtocol
import RiskModel

/// An event of the user hub as it arrived.
struct RecordedEvent: Equatable {
  var event: VenueEvent
  var receivedAt: Instant
  var readAt: MonotonicInstant
}

/// Which events that arrived around a read have to be told again after its snapshot.
///
/// A snapshot replaces what was known, and REST and hubs are not ordered against each other
/// (observed live). An order goes by its own time of change, a trade by its id. Positions and
/// accounts carry no time: the last word of the hub may be newer than the query, and if it is
/// older, the hub's next event follows it.
enum SnapshotMerge {
  static func newer(
    _ recorded: [RecordedEvent], than snapshot: AccountSnapshot
  ) -> [RecordedEvent] {
    let orders = Dictionary(
      snapshot.workingOrders.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let trades = Dictionary(
      snapshot.trades.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return recorded.filter { item in
      switch item.event {
      case .order(let order):
        guard let known = orders[order.id] else { return true }
        return order.lastChange > known.lastChange
          || (order.lastChange == known.lastChange && order != known)
      case .trade(let trade):
        guard let known = trades[trade.id] else { return true }
        return trade.isVoided && !known.isVoided
      case .account, .position, .quote, .contract:
        return true
      }
    }
  }
}
