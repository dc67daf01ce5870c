import GRDB
import Glibc
import PeerProtocol
import RiskModel
import Synchronization
import Testing

@testable import Store

@Suite struct StoreFailureTests {
  private let folder = Folder()

  /// A batch whose parts only make sense together.
  private func batch(_ ordinal: Int64) -> CommitBatch {
    var batch = CommitBatch()
    batch.rows = [Sample.mark(2 * ordinal - 1), Sample.input(2 * ordinal)]
    batch.standing = [Sample.target(ordinal)]
    batch.progress = ["feed": StreamPosition(producerEpoch: 1, sequence: ordinal)]
    batch.meta = ["last": "\(ordinal)"]
    return batch
  }

  /// The number of batches that are there, if none is there in part.
  private func wholeBatches(_ store: Store) throws -> Int64 {
    let sequence = try store.progress()["feed"]?.sequence ?? 0
    #expect(try store.rows().map(\.ordinal) == Array(1..<(2 * sequence + 1)))
    #expect(try store.openTargets().map(\.id.inputOrdinal) == Array(1..<(sequence + 1)))
    #expect(try store.meta("last") == (sequence == 0 ? nil : "\(sequence)"))
    return sequence
  }

  @Test func aDeathAtAnyMomentLeavesWholeBatches() throws {
    try Store.writer(folder.database).close()
    let store = try Store.writer(folder.database)
    var sizes: [Int] = []
    for ordinal in Int64(1)...12 {
      try store.commit(batch(ordinal))
      sizes.append(bytes(of: folder.database + "-wal").count)
    }
    let database = bytes(of: folder.database)
    let log = bytes(of: folder.database + "-wal")
    let copy = folder.file("copy.db")
    for cut in Array(stride(from: 0, through: log.count, by: 2_003)) + [log.count] {
      write(database, to: copy)
      write(log.prefix(cut), to: copy + "-wal")
      unlink(copy + "-shm")
      let survivor = try Store.writer(copy)
      let whole = try wholeBatches(survivor)
      #expect(whole == sizes.count { $0 <= cut }, "a log of \(cut) bytes")
      try survivor.commit(batch(whole + 1))
      #expect(try wholeBatches(survivor) == whole + 1)
      try survivor.close()
    }
  }

  @Test func aReaderOpensWhatADeadWriterLeft() throws {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...5 { try store.commit(batch(ordinal)) }
    let copy = folder.file("copy.db")
    write(bytes(of: folder.database), to: copy)
    write(bytes(of: folder.database + "-wal"), to: copy + "-wal")
    let reader = try Store.reader(copy)
    #expect(try reader.openTargets().count == 5)
    #expect(try wholeBatches(reader) == 5)
  }

  @Test func aFullDatabaseIsUnwritableAndThenGoesOn() throws {
    let store = try Store.writer(folder.database)
    try store.commit(batch(1))
    let pages = try store.count("PRAGMA page_count")
    #expect(try store.count("PRAGMA max_page_count = \(pages)") == pages)
    var big = batch(2)
    big.meta["big"] = String(repeating: "x", count: 100_000)
    for _ in 1...3 {
      do {
        try store.commit(big)
        Issue.record("a full database took a batch")
      } catch {
        guard case .unwritable(folder.database, let code, _) = error else { throw error }
        #expect(code == 13)
      }
      #expect(try wholeBatches(store) == 1)
      #expect(store.nextOrdinal == 3)
    }
    #expect(try store.count("PRAGMA max_page_count = 1000000") == 1_000_000)
    try store.commit(big)
    #expect(try wholeBatches(store) == 2)
  }

  @Test func aReadOnlyDatabaseIsUnwritableAndThenGoesOn() throws {
    let store = try Store.writer(folder.database)
    try store.commit(batch(1))
    _ = try store.count("PRAGMA query_only = 1")
    do {
      try store.commit(batch(2))
      Issue.record("a read-only database took a batch")
    } catch {
      guard case .unwritable(folder.database, 8, _) = error else { throw error }
    }
    _ = try store.count("PRAGMA query_only = 0")
    try store.commit(batch(2))
    #expect(try wholeBatches(store) == 2)
  }

  @Test func aLockedDatabaseIsUnwritableAndThenGoesOn() throws {
    let store = try Store.open(
      path: folder.database, busyTimeout: .milliseconds(20), now: .sample)
    try store.commit(batch(1))
    let other = try DatabaseQueue(path: folder.database)
    try other.inDatabase { db in
      try db.inTransaction(.immediate) {
        do {
          try store.commit(batch(2))
          Issue.record("a locked database took a batch")
        } catch let error as StoreError {
          guard case .unwritable(folder.database, 5, _) = error else { throw error }
        }
        return .rollback
      }
    }
    try store.commit(batch(2))
    #expect(try wholeBatches(store) == 2)
  }

  @Test func aStatementThatIsRefusedIsNoFullDisk() throws {
    let store = try Store.writer(folder.database)
    do {
      try store.writing { try $0.execute(sql: "INSERT INTO journal (ordinal) VALUES (1)") }
      Issue.record("a journal row without a payload was taken")
    } catch {
      guard case .refused(folder.database, let code, _) = error else { throw error }
      #expect(code & 0xFF == 19)
    }
    #expect(throws: StoreError.self) { try store.reading { _ in throw CancellationError() } }
  }

  @Test func whatIsCommittedCanBePutOnTheDisk() async throws {
    let store = try Store.writer(folder.database)
    try store.commit(batch(1))
    try store.flushToDisk()
    let outcome = await withCheckedContinuation { continuation in
      store.flushToDiskInBackground { continuation.resume(returning: $0) }
    }
    #expect(outcome == nil)
  }

  @Test func theLogMovesIntoTheDatabase() throws {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...20 { try store.commit(batch(ordinal)) }
    #expect(try store.moveLogIntoDatabase() == 0)
    let copy = folder.file("copy.db")
    write(bytes(of: folder.database), to: copy)
    let alone = try Store.reader(copy)
    #expect(try wholeBatches(alone) == 20)
  }

  /// What is in use of a log that was large once, and whose file stays so.
  @Test func aLogThatIsMovedIsInUseNoMore() async throws {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...200 { try store.commit(batch(ordinal)) }
    let large = store.logBytes
    #expect(large > 0 && store.logBytesInUse == large)
    let problem = await withCheckedContinuation { done in
      store.moveLogInBackground { done.resume(returning: $0) }
    }
    #expect(problem == nil)
    #expect(store.logBytes == large && store.logBytesInUse == 0)
    // It is written over, and what it grows by counts.
    for ordinal in Int64(201)...220 { try store.commit(batch(ordinal)) }
    #expect(store.logBytes == large && store.logBytesInUse == 0)
    for ordinal in Int64(221)...600 { try store.commit(batch(ordinal)) }
    #expect(store.logBytes > large && store.logBytesInUse == store.logBytes - large)
    let reader = try DatabaseQueue(path: folder.database)
    try reader.inDatabase { db in
      try db.inTransaction(.deferred) {
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM journal")
        for ordinal in Int64(601)...610 { try store.commit(batch(ordinal)) }
        let pages = try store.moveLogIntoDatabase()
        #expect(pages > 0 && store.logBytesInUse == Int64(pages) * (4_096 + 24))
        return .rollback
      }
    }
    #expect(try store.moveLogIntoDatabase() == 0)
    #expect(store.logBytesInUse == 0 && store.logBytes > large)
  }

  @Test func aReaderHoldsTheLogBackButNotTheWriter() throws {
    let store = try Store.writer(folder.database)
    try store.commit(batch(1))
    let reader = try DatabaseQueue(path: folder.database)
    try reader.inDatabase { db in
      try db.inTransaction(.deferred) {
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM journal")
        for ordinal in Int64(2)...10 { try store.commit(batch(ordinal)) }
        #expect(try store.moveLogIntoDatabase() > 0)
        return .rollback
      }
    }
    #expect(try store.moveLogIntoDatabase() == 0)
    #expect(try wholeBatches(store) == 10)
  }
}
