import GRDB
import RiskModel
import RiskTestKit
import Testing

@testable import Store

@Suite struct JournalTests {
  private let folder = Folder()

  @Test func inputsAreReadInOrderWithTheirEffects() throws {
    let store = try Store.writer(folder.database)
    let rows = [
      Sample.input(1), Sample.input(2, effects: "[]"), Sample.mark(3), Sample.mark(4, "ES"),
      Sample.mark(5, effects: "[{\"adopt\":1}]"), Sample.mark(6), Sample.input(7), Sample.mark(8),
    ]
    try store.commit(rows)
    #expect(try store.rows() == rows)
    #expect(
      try store.reading { try String.fetchAll($0, sql: "SELECT kind FROM journal") }
        == ["event", "event", "marks", "marks", "event", "marks"])
    #expect(try store.count("SELECT count(*) FROM mark_contracts") == 2)
  }

  @Test func marksShareARowAcrossCommitsUpTo64() throws {
    let store = try Store.writer(folder.database)
    let rows = (Int64(1)...150).map { Sample.mark($0) }
    for row in rows { try store.commit([row]) }
    #expect(
      try store.reading { try Int64.fetchAll($0, sql: "SELECT ordinal FROM journal") }
        == [1, 65, 129])
    #expect(try store.rows() == rows)
  }

  @Test func aBlockIsContinuedAfterARestart() throws {
    var store = try Store.writer(folder.database)
    try store.commit([Sample.mark(1), Sample.mark(2)])
    try store.close()
    store = try Store.writer(folder.database)
    try store.commit([Sample.mark(3)])
    #expect(try store.count("SELECT count(*) FROM journal") == 1)
    #expect(try store.rows() == [Sample.mark(1), Sample.mark(2), Sample.mark(3)])
  }

  @Test func aBlockWithEffectsIsNotContinuedAfterARestart() throws {
    var store = try Store.writer(folder.database)
    try store.commit([Sample.mark(1, effects: "[]")])
    try store.close()
    store = try Store.writer(folder.database)
    try store.commit([Sample.mark(2)])
    #expect(try store.count("SELECT count(*) FROM journal") == 2)
    #expect(try store.rows() == [Sample.mark(1, effects: "[]"), Sample.mark(2)])
  }

  @Test func ordinalsMaySkipButNotGoBack() throws {
    let store = try Store.writer(folder.database)
    try store.commit([Sample.mark(10), Sample.mark(20), Sample.input(30)])
    #expect(try store.rows() == [Sample.mark(10), Sample.mark(20), Sample.input(30)])
    #expect(throws: StoreError.ordinal(expectedAtLeast: 31, found: 30)) {
      try store.commit([Sample.input(30)])
    }
    #expect(throws: StoreError.ordinal(expectedAtLeast: 33, found: 32)) {
      try store.commit([Sample.input(31), Sample.input(32), Sample.mark(32)])
    }
    #expect(store.nextOrdinal == 31)
    try store.commit([Sample.input(31)])
  }

  @Test func aFailedCommitLeavesNoTrace() throws {
    let store = try Store.writer(folder.database)
    try store.commit([Sample.mark(1)])
    var batch = CommitBatch()
    batch.rows = [Sample.mark(2, "ES"), Sample.mark(3, "GC")]
    let rows = batch.rows
    batch.rows.append(Sample.mark(3))
    batch.standing = [Sample.target(2)]
    #expect(throws: StoreError.ordinal(expectedAtLeast: 4, found: 3)) { try store.commit(batch) }
    #expect(try store.rows() == [Sample.mark(1)])
    #expect(try store.openTargets().isEmpty)
    #expect(try store.count("SELECT count(*) FROM mark_contracts") == 1)
    batch.rows = rows
    try store.commit(batch)
    #expect(try store.rows() == [Sample.mark(1)] + batch.rows)
    #expect(try store.count("SELECT count(*) FROM journal") == 1)
  }

  @Test(
    arguments: [
      (0, 99, 1...30), (5, 5, 5...5), (3, 12, 3...12), (11, 20, 11...20), (25, 26, 25...26),
      (30, 30, 30...30),
    ] as [(Int64, Int64, ClosedRange<Int64>)])
  func aRangeMayBeginAndEndInsideABlock(
    _ first: Int64, _ last: Int64, _ expected: ClosedRange<Int64>
  ) throws {
    let store = try Store.writer(folder.database)
    try store.commit(
      (Int64(1)...30).map { $0 < 5 || $0 == 15 ? Sample.input($0) : Sample.mark($0) })
    #expect(try store.rows(from: first, through: last).map(\.ordinal) == Array(expected))
  }

  @Test(arguments: [(31, 40), (0, 0), (5, 4)] as [(Int64, Int64)])
  func aRangeMayBeEmpty(_ first: Int64, _ last: Int64) throws {
    let store = try Store.writer(folder.database)
    try store.commit((Int64(1)...30).map { Sample.mark($0) })
    #expect(try store.rows(from: first, through: last).isEmpty)
  }

  @Test func aLongJournalIsReadInPages() throws {
    let store = try Store.writer(folder.database)
    var rows: [JournalRow] = []
    for ordinal in Int64(1)...3_000 {
      if ordinal.isMultiple(of: 500) {
        rows.append(
          JournalRow(
            ordinal: ordinal, at: .sample, kind: "snapshot",
            payload: [UInt8](repeating: 0x20, count: 200_000)))
      } else {
        rows.append(ordinal % 40 < 30 ? Sample.input(ordinal) : Sample.mark(ordinal))
      }
    }
    try store.commit(rows)
    #expect(try store.rows() == rows)
    #expect(try store.rows(from: 777, through: 2_222) == Array(rows[776..<2_222]))
  }

  @Test func aReaderMissesNothingOfABlockThatGrowsWhileItReads() throws {
    let writer = try Store.writer(folder.database)
    try writer.commit((Int64(1)...10).map { Sample.mark($0) })
    let reader = try Store.reader(folder.database)
    var cursor = reader.readJournal(from: 1)
    var found: [JournalRow] = []
    for _ in 1...10 { found.append(try #require(try cursor.next())) }
    try writer.commit((Int64(11)...90).map { Sample.mark($0, "NQ\($0 % 3)") })
    while let row = try cursor.next() { found.append(row) }
    #expect(found.map(\.ordinal) == Array(1...90))
    #expect(try writer.rows() == found)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func anyMixtureIsReadBackExactly(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var store = try Store.writer(folder.database)
    var rows: [JournalRow] = []
    var ordinal: Int64 = 0
    for _ in 0..<120 {
      var batch: [JournalRow] = []
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        ordinal += random.chance(2) ? 3 : 1
        let effects = random.chance(10) ? "[\(ordinal)]" : nil
        batch.append(
          random.chance(80)
            ? Sample.mark(ordinal, random.pick(["MNQ", "ES", "GC", "6J"]), effects: effects)
            : Sample.input(ordinal, effects: effects))
      }
      try store.commit(batch)
      rows += batch
      if random.chance(10) {
        try store.close()
        store = try Store.writer(folder.database)
      }
    }
    #expect(try store.rows() == rows)
    #expect(store.nextOrdinal == ordinal + 1)
  }

  @Test func marksTakeAtMost16BytesOfTheFile() throws {
    let store = try Store.writer(folder.database)
    let empty = try store.count("PRAGMA page_count")
    let marks = 12_000
    var random = SeededGenerator(seed: 9)
    var price: Int64 = 21_000_000_000_000
    var at = Instant.sample
    for first in stride(from: 1, through: marks, by: 3) {
      try store.commit(
        (first..<(first + 3)).map { ordinal in
          price += 250_000_000 * Int64.random(in: -4...4, using: &random)
          at = at + TimeSpan(nanos: Int64.random(in: 1_000...400_000_000, using: &random))
          return JournalRow(
            ordinal: Int64(ordinal),
            mark: JournalMark(
              contract: ContractID(random.chance(50) ? "CON.F.US.MNQ.Z25" : "CON.F.US.EP.Z25"),
              field: UInt8.random(in: 0...2, using: &random), price: Price(nanos: price), at: at))
        })
    }
    let bytes = (try store.count("PRAGMA page_count") - empty) * 4_096
    print("\(bytes) bytes of the file for \(marks) marks")
    #expect(bytes <= marks * 16)
  }

  @Test func aDamagedBlockIsNamed() throws {
    let store = try Store.writer(folder.database)
    try store.commit([Sample.mark(1), Sample.mark(2), Sample.input(3)])
    try store.writing {
      try $0.execute(sql: "UPDATE journal SET payload = x'0200' WHERE ordinal = 1")
    }
    #expect(
      throws: StoreError.undecodable(
        table: "journal", row: "1", problem: "mark block of format 2 instead of 1")
    ) { try store.rows() }
    #expect(try store.rows(from: 3) == [Sample.input(3)])
    try store.writing {
      try $0.execute(sql: "UPDATE journal SET payload = x'0100280000' WHERE ordinal = 1")
    }
    #expect(
      throws: StoreError.undecodable(
        table: "journal", row: "1", problem: "no contract has the number 10")
    ) { try store.rows() }
    try store.writing { try $0.execute(sql: "DELETE FROM journal WHERE ordinal = 3") }
    try store.writing { try $0.execute(sql: "UPDATE journal SET payload = x''") }
    try store.close()
    #expect(throws: StoreError.self) { try Store.writer(folder.database) }
  }
}
