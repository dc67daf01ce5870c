import MetricsStore
import RiskModel
import RiskTestKit
import Testing

@Suite struct DayResultsTests {
  private let folder = TemporaryFolder("riskd-results")
  private let friday = CivilDate(year: 2_025, month: 11, day: 21)

  private func result(
    _ account: Int64, _ slot: Int64, _ dollars: Int64?, _ kind: StoredResult.Kind = .course,
    date: CivilDate? = nil
  ) -> StoredResult {
    StoredResult(
      account: AccountID(account), date: date ?? friday, kind: kind, slot: slot,
      at: Instant(secondsSinceEpoch: 1_763_735_400 + slot * 300),
      result: dollars.map { Money(dollars: $0) })
  }

  @Test func `the figures of a day come back, each slot once`() throws {
    defer { folder.remove() }
    let path = folder.file("metrics.db")
    let store = try MetricsStore(path: path)
    try store.keep([result(7, 1, 10), result(7, 2, nil), result(8, 1, -5)])
    try store.keep([result(7, 2, 12), result(7, 3, 13), result(7, 0, -40, .worst)])
    store.close()
    let next = try MetricsStore(path: path)
    defer { next.close() }
    #expect(
      try next.dayResults() == [
        result(7, 1, 10), result(7, 2, 12), result(7, 3, 13), result(7, 0, -40, .worst),
        result(8, 1, -5),
      ])
  }

  @Test func `a new day takes the place of the former, of that account alone`() throws {
    defer { folder.remove() }
    let store = try MetricsStore(path: folder.file("metrics.db"))
    defer { store.close() }
    let monday = friday.adding(days: 3)
    try store.keep([result(7, 1, 10), result(7, 2, 11), result(8, 1, -5)])
    try store.keep([result(7, 900, 0, date: monday)])
    #expect(try store.dayResults() == [result(7, 900, 0, date: monday), result(8, 1, -5)])
  }

  @Test func `what nobody told of for long is forgotten`() throws {
    defer { folder.remove() }
    let store = try MetricsStore(path: folder.file("metrics.db"))
    defer { store.close() }
    try store.keep([result(7, 1, 10), result(8, 9, -5)])
    try store.forgetResults(before: result(8, 9, nil).at)
    #expect(try store.dayResults() == [result(8, 9, -5)])
  }
}
