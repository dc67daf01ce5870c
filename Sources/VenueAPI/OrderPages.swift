package import RiskModel

/// One page of `Order/v2/query`.
package struct OrderPage: Equatable, Sendable {
  package var orders: [Order]
  /// All rows that match, `nil` when the venue left the figure out.
  package var totalCount: Int?

  package init(orders: [Order], totalCount: Int?) {
    self.orders = orders
    self.totalCount = totalCount
  }
}

/// Puts the pages of one query for working orders together, and proves that none is missing.
///
/// A page holds at most 100 rows whatever was asked for, the offset counts rows, and a short page
/// is no proof of the end (observed live). The book may change between two pages: an order that
/// leaves moves all later rows forward, and the next offset would skip one. Each page therefore
/// begins with the last row of the page before it; when that row is another one, or the count of
/// all rows has changed, the query starts over.
package struct OrderPages: Equatable, Sendable {
  package static let pageSize = 100
  package static let attemptLimit = 4
  package static let pageLimit = 50

  /// What to do after a page.
  package enum Step: Equatable, Sendable {
    /// Ask for the page that begins at this row.
    case request(offset: Int)
    /// All orders that can still trade.
    case complete([Order])
    case failed(VenueError)
  }

  private var orders: [Order] = []
  private var total: Int?
  private var pages = 0
  private var attempts = 1

  package init() {}

  /// The first page to ask for is at row 0.
  package mutating func pageReceived(_ page: OrderPage) -> Step {
    pages += 1
    guard pages <= OrderPages.pageLimit else {
      return .failed(.pagesIncomplete(rows: orders.count, total: total))
    }
    var rows = page.orders[...]
    if let last = orders.last {
      guard page.totalCount == total, rows.first?.id == last.id else { return startOver() }
      rows = rows.dropFirst()
      let known = Set(orders.map(\.id))
      guard !rows.contains(where: { known.contains($0.id) }) else { return startOver() }
    }
    total = page.totalCount
    orders += rows
    return next(isPageEmpty: rows.isEmpty)
  }

  private mutating func next(isPageEmpty: Bool) -> Step {
    if let total {
      if orders.count >= total { return complete }
      guard !isPageEmpty else {
        return .failed(.pagesIncomplete(rows: orders.count, total: total))
      }
    } else if isPageEmpty {
      return complete
    }
    return .request(offset: orders.count - 1)
  }

  private var complete: Step { .complete(orders.filter(\.status.isWorking)) }

  private mutating func startOver() -> Step {
    guard attempts < OrderPages.attemptLimit else {
      return .failed(.pagesShifted(attempts: attempts))
    }
    attempts += 1
    pages = 0
    orders = []
    total = nil
    return .request(offset: 0)
  }
}
