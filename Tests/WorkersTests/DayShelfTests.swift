import Foundation
import Logging
import MetricsStore
import RiskModel
import RiskTestKit
import Testing
import TraderFeed

@testable import Workers

/// The course of the day between two monitors.
@Suite struct DayShelfTests {
  private let folder = TemporaryFolder("riskd-days")
  private let start = Instant(secondsSinceEpoch: 1_763_735_400)

  private var path: String { folder.file("metrics.db") }

  private func shelf() -> DayShelf {
    DayShelf(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func point(_ minutes: Int64, _ dollars: Int64?) -> ResultPoint {
    ResultPoint(at: start + .seconds(minutes * 60), result: dollars.map { Money(dollars: $0) })
  }

  private func day(_ course: [ResultPoint], worst: ResultPoint? = nil) -> DayCourse {
    DayCourse(
      account: AccountID(7), tradingDate: CivilDate(year: 2_025, month: 11, day: 21),
      course: course, worstOpen: worst)
  }

  @Test func `another monitor reads what the former one kept`() throws {
    defer { folder.remove() }
    let former = shelf()
    #expect(former.days(at: start).isEmpty)
    former.keep([day([point(0, 1)], worst: point(0, -3))])
    let last = day([point(0, 1), point(5, nil), point(11, 4)], worst: point(6, -9))
    former.keep([day([point(0, 1), point(5, nil), point(10, 3)], worst: point(6, -9))])
    former.keep([last])
    former.close()
    let next = shelf()
    defer { next.close() }
    #expect(next.days(at: start + .seconds(900)) == [last])
    #expect(shelf().days(at: start + .seconds(3 * 86_400)).isEmpty)
  }

  /// One point of each five minutes, whatever is told in them.
  @Test func `a day of many points stays small`() throws {
    defer { folder.remove() }
    let shelf = shelf()
    defer { shelf.close() }
    var board = FeedBoard()
    for second in stride(from: Int64(0), to: 25 * 3_600, by: 20) {
      var account = AccountReport(
        id: AccountID(7), at: start + .seconds(second),
        tradingDate: CivilDate(year: 2_025, month: 11, day: 21), dayStartedAt: start,
        dayEndsAt: start + .seconds(25 * 3_600))
      account.realized = Money(dollars: second)
      account.open = .zero
      board.take(EvaluatorReport(at: account.at, accounts: [account]))
      if second % 600 == 0 { shelf.keep(board.days) }
    }
    shelf.keep(board.days)
    let store = try MetricsStore(path: path)
    defer { store.close() }
    let kept = try store.dayResults()
    #expect(kept.count <= 303)
    #expect(kept.filter { $0.kind == .course }.map(\.result) == board.days[0].course.map(\.result))
  }

  @Test func `without a database screens begin anew, and what comes is kept later`() throws {
    defer { folder.remove() }
    let name = folder.file("away")
    let shelf = DayShelf(
      path: name + "/metrics.db",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    defer { shelf.close() }
    #expect(shelf.days(at: start).isEmpty)
    shelf.keep([day([point(0, 1)])])
    try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    shelf.keep([day([point(0, 1)])])
    let store = try MetricsStore(path: name + "/metrics.db")
    defer { store.close() }
    #expect(try store.dayResults().map(\.result) == [Money(dollars: 1)])
  }
}
