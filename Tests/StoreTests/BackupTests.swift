import GRDB
import Glibc
import RiskModel
import Testing

@testable import Store

@Suite struct BackupTests {
  private let folder = Folder()
  private var backups: BackupFolder { BackupFolder(path: folder.file("backups/")) }

  private func filled() throws -> Store {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.rows = (Int64(1)...500).map { Sample.input($0) }
    batch.standing = [Sample.target(3)]
    try store.commit(batch)
    return store
  }

  @Test func aCopyOfAnOpenDatabaseIsWholeAndPrivate() throws {
    let store = try filled()
    let file = try backups.make(from: folder.database, at: .sample, keep: 3)
    #expect(file == folder.file("backups/risk_manager_20250916_052000.db"))
    #expect(mode(of: file) == 0o600)
    #expect(mode(of: folder.file("backups")) == 0o700)
    for suffix in ["-wal", "-shm", ".new"] { #expect(mode(of: file + suffix) == -1) }
    try store.commit([Sample.input(501)])
    let copy = try Store.reader(file)
    #expect(try copy.rows().count == 500)
    #expect(try copy.openTargets() == [Sample.target(3)])
    #expect(backups.newest == .sample)
    #expect(try DatabaseFile.inspect(file) == 2)
  }

  @Test func theOldestGoAndForeignFilesStay() throws {
    _ = try filled()
    mkdir(folder.file("backups"), 0o700)
    write([1], to: folder.file("backups/risk_manager_notes.db"))
    write([1], to: folder.file("backups/copy.db"))
    var made: [String] = []
    for day in Int64(0)..<5 {
      made.append(
        try backups.make(from: folder.database, at: .sample + .seconds(day * 86_400), keep: 3))
    }
    #expect(backups.files == made.suffix(3).reversed())
    #expect(mode(of: folder.file("backups/risk_manager_notes.db")) == 0o600)
    #expect(mode(of: folder.file("backups/copy.db")) == 0o600)
    // Two within a second are two.
    let again = try backups.make(from: folder.database, at: .sample + .seconds(4 * 86_400), keep: 3)
    #expect(again.hasSuffix("_052001.db"))
  }

  @Test func copiesForAPurposeGoByAgeAndPushOutNoneOfTheDay() throws {
    _ = try filled()
    func make(_ day: Int64, _ label: String? = nil) throws -> String {
      try backups.make(
        from: folder.database, at: .sample + .seconds(day * 86_400), keep: 2, label: label)
    }
    let first = try make(0, "migration")
    #expect(first.hasSuffix("_052000_migration.db"))
    let daily = [try make(1), try make(2)]
    let manual = try (Int64(3)..<9).map { try make($0, "manual") }
    #expect(backups.files == (manual.reversed() + daily.reversed() + [first]))
    #expect(backups.newest == .sample + .seconds(8 * 86_400))
    #expect(backups.newestUsable().file == manual.last)
    // Thirty days and a little are too old, and a third one of the day is one too many.
    let last = try make(31)
    #expect(backups.files == [last] + manual.reversed() + [daily[1]])
  }

  @Test func aDamagedDatabaseIsNotBackedUpAndNoBackupGoes() throws {
    let store = try filled()
    _ = try backups.make(from: folder.database, at: .sample, keep: 1)
    try store.close()
    var damaged = bytes(of: folder.database)
    for index in 8_192..<12_288 { damaged[index] = 0xA5 }
    write(damaged, to: folder.database)
    #expect(throws: StoreError.self) {
      try backups.make(from: folder.database, at: .sample + .seconds(60), keep: 1)
    }
    #expect(backups.files.count == 1)
    #expect(throws: StoreError.missing(file: folder.file("nothing"))) {
      try backups.make(from: folder.file("nothing"), at: .sample, keep: 1)
    }
  }

  @Test func theNewestUsableBackupIsFoundBehindDamagedOnes() throws {
    let store = try filled()
    let good = try backups.make(from: folder.database, at: .sample, keep: 9)
    let cut = try backups.make(from: folder.database, at: .sample + .seconds(60), keep: 9)
    write(bytes(of: cut).prefix(6_000), to: cut)
    write(Array("nothing".utf8), to: backups.file(stamp: "20300101_000000"))
    let found = backups.newestUsable()
    #expect(found.file == good)
    #expect(found.unusable.count == 2)
    unlink(good)
    #expect(backups.newestUsable().file == nil)
    try store.close()
  }

  @Test func aCopyOfADeploymentIsACandidateToo() throws {
    let store = try filled()
    let earlier = try backups.make(from: folder.database, at: .sample, keep: 9)
    let later = try backups.make(from: folder.database, at: .sample + .seconds(60), keep: 9)
    let labelled = later.dropLast(3) + "_deploy.db"
    #expect(rename(later, String(labelled)) == 0)
    for name in ["_.db", "_de_ploy.db", "_dé.db", "x_deploy.db"] {
      write([1], to: later.dropLast(3) + name)
    }
    #expect(backups.files == [String(labelled), earlier])
    #expect(backups.newest == .sample + .seconds(60))
    #expect(backups.newestUsable().file == String(labelled))
    try store.close()
  }

  @Test func aDatabaseIsSetAsideWithItsLog() throws {
    let store = try filled()
    let name = try DatabaseFile.setAside(folder.database, as: "damaged", at: .sample)
    #expect(name == folder.database + ".damaged_20250916_052000")
    #expect(mode(of: folder.database) == -1)
    #expect(mode(of: name) == 0o600 && mode(of: name + "-wal") == 0o600)
    write([1], to: folder.database)
    #expect(
      try DatabaseFile.setAside(folder.database, as: "damaged", at: .sample) == name + "_2")
    try store.close()
  }

  @Test func vacuumGivesSpaceBackAndKeepsTheRows() throws {
    let store = try filled()
    try store.writing { try $0.execute(sql: "DELETE FROM journal WHERE ordinal <= 490") }
    try store.moveLogIntoDatabase()
    try store.close()
    let (before, after) = try DatabaseFile.vacuum(folder.database)
    #expect(after < before)
    #expect(try Store.reader(folder.database).rows().count == 10)
    #expect(DatabaseFile.size(folder.database) >= after)
    #expect(throws: StoreError.missing(file: folder.file("x"))) {
      try DatabaseFile.vacuum(folder.file("x"))
    }
  }

  @Test func theLogIsMovedBesideAWriter() async throws {
    let store = try filled()
    #expect(store.logBytes > 0)
    let problem = await withCheckedContinuation { done in
      store.moveLogInBackground { done.resume(returning: $0) }
    }
    #expect(problem == nil)
    try store.commit([Sample.input(501)])
    #expect(try store.moveLogIntoDatabase() == 0)
    #expect(try store.rows().count == 501)
  }

  @Test func aLostDatabaseLeavesAGap() throws {
    var store = try filled()
    let checkpoint = StoredCheckpoint(ordinal: 9_000, at: .sample, state: [1])
    try store.resume(at: checkpoint, reason: "lost", meta: ["lossOfRecord": "lost"])
    #expect(store.nextOrdinal == 9_001)
    #expect(try store.progress().isEmpty)
    #expect(throws: StoreError.ordinal(expectedAtLeast: 9_001, found: 9_000)) {
      try store.resume(at: checkpoint, reason: "again", meta: [:])
    }
    try store.commit([Sample.input(9_001)])
    try store.close()
    store = try Store.writer(folder.database)
    #expect(store.nextOrdinal == 9_002)
    let gap = try #require(try store.gaps().first)
    #expect(gap.after == 500 && gap.resumedAfter == 9_000 && gap.reason == "lost")
    #expect(try store.meta("lossOfRecord") == "lost")
    try store.inspect()
  }
}
