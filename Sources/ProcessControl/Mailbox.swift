import RiskModel

/// Work that waits for its turn, first in first out, each with the moment at which it came.
struct Mailbox<Work> {
  struct Item {
    var work: Work
    var arrivedAt: MonotonicInstant
  }

  /// Taken items are dropped from the front of the storage in blocks of this size.
  private static var block: Int { 256 }

  private var items: [Item?] = []
  private var taken = 0

  var count: Int { items.count - taken }
  var oldestArrival: MonotonicInstant? { taken < items.count ? items[taken]?.arrivedAt : nil }

  mutating func append(_ item: Item) {
    items.append(item)
  }

  mutating func popFirst() -> Item? {
    guard taken < items.count else { return nil }
    let item = items[taken]
    items[taken] = nil
    taken += 1
    if taken == items.count {
      items.removeAll(keepingCapacity: taken <= Self.block)
      taken = 0
    } else if taken >= Self.block, taken * 2 >= items.count {
      items.removeFirst(taken)
      taken = 0
    }
    return item
  }
}

extension Mailbox.Item: Sendable where Work: Sendable {}
