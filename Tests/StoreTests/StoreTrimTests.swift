import GRDB
import RiskModel
import Testing

@testable import Store

@Suite struct StoreTrimTests {
  private let folder = Folder()

  /// Inputs 1 to 100, of which 41 to 60 are marks in one row; checkpoints after 70 and 90.
  private func store() throws -> Store {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...100 {
      var batch = CommitBatch()
      batch.rows = [
        (41...60).contains(ordinal) ? Sample.mark(ordinal) : Sample.input(ordinal)
      ]
      if ordinal % 30 == 1 {
        batch.segment = StoredSegment(
          firstOrdinal: ordinal, startedAt: .sample, configuration: Array("{}".utf8),
          engineVersion: 1, stateDigest: [])
      }
      if ordinal == 70 || ordinal == 90 {
        batch.checkpoint = StoredCheckpoint(ordinal: ordinal, at: .sample, state: [1])
      }
      try store.commit(batch)
    }
    return store
  }

  private func trimAll(_ store: Store, keepingFrom ordinal: Int64) throws -> Int {
    var total = 0
    while true {
      let deleted = try store.trim(keepingFrom: ordinal, limit: 7)
      total += deleted
      if deleted < 7 { return total }
    }
  }

  @Test func oldRowsGoInSmallBatches() throws {
    let store = try store()
    #expect(try store.trim(keepingFrom: 31, limit: 7) == 7)
    #expect(try store.rows().first?.ordinal == 8)
    #expect(try trimAll(store, keepingFrom: 31) == 23)
    #expect(try store.rows().first?.ordinal == 31)
    #expect(try store.segments().map(\.firstOrdinal) == [31, 61, 91])
    #expect(try store.trim(keepingFrom: 31) == 0)
  }

  @Test func aBlockIsKeptAsLongAsOneOfItsMarksIs() throws {
    let store = try store()
    _ = try trimAll(store, keepingFrom: 60)
    #expect(try store.rows().first?.ordinal == 41)
    _ = try trimAll(store, keepingFrom: 61)
    #expect(try store.rows().first?.ordinal == 61)
  }

  @Test func whatTheOlderCheckpointNeedsIsKept() throws {
    let store = try store()
    _ = try trimAll(store, keepingFrom: .max)
    #expect(try store.rows().map(\.ordinal) == Array(71...100))
    #expect(try store.segments().map(\.firstOrdinal) == [61, 91])
    #expect(store.nextOrdinal == 101)
    try store.commit([Sample.input(101)])
  }

  @Test func withoutACheckpointEverythingIsKept() throws {
    let store = try Store.writer(folder.database)
    try store.commit((Int64(1)...10).map { Sample.input($0) })
    #expect(try store.trim(keepingFrom: 5) == 0)
    #expect(try store.rows().count == 10)
  }
}
