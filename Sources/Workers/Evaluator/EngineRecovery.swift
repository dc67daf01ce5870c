import Logging
import PeerProtocol
import RiskModel
import RiskRules
import Store

/// An engine that stands where the one before it stopped.
struct EngineRecovery {
  var engine: RiskEngine
  var feed: StreamPosition?
  var verdict: StreamPosition?
  /// Inputs that were applied again.
  var replayed = 0
  /// What this release decided otherwise than the one that wrote the journal.
  let differences: RecordComparison.Differences
  /// What has to be recorded before anything else, so that the record is the engine's again and the
  /// next start does not replay what was decided otherwise.
  private(set) var owed: CommitBatch?
  /// Inputs that only a checkpoint stood for which this release cannot read.
  let unrecorded: ClosedRange<Int64>?

  /// Loads the newest checkpoint and applies what came after it.
  ///
  /// The engine of another release may have decided otherwise: the record and the replay are
  /// compared, and nothing that either holds is lost (`RecordComparison`). Writes nothing.
  ///
  /// - Throws: When the journal cannot be read or does not go on from the checkpoint.
  init(_ store: Store, logger: Logger) throws {
    let coder = MessageCoder()
    var stored = try store.load { try coder.decode(EngineState.self, from: $0) }
    for damaged in stored.undecodableCheckpoints {
      logger.error(
        "A checkpoint cannot be read; an older one is used",
        metadata: ["ordinal": "\(damaged.ordinal)", "problem": "\(damaged.problem)"])
    }
    engine = RiskEngine(state: stored.checkpoint?.state ?? EngineState())
    while let row = try stored.rows.next() {
      guard row.ordinal == engine.state.ordinal + 1 else {
        throw RecoveryError.gap(after: engine.state.ordinal, next: row.ordinal)
      }
      _ = engine.apply(try StoreJournal.input(of: row, coder), at: row.at)
      replayed += 1
    }
    let last = engine.state.ordinal
    unrecorded = last + 1 < stored.nextOrdinal ? last + 1...stored.nextOrdinal - 1 : nil
    let comparison = try RecordComparison(engine, open: stored.openTargets) {
      since, inputs throws(StoreError) in
      try store.ends(since: since, ofInputs: inputs)
    }
    engine = comparison.engine
    differences = comparison.differences
    if !differences.isEmpty {
      logger.critical(
        "The replay decided otherwise than the record says; what either holds stands",
        metadata: .init(uniqueKeysWithValues: differences.texts.map { ($0, "\($1)") }))
      var batch = CommitBatch()
      batch.standing = comparison.unrecorded
      batch.checkpoint = StoredCheckpoint(
        ordinal: last, at: engine.state.now, state: try coder.encode(engine.state))
      owed = batch
    }
    feed = stored.progress[StoreJournal.feedStream]
    verdict = stored.progress[StoreJournal.verdictStream]
  }

  /// Records what is owed. While that cannot be written, it goes ahead of the first batch.
  ///
  /// - Throws: `StoreError`, other than `unwritable`.
  mutating func settle(in store: Store, logger: Logger) throws(StoreError) {
    guard let batch = owed else { return }
    do throws(StoreError) {
      try store.commit(batch)
      owed = nil
    } catch .unwritable(let file, let code, let problem) {
      let error = StoreError.unwritable(file: file, code: code, problem: problem)
      logger.error("What the replay changed is not recorded", metadata: ["problem": "\(error)"])
    }
  }
}

enum RecoveryError: Error, Equatable, CustomStringConvertible {
  case gap(after: Int64, next: Int64)

  var description: String {
    switch self {
    case .gap(let ordinal, let next):
      "the journal has no input \(ordinal + 1); it goes on with \(next)"
    }
  }
}
