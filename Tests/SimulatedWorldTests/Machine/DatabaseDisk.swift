import EnforcerRole
import EvaluatorRole
import ForgetfulDisk
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Store

@testable import Workers

/// The evaluator's journal in its database, on a disk that forgets what was not synchronised.
///
/// Each life of the evaluator gets a copy of the files as the one before left them: nothing of a
/// dead process, neither its locks nor its index of the log, is there any more.
final class DatabaseDisk: WorldDisk {
  private static let prefix = "/tmp/riskd-world-"

  private unowned let world: World
  private let folder = TemporaryFolder("riskd-world")
  private let logger = Logger(label: "database") { _ in SwiftLogNoOpLogHandler() }
  private var life = 0
  private var lives: [Store] = []
  private var journal: StoreJournal?
  private var lossOfPower: UInt64?
  private var cutAt = TimeSpan.zero
  var isFull = false {
    didSet { forgetful_disk_set_full(folder.path, isFull ? 1 : 0) }
  }

  init(_ world: World) {
    forgetful_disk_register(Self.prefix)
    self.world = world
    world.auditor.count("databases")
  }

  private func file(_ life: Int, _ suffix: String = "") -> String {
    folder.file("\(life).db\(suffix)")
  }

  private var store: Store? { journal == nil ? nil : lives.last }

  func commit(_ batch: JournalBatch) throws(JournalError) {
    guard let journal else { throw JournalError("the database is closed") }
    do throws(JournalError) {
      try journal.commit(batch)
    } catch {
      world.auditor.notRecorded()
      throw error
    }
    world.auditor.recorded(batch)
  }

  func synchronise() {
    let (ordinal, store, path) = (lastOrdinal, store, file(life))
    world.agenda.after(world.span(upTo: world.options.syncTime)) { [weak self] in
      // The process that wanted it must still be there.
      guard let self, let store, store === self.store else { return }
      guard (try? store.flushToDisk()) != nil else { return }
      forgetful_disk_synchronised(path + "-wal")
      world.auditor.synchronised(through: ordinal)
    }
  }

  func recover() -> Recovered? {
    let former = life
    life += 1
    let kept = lossOfPower == nil ? 100 : world.random.pick([0, 30, 70, 95])
    for suffix in ["", "-wal"] {
      let result = forgetful_disk_copy(
        file(former, suffix), file(life, suffix), Int32(kept), lossOfPower ?? 0)
      precondition(result == 0, "Condition failed: the database can be copied")
    }
    do {
      let store = try Store.open(path: file(life), inspection: .quick, now: world.clock.now())
      // A fresh copy is on the disk as it is.
      for suffix in ["", "-wal"] { forgetful_disk_synchronised(file(life, suffix)) }
      let recovery = try EngineRecovery(store, logger: logger)
      if !recovery.differences.isEmpty {
        world.auditor.object("the replay differs from the record: \(recovery.differences.texts)")
      }
      let journal = StoreJournal(
        store, ballast: DiskBallast(path: folder.file("ballast"), size: 4_096), logger: logger)
      journal.disagreed = { [weak world] in
        world?.auditor.object("the record knew targets otherwise: \($0)")
      }
      self.journal = journal
      lives.append(store)
      if lossOfPower != nil {
        lossOfPower = nil
        let last = store.nextOrdinal - 1
        world.note("the database forgets all behind \(last)")
        if last < world.auditor.record.lastOrdinal { world.auditor.count("databases cut short") }
        world.auditor.forgotten(after: last, at: cutAt)
      }
      forgetful_disk_set_full(folder.path, isFull ? 1 : 0)
      return Recovered(
        engine: recovery.engine, feed: recovery.feed, verdict: recovery.verdict)
    } catch {
      guard isFull else {
        world.auditor.object("the database cannot be opened: \(error)")
        return nil
      }
      life = former
      return nil
    }
  }

  func openTargets() throws -> [Target] {
    let accounts = world.options.accounts
    return try DatabaseTargets(path: file(life), accounts: accounts, clock: world.clock)
      .openTargets().targets
  }

  var lastOrdinal: Int64 { (store?.nextOrdinal ?? 1) - 1 }

  var entries: [JournalEntry] {
    guard let store else { return [] }
    let coder = MessageCoder()
    var entries: [JournalEntry] = []
    do {
      var rows = store.readJournal(from: 0)
      while let row = try rows.next() {
        let effects = try row.effects.map { try coder.decode([Effect].self, from: $0) }
        entries.append(
          JournalEntry(
            ordinal: row.ordinal, at: row.at, input: try StoreJournal.input(of: row, coder),
            effects: effects ?? []))
      }
    } catch {
      world.auditor.object("the journal cannot be read: \(error)")
    }
    return entries
  }

  func processEnded() { journal = nil }

  func cutPower() {
    journal = nil
    // Nothing is written between two cuts without a start.
    if lossOfPower == nil { cutAt = world.clock.elapsed }
    lossOfPower = world.random.next()
  }

  func close() {
    journal = nil
    for store in lives { try? store.close() }
    lives = []
    forgetful_disk_forget(folder.path)
    folder.remove()
  }
}
