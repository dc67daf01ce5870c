import RiskModel

/// What an order would do to the position that is there now.
enum OrderEffect: Equatable, Sendable {
  /// It would create or increase exposure. On a flat contract every working order does.
  case opening
  /// It would reduce exposure, at least with its first contracts.
  case reducing

  init(of order: Order, onPosition signedSize: Int64) {
    self = order.side.sign * signedSize < 0 ? .reducing : .opening
  }
}

extension Order {
  /// A market order that would take contracts off a position of this size: an exit under way.
  func isMarketExit(ofPosition signedSize: Int64) -> Bool {
    type == .market && OrderEffect(of: self, onPosition: signedSize) == .reducing
  }

  /// A stop that riskd placed for more contracts than are held now.
  func isOversizedStop(onPosition signedSize: Int64) -> Bool {
    stopTag != nil && OrderEffect(of: self, onPosition: signedSize) == .reducing
      && remainingSize > abs(signedSize)
  }
}

/// Exit orders that together are larger than the position they would close.
///
/// The venue does not resize exits after a reduction (observed live), and what trades after the
/// position is gone opens a new one. Stops and limit exits are summed separately, because either
/// kind alone covers the position; the legs of an OCO pair count once.
enum ExitSurplus {
  struct Shrink: Equatable, Sendable {
    var order: OrderID
    /// The new size of the whole order, what is filled included.
    var size: Int64
  }

  /// The next order to make smaller, stops first, the one that would trade last first.
  ///
  /// No order is ever shrunk below one contract: an exit is not taken away while there is exposure.
  static func nextShrink(position signedSize: Int64, orders: [Order]) -> Shrink? {
    guard signedSize != 0 else { return nil }
    let exits = orders.filter {
      OrderEffect(of: $0, onPosition: signedSize) == .reducing && $0.type != .market
        && $0.status != .suspended && $0.status != .pendingCancellation && $0.remainingSize > 0
    }
    let held = abs(signedSize)
    return shrink(exits.filter(\.type.isStop), to: held, lastFirst: stopTradesLater)
      ?? shrink(exits.filter { !$0.type.isStop }, to: held, lastFirst: limitTradesLater)
  }

  /// How large a stop that riskd placed has to become after contracts were added, so that `stops`,
  /// which are all that protect the position, together cover it; they are never larger than it.
  static func growth(ofOurStopAmong stops: [Order], position signedSize: Int64) -> Shrink? {
    let missing = abs(signedSize) - stops.reduce(0) { $0 + $1.remainingSize }
    guard missing > 0,
      let ours = stops.filter({ $0.stopTag != nil && $0.status == .open }).min(by: { $0.id < $1.id }
      )
    else { return nil }
    return Shrink(order: ours.id, size: ours.size + missing)
  }

  private static func shrink(
    _ exits: [Order], to held: Int64, lastFirst: (Order, Order) -> Bool
  ) -> Shrink? {
    var groups: [[Order]] = []
    for order in exits.sorted(by: lastFirst) {
      let partner = groups.firstIndex { group in
        group.contains { $0.linked == order.id || order.linked == $0.id }
      }
      if let partner { groups[partner].append(order) } else { groups.append([order]) }
    }
    let sizes = groups.map { $0.map(\.remainingSize).max() ?? 0 }
    let surplus = sizes.reduce(0, +) - held
    guard surplus > 0, let place = sizes.firstIndex(where: { $0 > 1 }) else { return nil }
    let remaining = max(1, sizes[place] - surplus)
    return groups[place].first { $0.remainingSize > remaining }.map {
      Shrink(order: $0.id, size: $0.filledSize + remaining)
    }
  }

  /// A selling stop trades later the lower it is; a stop without a price is taken as the last.
  private static func stopTradesLater(_ a: Order, _ b: Order) -> Bool {
    tradesLater(a, b, a.stopPrice, b.stopPrice, laterIsLower: a.side == .sell)
  }

  private static func limitTradesLater(_ a: Order, _ b: Order) -> Bool {
    tradesLater(a, b, a.limitPrice, b.limitPrice, laterIsLower: a.side == .buy)
  }

  private static func tradesLater(
    _ a: Order, _ b: Order, _ priceOfA: Price?, _ priceOfB: Price?, laterIsLower: Bool
  ) -> Bool {
    switch (priceOfA, priceOfB) {
    case (.some(let x), .some(let y)) where x != y: laterIsLower ? x < y : x > y
    case (.none, .some): true
    case (.some, .none): false
    default: a.id > b.id
    }
  }
}
