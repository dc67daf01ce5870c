import AuditLog
import EnforcerRole
import EvaluatorRole
import Glibc
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Store
import Testing

@testable import Workers

/// A root with a database that an engine has worked with.
final class DatabaseScene {
  struct FixedClock: Clock {
    var instant = Sample.morning + .seconds(600)
    func now() -> Instant { instant }
    func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: 0) }
  }

  let folder = TemporaryFolder("opening")
  var path: String { folder.file("risk_manager.db") }
  var backups: BackupFolder { BackupFolder(path: folder.file("backups")) }
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  var opening: DatabaseOpening {
    DatabaseOpening(
      path: path, backups: backups, busyTimeout: .milliseconds(50), clock: FixedClock(),
      logger: logger)
  }

  /// Records an account's loss and the lockout that it led to.
  ///
  /// - Returns: The state of the engine.
  func fill(_ store: Store) throws -> EngineState {
    let journal = StoreJournal(
      store, ballast: DiskBallast(path: path + ".ballast", size: 4_096), logger: logger)
    var engine = RiskEngine()
    let rules = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500")))
    let trade = Trade(
      id: TradeID(1), account: Sample.account, contract: Sample.mnq, executedAt: Sample.morning,
      price: .at("20000"), profit: .of("-600"), fees: .zero, side: .sell, size: 1,
      order: OrderID(1))
    for input: EngineInput in [
      .configuration([Sample.account: rules]), .tick(venueTime: Sample.morning),
      .event(.trade(trade)),
    ] {
      var batch = JournalBatch()
      let effects = engine.apply(input, at: Sample.morning)
      batch.entries = [
        JournalEntry(
          ordinal: engine.state.ordinal, at: Sample.morning, input: input, effects: effects)
      ]
      batch.feed = StreamPosition(producerEpoch: 1, sequence: engine.state.ordinal)
      if case .configuration = input {
        batch.checkpoint = engine.state
        batch.beginsSegment = true
      }
      try journal.commit(batch)
    }
    return engine.state
  }

  func store() throws -> Store { try Store.open(path: path, now: Sample.morning) }

  func digest(_ state: EngineState) throws -> String {
    RunningDigest.text(RunningDigest.of(try MessageCoder().encode(state)))
  }

  /// Opens, and says what came of it.
  func open() throws -> (store: Store, recovery: EngineRecovery, loss: String?) {
    guard case .open(let store, let recovery, let loss) = try opening.open() else {
      throw JournalError("not available")
    }
    return (store, recovery, loss)
  }

  var asideFiles: [String] {
    var names: [String] = []
    guard let directory = opendir(folder.path) else { return [] }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.contains(".damaged_"), name.hasSuffix("-wal") == false, !name.hasSuffix("-shm") {
        names.append(name)
      }
    }
    return names
  }

  /// Writes bytes into the middle of the file, or cuts it.
  func damage(_ kind: Damage) {
    let file = Glibc.open(path, O_RDWR)
    defer { close(file) }
    var status = stat()
    fstat(file, &status)
    switch kind {
    case .flipped:
      let junk = [UInt8](repeating: 0xA5, count: Int(status.st_size) - 4_096)
      _ = pwrite(file, junk, junk.count, 4_096)
    case .cut: _ = ftruncate(file, status.st_size / 2 - 100)
    case .overwritten: _ = pwrite(file, Array("no database".utf8), 11, 0)
    case .emptied: _ = ftruncate(file, 0)
    }
  }

  enum Damage: CaseIterable {
    case flipped
    case cut
    case overwritten
    case emptied
  }

  deinit { folder.remove() }
}

@Suite struct DatabaseOpeningTests {
  private let scene = DatabaseScene()

  @Test func `the first start is no loss`() throws {
    let opened = try scene.open()
    #expect(opened.loss == nil)
    #expect(opened.recovery.engine.state == EngineState())
    #expect(try opened.store.gaps().isEmpty)
  }

  @Test func `a good database is opened as it is`() throws {
    let store = try scene.store()
    let state = try scene.fill(store)
    try store.close()
    let opened = try scene.open()
    #expect(opened.loss == nil)
    #expect(opened.recovery.engine.state == state)
    #expect(opened.recovery.feed == StreamPosition(producerEpoch: 1, sequence: 3))
  }

  @Test func `a backup in a fresh root gives the same state`() throws {
    let store = try scene.store()
    let state = try scene.fill(store)
    let backup = try scene.backups.make(from: scene.path, at: Sample.morning, keep: 7)
    let other = DatabaseScene()
    try DatabaseFile.copy(from: backup, to: other.path)
    let recovered = try other.open().recovery.engine.state
    #expect(try other.digest(recovered) == scene.digest(state))
    #expect(recovered.targets.count == 1)
  }

  @Test(arguments: DatabaseScene.Damage.allCases)
  func `a damaged database gives way to the newest good backup`(
    _ damage: DatabaseScene.Damage
  ) throws {
    let store = try scene.store()
    let state = try scene.fill(store)
    let good = try scene.backups.make(from: scene.path, at: Sample.morning, keep: 7)
    let bad = try scene.backups.make(from: scene.path, at: Sample.morning + .seconds(60), keep: 7)
    truncate(bad, 5_000)
    try store.close()
    scene.damage(damage)

    var opened = try scene.open()
    let loss = try #require(opened.loss)
    #expect(loss.contains(good))
    #expect(scene.asideFiles.count == 1)
    var expected = state
    expected.ordinal = opened.recovery.engine.state.ordinal
    #expect(opened.recovery.engine.state == expected)
    #expect(expected.ordinal == DatabaseScene.FixedClock().now().nanosSinceEpoch / 1_000_000)
    #expect(opened.recovery.engine.state.targets.count == 1)
    #expect(opened.recovery.feed == nil && opened.recovery.verdict == nil)
    let gap = try #require(try opened.store.gaps().first)
    #expect(gap.after == state.ordinal && gap.resumedAfter == expected.ordinal)
    #expect(try opened.store.openTargets().count == 1)
    try opened.store.close()

    // The loss stands until the venue was read, also over another start.
    opened = try scene.open()
    #expect(opened.loss == loss)
    #expect(opened.recovery.engine.state == expected)
    #expect(scene.asideFiles.count == 1)
  }

  @Test func `without a backup it starts with nothing and says so`() throws {
    let store = try scene.store()
    _ = try scene.fill(store)
    try store.close()
    scene.damage(.overwritten)
    let opened = try scene.open()
    #expect(opened.loss?.contains("there is no backup") == true)
    #expect(opened.recovery.engine.state.targets.isEmpty)
    #expect(opened.recovery.engine.state.ordinal > 1_000_000)
    #expect(scene.asideFiles.count == 1)
  }

  @Test func `a database that is gone is lost, not new`() throws {
    let store = try scene.store()
    _ = try scene.fill(store)
    try scene.backups.make(from: scene.path, at: Sample.morning, keep: 7)
    try store.close()
    unlink(scene.path)
    let opened = try scene.open()
    #expect(opened.loss?.contains("is gone") == true)
    #expect(opened.recovery.engine.state.targets.count == 1)
  }

  @Test func `backups that cannot be listed are not the same as none`() throws {
    let store = try scene.store()
    _ = try scene.fill(store)
    try store.close()
    let file = try #require(fopen(scene.path, "w"))
    fputs("this is no database", file)
    fclose(file)
    let blocker = try #require(fopen(scene.folder.file("backups"), "w"))
    fclose(blocker)
    let opening = DatabaseOpening(
      path: scene.path, backups: scene.backups, busyTimeout: .milliseconds(10),
      clock: DatabaseScene.FixedClock(), logger: scene.logger)
    guard case .unavailable(.unreadable) = try opening.open() else {
      Issue.record("a database took the place of lockouts that a backup may hold")
      return
    }
    #expect(scene.asideFiles.isEmpty)
  }

  @Test func `an empty file without a trace of an earlier life is a first start`() throws {
    let other = try Store.open(path: scene.path, now: Sample.morning)
    try other.close()
    let file = fopen(scene.path, "w")
    fclose(file)
    #expect(mkdir(scene.folder.file("backups"), 0o700) == 0)
    #expect(try scene.open().loss == nil)
  }

  @Test func `an operator's restore is a loss of what came after it`() throws {
    let store = try scene.store()
    let state = try scene.fill(store)
    try store.setMeta([DatabaseOpening.restoredName: "an operator restored it"])
    try store.close()
    var opened = try scene.open()
    #expect(opened.loss == "an operator restored it")
    let ordinal = opened.recovery.engine.state.ordinal
    #expect(ordinal > state.ordinal)
    try opened.store.close()
    opened = try scene.open()
    #expect(opened.recovery.engine.state.ordinal == ordinal)
  }

  @Test func `what cannot be opened now is not lost`() throws {
    let blocked = DatabaseOpening(
      path: scene.folder.file("missing/risk_manager.db"), backups: scene.backups,
      busyTimeout: .milliseconds(10), clock: DatabaseScene.FixedClock(), logger: scene.logger)
    guard case .unavailable(.unwritable(_, ENOENT, _)) = try blocked.open() else {
      Issue.record("a missing folder is a loss")
      return
    }
  }

  @Test func `a damage that a commit found is looked for at the next start`() throws {
    let store = try scene.store()
    _ = try scene.fill(store)
    try store.close()
    try scene.open().store.close()
    scene.backups.files.forEach { _ = unlink($0) }
    DatabaseOpening.noteSuspicion(of: scene.path)
    #expect(access(scene.path + ".suspect", F_OK) == 0)
    #expect(try scene.open().loss == nil)
    #expect(access(scene.path + ".suspect", F_OK) != 0)
  }

  @Test func `an account that is configured no more keeps its lockout`() throws {
    let store = try scene.store()
    _ = try scene.fill(store)
    let targets = DatabaseTargets(
      path: scene.path, accounts: [Sample.otherAccount], clock: DatabaseScene.FixedClock())
    let open = try targets.openTargets()
    #expect(open.accounts == [Sample.account, Sample.otherAccount])
    #expect(open.targets.map(\.account) == [Sample.account])
  }
}
