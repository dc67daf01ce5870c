package import PeerProtocol
package import RiskModel
package import RiskRules

/// Where the evaluator keeps what it has decided. One transaction a commit.
package protocol EvaluatorJournal: AnyObject {
  /// Records a batch: all of it or nothing.
  ///
  /// - Throws: When nothing of it could be recorded; the same batch may be tried again.
  func commit(_ batch: JournalBatch) throws(JournalError)

  /// Sees to it that what is committed survives a power cut, without holding up the caller.
  /// `completion` is called once, by the caller's thread, with whether the disk has taken it.
  func makeDurable(_ completion: @escaping (Bool) -> Void)

  /// Gives space back that was kept for the day on which the disk is full.
  ///
  /// - Returns: Whether there was any.
  func freeBallast() -> Bool
}

/// A journal that cannot be written, and the system's words about it.
package struct JournalError: Error, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// What one turn of the evaluator leaves behind.
package struct JournalBatch: Equatable, Sendable {
  package var entries: [JournalEntry] = []
  /// What is committed of each stream after this batch.
  package var feed: StreamPosition?
  package var verdict: StreamPosition?
  /// Requests of the enforcer and the targets it proved, in order of arrival.
  package var steps: [EnforcementStep] = []
  package var proofs: [Proof] = []
  /// The whole state, so that a restart need not read the journal from its beginning.
  package var checkpoint: EngineState?
  /// The checkpoint only shortens a restart: the journal may record it later, or leave it to the next.
  package var mayCheckpointWait = false
  /// A new segment begins before the first entry: another configuration or engine version.
  package var beginsSegment = false

  package init() {}

  package var isEmpty: Bool {
    entries.isEmpty && feed == nil && verdict == nil && steps.isEmpty && proofs.isEmpty
      && checkpoint == nil
  }
}

/// One input and what came of it.
package struct JournalEntry: Equatable, Sendable {
  package var ordinal: Int64
  package var at: Instant
  package var input: EngineInput
  package var effects: [Effect]

  package init(ordinal: Int64, at: Instant, input: EngineInput, effects: [Effect]) {
    self.ordinal = ordinal
    self.at = at
    self.input = input
    self.effects = effects
  }
}

/// A target that the enforcer proved at the venue.
package struct Proof: Equatable, Sendable {
  package var target: TargetID
  package var summary: EnforcementSummary
  package var at: Instant
}

/// Where decisions are kept for good, beside the journal. Never holds up the caller.
package protocol EvaluatorAudit: AnyObject {
  func record(_ decisions: [AuditedDecision], at: Instant)
}

/// What people may ask about years later.
package enum AuditedDecision: Equatable, Sendable {
  case adopted(Target)
  case ended(TargetID, TargetEnding)
  case breach(Breach)
  case dailyReset(AccountID, ended: CivilDate, realized: Money)
  /// The rules that are in force from now on.
  case configured([AccountID: RiskConfiguration])
  /// The venue was read again after the database was lost.
  case reconciled
  /// Somebody with the right to it asked for it.
  case administered(AdministratorCommand)
}

/// A link of the evaluator, as the role needs it.
package protocol EvaluatorLink<Outgoing>: AnyObject {
  associatedtype Outgoing

  /// Queues a message; it leaves with `flush`. Nothing is sent while there is no live transport.
  func send(_ message: Outgoing)
  /// What the peer may forget, because its effect is committed.
  func commit(through position: StreamPosition)
  func flush()
}

/// What the evaluator needs from its process.
package protocol EvaluatorHost: AnyObject {
  /// Runs the role's turn once, behind the work that waits already.
  func requestTurn()
  /// What is missing, for people; `nil` when all is as it should be.
  func reportDegraded(_ reason: String?)
}
