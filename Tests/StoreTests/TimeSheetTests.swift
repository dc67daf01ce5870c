import GRDB
import Glibc
import RiskModel
import Testing

@testable import Store

@Suite struct TimeSheetTests {
  private let folder = Folder()
  private var path: String { folder.file("metrics.db") }
  private let start = Instant(secondsSinceEpoch: 1_763_679_600)

  private func at(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

  @Test func `time clocked in adds up over the day`() throws {
    let sheet = TimeSheet(path: path)
    #expect(
      try sheet.summary(since: start, until: at(0)) == .init(openSince: nil, closed: .zero))
    #expect(try sheet.clockIn(at: at(100)))
    #expect(
      try sheet.summary(since: start, until: at(160))
        == .init(openSince: at(100), closed: .zero))
    #expect(try sheet.clockOut(at: at(400)))
    #expect(try sheet.clockIn(at: at(500)))
    #expect(
      try sheet.summary(since: start, until: at(600))
        == .init(openSince: at(500), closed: .seconds(300)))
  }

  @Test func `nobody is clocked in or out twice`() throws {
    let sheet = TimeSheet(path: path)
    #expect(try !sheet.clockOut(at: at(1)))
    #expect(try sheet.clockIn(at: at(2)))
    #expect(try !sheet.clockIn(at: at(3)))
    #expect(try sheet.clockOut(at: at(4)))
    #expect(try !sheet.clockOut(at: at(5)))
    #expect(try sheet.summary(since: start, until: at(9)).closed == .seconds(2))
  }

  @Test func `only the part of a stretch within the day counts`() throws {
    let sheet = TimeSheet(path: path)
    _ = try sheet.clockIn(at: at(-100))
    _ = try sheet.clockOut(at: at(50))
    _ = try sheet.clockIn(at: at(60))
    #expect(
      try sheet.summary(since: start, until: at(100))
        == .init(openSince: at(60), closed: .seconds(50)))
    let next = at(86_400)
    #expect(
      try sheet.summary(since: next, until: next + .seconds(10))
        == .init(openSince: next, closed: .zero))
  }

  @Test func `a clock that was set back makes no negative time`() throws {
    let sheet = TimeSheet(path: path)
    _ = try sheet.clockIn(at: at(100))
    _ = try sheet.clockOut(at: at(50))
    #expect(try sheet.summary(since: start, until: at(200)).closed == .zero)
  }

  @Test func `it outlives the process and shares its file`() throws {
    let sheet = TimeSheet(path: path)
    _ = try sheet.clockIn(at: at(1))
    #expect(access(path + "-journal", F_OK) == 0, "the journal stays where it is")
    sheet.close()
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE metrics (value INTEGER)") }
    #expect(try TimeSheet(path: path).summary(since: start, until: at(5)).openSince == at(1))
  }

  @Test func `a file that is no database is reported, and tried again`() throws {
    let sheet = TimeSheet(path: folder.file("missing/metrics.db"))
    #expect(throws: StoreError.self) { try sheet.clockIn(at: at(1)) }
    #expect(mkdir(folder.file("missing"), 0o700) == 0)
    #expect(try sheet.clockIn(at: at(2)))
  }
}
