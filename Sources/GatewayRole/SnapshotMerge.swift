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
/// (observed live). An order goes by its own time of change, a trade by its id. Positions carry no
/// time, and orders not always: those that came before their query was sent are in its answer;
/// later ones may be newer. Accounts carry none either: if the hub's last word is older, its next event follows.
enum SnapshotMerge {
  /// The events to tell again. `positionsAfter` of them came before the positions were asked for,
  /// `ordersAfter` before the orders were.
  static func newer(
    _ recorded: [RecordedEvent], than snapshot: AccountSnapshot, positionsAfter: Int = 0,
    ordersAfter: Int = 0
  ) -> [RecordedEvent] {
    let orders = Dictionary(
      snapshot.workingOrders.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let trades = Dictionary(
      snapshot.trades.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return recorded.enumerated().filter { index, item in
      switch item.event {
      case .order(let order):
        guard let known = orders[order.id] else { return true }
        guard order.hasComparableChange(with: known) else { return index >= ordersAfter }
        return known.isOlder(than: order) || (!order.isOlder(than: known) && order != known)
      case .trade(let trade):
        guard let known = trades[trade.id] else { return true }
        return trade.isVoided && !known.isVoided
      case .position:
        return index >= positionsAfter
      case .account, .quote, .contract:
        return true
      }
    }.map(\.element)
  }
}
