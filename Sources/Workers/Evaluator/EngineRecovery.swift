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

  /// Loads the newest checkpoint and applies what came after it.
  ///
  /// A target that stands in the database and not in the replayed engine (the engine of another
  /// release decided differently) stands again: nothing that was adopted is lost.
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
    let missing = engine.restore(stored.openTargets)
    if !missing.isEmpty {
      logger.critical(
        "Targets of the database were unknown to the replayed engine and stand again",
        metadata: ["targets": "\(missing.map(\.description).joined(separator: " "))"])
    }
    feed = stored.progress[StoreJournal.feedStream]
    verdict = stored.progress[StoreJournal.verdictStream]
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
