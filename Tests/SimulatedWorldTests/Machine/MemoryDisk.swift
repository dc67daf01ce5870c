import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit

/// A journal in memory that keeps what a transaction log keeps: a dead process loses nothing of what
/// was committed, a power cut the end of it as far back as the last synchronisation.
final class MemoryDisk: WorldDisk {
  private unowned let world: World
  private var transactions: [JournalBatch] = []
  private var durable = 0
  private var boots = 0
  var isFull = false

  init(_ world: World) {
    self.world = world
  }

  func commit(_ batch: JournalBatch) throws(JournalError) {
    guard !isFull else {
      world.auditor.notRecorded()
      throw JournalError("no space left on device")
    }
    transactions.append(batch)
    world.auditor.recorded(batch)
  }

  func synchronise() {
    let (count, boot, ordinal) = (transactions.count, boots, lastOrdinal)
    world.agenda.after(world.span(upTo: world.options.syncTime)) { [weak self] in
      // Somebody pulled the plug meanwhile.
      guard let self, boots == boot, durable < count else { return }
      durable = count
      world.auditor.synchronised(through: ordinal)
    }
  }

  func recover() -> Recovered? {
    var recovered = Recovered(engine: RiskEngine())
    var entries: [JournalEntry] = []
    for batch in transactions {
      entries += batch.entries
      if let state = batch.checkpoint {
        entries.removeAll { $0.ordinal <= state.ordinal }
        recovered.engine = RiskEngine(state: state)
      }
      recovered.feed = batch.feed ?? recovered.feed
      recovered.verdict = batch.verdict ?? recovered.verdict
    }
    for entry in entries { _ = recovered.engine.apply(entry.input, at: entry.at) }
    _ = recovered.engine.restore(standing)
    return recovered
  }

  var lastOrdinal: Int64 { entries.last?.ordinal ?? 0 }

  var entries: [JournalEntry] { transactions.flatMap(\.entries) }

  private var standing: [Target] {
    var targets: [TargetID: Target] = [:]
    for effect in entries.flatMap(\.effects) {
      switch effect {
      case .adopt(let target), .amend(let target): targets[target.id] = target
      case .end(let id, _): targets[id] = nil
      default: continue
      }
    }
    return targets.values.sorted { $0.id < $1.id }
  }

  func openTargets() throws -> [Target] { standing }

  func processEnded() {}

  func cutPower() {
    boots += 1
    let kept = durable + world.random.below(transactions.count - durable + 1)
    world.note("the disk forgets \(transactions.count - kept) of \(transactions.count) commits")
    transactions.removeLast(transactions.count - kept)
    durable = kept
    world.auditor.forgotten(after: lastOrdinal, at: world.clock.elapsed)
  }

  func close() {}
}
