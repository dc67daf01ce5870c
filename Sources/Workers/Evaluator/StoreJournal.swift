import AuditLog
import Dispatch
import EvaluatorRole
import Logging
import PeerProtocol
import ProcessControl
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
  /// Where that comes back to which was done on a thread of its own: checkpoints, and the disk's word
  /// that it has what it was given.
  private let inbox: ReactorInbox?
  private let background = DispatchQueue(label: "evaluator.checkpoint")
  private var isCheckpointing = false
  /// Told what was committed. Decisions have not left yet: it only takes notes.
  var committed: ([JournalEntry]) -> Void = { _ in }
  /// Told where the record knew a target otherwise than the engine.
  var disagreed: ([TargetDisagreement]) -> Void = { _ in }
  private var owed: CommitBatch?

  /// Without an inbox every checkpoint is recorded with its batch. What is `owed` goes ahead of the
  /// first one.
  init(
    _ store: Store, ballast: DiskBallast, logger: Logger, inbox: ReactorInbox? = nil,
    owed: CommitBatch? = nil
  ) {
    self.owed = owed
    self.inbox = inbox
    self.store = store
    self.ballast = ballast
    self.logger = logger
  }

  func commit(_ batch: JournalBatch) throws(JournalError) {
    do {
      if let owed {
        try store.commit(owed)
        self.owed = nil
      }
      let disagreements = try store.commit(try stored(batch))
      if !disagreements.isEmpty { tell(disagreements) }
      committed(batch.entries)
      if let state = batch.checkpoint, let inbox, batch.mayCheckpointWait {
        checkpointLater(state, inbox)
      }
    } catch StoreError.corrupt(let file, let problem) {
      DatabaseOpening.noteSuspicion(of: store.path)
      throw JournalError("\(StoreError.corrupt(file: file, problem: problem))")
    } catch {
      throw JournalError("\(error)")
    }
  }

  private func tell(_ disagreements: [TargetDisagreement]) {
    logger.error(
      "The record knew targets otherwise",
      metadata: ["targets": "\(disagreements.map(\.description).joined(separator: "; "))"])
    disagreed(disagreements)
  }

  /// Puts a checkpoint into JSON while decisions go on: with the executions of a long day that takes
  /// a tenth of a second.
  private func checkpointLater(_ state: EngineState, _ inbox: ReactorInbox) {
    guard !isCheckpointing else { return }
    isCheckpointing = true
    let here = ReactorBound({ [weak self] in self?.record($0) }, inbox)
    background.async {
      let bytes = try? MessageCoder().encode(state)
      let checkpoint = bytes.map {
        StoredCheckpoint(ordinal: state.ordinal, at: state.now, state: $0)
      }
      inbox.post { here.value(checkpoint) }
    }
  }

  /// A checkpoint that cannot be recorded is missed by nobody but the next restart, which replays
  /// more.
  private func record(_ checkpoint: StoredCheckpoint?) {
    isCheckpointing = false
    guard let checkpoint else { return }
    var batch = CommitBatch()
    batch.checkpoint = checkpoint
    do throws(StoreError) {
      try store.commit(batch)
    } catch {
      logger.warning("A checkpoint was not recorded", metadata: ["problem": "\(error)"])
    }
  }

  func makeDurable(_ completion: @escaping (Bool) -> Void) {
    let logger = self.logger
    func note(_ error: StoreError?) -> Bool {
      guard let error else { return true }
      logger.error("A lockout is not on the disk yet", metadata: ["problem": "\(error)"])
      return false
    }
    guard let inbox else {
      do throws(StoreError) {
        try store.flushToDisk()
        return completion(true)
      } catch {
        return completion(note(error))
      }
    }
    let here = ReactorBound({ completion(note($0)) }, inbox)
    store.flushToDiskInBackground { error in inbox.post { here.value(error) } }
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
    if let state = batch.checkpoint, inbox == nil || !batch.mayCheckpointWait {
      let bytes = try coder.encode(state)
      result.checkpoint = StoredCheckpoint(ordinal: state.ordinal, at: state.now, state: bytes)
      if batch.beginsSegment {
        result.segment = StoredSegment(
          firstOrdinal: batch.entries.first?.ordinal ?? state.ordinal, startedAt: state.now,
          configuration: try coder.encode(state.configuration),
          engineVersion: RiskdVersion.engine, stateDigest: RunningDigest.of(bytes))
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
