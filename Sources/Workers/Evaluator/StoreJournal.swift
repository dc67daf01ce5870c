import EvaluatorRole
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import Store

/// The evaluator's journal in the database.
final class StoreJournal: EvaluatorJournal {
  /// Names of the incoming streams in `link_progress`.
  static let feedStream = "feed"
  static let verdictStream = "verdict"
  /// The kind of a journal row that holds an `EngineInput` as JSON.
  static let inputKind = "input"

  private let store: Store
  private let ballast: DiskBallast
  private let logger: Logger
  private let coder = MessageCoder()

  init(_ store: Store, ballast: DiskBallast, logger: Logger) {
    self.store = store
    self.ballast = ballast
    self.logger = logger
  }

  func commit(_ batch: JournalBatch) throws(JournalError) {
    do {
      try store.commit(try stored(batch))
    } catch {
      throw JournalError("\(error)")
    }
  }

  func makeDurable() {
    let logger = self.logger
    store.flushToDiskInBackground { error in
      if let error {
        logger.error("A lockout is not on the disk yet", metadata: ["problem": "\(error)"])
      }
    }
  }

  func freeBallast() -> Bool { ballast.release() }

  private func stored(_ batch: JournalBatch) throws -> CommitBatch {
    var result = CommitBatch()
    for entry in batch.entries {
      result.rows.append(try row(entry))
      for effect in entry.effects { record(effect, of: entry, in: &result) }
    }
    result.enforcement =
      batch.steps.map { .step($0) }
      + batch.proofs.map { .proven($0.target, $0.summary, at: $0.at) }
    result.progress[Self.feedStream] = batch.feed
    result.progress[Self.verdictStream] = batch.verdict
    if let state = batch.checkpoint {
      let bytes = try coder.encode(state)
      result.checkpoint = StoredCheckpoint(ordinal: state.ordinal, at: state.now, state: bytes)
      if batch.beginsSegment {
        result.segment = StoredSegment(
          firstOrdinal: batch.entries.first?.ordinal ?? state.ordinal, startedAt: state.now,
          configuration: try coder.encode(state.configuration),
          engineVersion: RiskdVersion.engine, stateDigest: DecisionDigest.of(bytes))
      }
    }
    return result
  }

  private func row(_ entry: JournalEntry) throws -> JournalRow {
    let effects = entry.effects.isEmpty ? nil : try coder.encode(entry.effects)
    if case .mark(let mark) = entry.input {
      return JournalRow(
        ordinal: entry.ordinal,
        mark: JournalMark(
          contract: mark.contract, field: mark.field.rawValue, price: mark.price, at: entry.at),
        effects: effects)
    }
    return JournalRow(
      ordinal: entry.ordinal, at: entry.at, kind: Self.inputKind,
      payload: try coder.encode(entry.input), effects: effects)
  }

  private func record(_ effect: Effect, of entry: JournalEntry, in batch: inout CommitBatch) {
    switch effect {
    case .adopt(let target), .amend(let target):
      batch.standing.append(target)
    case .end(let id, let ending):
      batch.ended.append(EndedTarget(id: id, ending: ending, at: entry.at))
    case .breach(let breach):
      batch.breaches.append(
        BreachRecord(
          ordinal: entry.ordinal, at: breach.at, account: breach.account,
          cause: Cause(rule: breach.rule, reason: breach.reason)))
    case .reentry, .query, .watch, .dailyReset, .notice:
      return
    }
  }

  /// The input that a journal row holds.
  static func input(of row: JournalRow, _ coder: MessageCoder) throws -> EngineInput {
    switch row.content {
    case .mark(let mark):
      guard let field = Mark.Field(rawValue: mark.field) else {
        throw JournalError("input \(row.ordinal): a mark has no field \(mark.field)")
      }
      return .mark(Mark(contract: mark.contract, field: field, price: mark.price))
    case .input(let kind, let payload):
      guard kind == Self.inputKind else {
        throw JournalError("input \(row.ordinal): the kind \(kind) is not known")
      }
      return try coder.decode(EngineInput.self, from: payload)
    }
  }
}
