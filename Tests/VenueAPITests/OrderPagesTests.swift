import RiskModel
import Testing

@testable import VenueAPI

@Suite struct OrderPagesTests {
  private func orders(_ ids: some Sequence<Int64>, status: OrderStatus = .open) -> [Order] {
    ids.map {
      Order(
        id: OrderID($0), account: account, contract: contract,
        createdAt: Instant(secondsSinceEpoch: 0), status: status, type: .limit, side: .buy, size: 1)
    }
  }

  private func page(_ ids: some Sequence<Int64>, of total: Int?) -> OrderPage {
    OrderPage(orders: orders(ids), totalCount: total)
  }

  @Test func onePageWithItsCountIsComplete() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...3, of: 3)) == .complete(orders(1...3)))
    var none = OrderPages()
    #expect(none.pageReceived(page([], of: 0)) == .complete([]))
  }

  @Test func pagesOverlapByOneRow() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...100, of: 193)) == .request(offset: 99))
    #expect(pages.pageReceived(page(100...193, of: 193)) == .complete(orders(1...193)))
  }

  @Test func aShortPageIsNoProofOfTheEnd() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...40, of: 60)) == .request(offset: 39))
    #expect(pages.pageReceived(page(40...60, of: 60)) == .complete(orders(1...60)))
  }

  @Test func withoutACountTheEndIsAnEmptyPage() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...2, of: nil)) == .request(offset: 1))
    #expect(pages.pageReceived(page(2...2, of: nil)) == .complete(orders(1...2)))
    var none = OrderPages()
    #expect(none.pageReceived(page([], of: nil)) == .complete([]))
  }

  @Test func pagesThatEndBeforeTheCountAreAFailure() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...2, of: 5)) == .request(offset: 1))
    #expect(
      pages.pageReceived(page(2...2, of: 5))
        == .failed(.pagesIncomplete(rows: 2, total: 5)))
    var none = OrderPages()
    #expect(
      none.pageReceived(page([], of: 5)) == .failed(.pagesIncomplete(rows: 0, total: 5)))
  }

  /// Order 5 leaves between the pages: row 100 becomes row 99 and the next offset would skip it.
  @Test func anOrderThatLeavesBetweenPagesStartsOver() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...100, of: 150)) == .request(offset: 99))
    #expect(pages.pageReceived(page(101...150, of: 149)) == .request(offset: 0))
    let remaining = Array(1...4) + Array(6...150)
    #expect(
      pages.pageReceived(page(remaining[..<100].map(Int64.init), of: 149))
        == .request(offset: 99))
    #expect(
      pages.pageReceived(page(remaining[99...].map(Int64.init), of: 149))
        == .complete(orders(remaining.map(Int64.init))))
  }

  @Test func anExchangeOfOrdersThatKeepsTheCountIsSeenToo() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...100, of: 101)) == .request(offset: 99))
    #expect(pages.pageReceived(page(101...102, of: 101)) == .request(offset: 0))
  }

  @Test func aRowThatComesTwiceStartsOver() {
    var pages = OrderPages()
    #expect(pages.pageReceived(page(1...100, of: 102)) == .request(offset: 99))
    #expect(pages.pageReceived(page([100, 50, 101], of: 102)) == .request(offset: 0))
  }

  @Test func aBookThatNeverHoldsStillIsAFailure() {
    var pages = OrderPages()
    for _ in 1..<OrderPages.attemptLimit {
      #expect(pages.pageReceived(page(1...100, of: 150)) == .request(offset: 99))
      #expect(pages.pageReceived(page(100...149, of: 149)) == .request(offset: 0))
    }
    #expect(pages.pageReceived(page(1...100, of: 150)) == .request(offset: 99))
    #expect(
      pages.pageReceived(page([], of: 150))
        == .failed(.pagesShifted(attempts: OrderPages.attemptLimit)))
  }

  @Test func pagingIsBounded() {
    var pages = OrderPages()
    var next: Int64 = 1
    var step = pages.pageReceived(page(next...next + 1, of: 100_000))
    for _ in 1..<OrderPages.pageLimit {
      next += 1
      #expect(step == .request(offset: Int(next) - 1))
      step = pages.pageReceived(page(next...next + 1, of: 100_000))
    }
    step = pages.pageReceived(page(next + 1...next + 2, of: 100_000))
    #expect(step == .failed(.pagesIncomplete(rows: OrderPages.pageLimit + 1, total: 100_000)))
  }

  @Test func ordersThatCannotTradeAnyMoreAreLeftOut() {
    var pages = OrderPages()
    let rows = orders([1]) + orders([2], status: .filled) + orders([3], status: .suspended)
    #expect(
      pages.pageReceived(OrderPage(orders: rows, totalCount: 3))
        == .complete([rows[0], rows[2]]))
  }
}
