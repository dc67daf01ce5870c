import FoundationEssentials
import GRDB
import PeerProtocol
import RiskModel

extension Store {
  /// The lowest ordinal that the next input may have.
  package var nextOrdinal: Int64 { tail.nextOrdinal }

  /// Records a batch in one transaction.
  ///
  /// - Returns: What of its targets the table knew otherwise.
  /// - Throws: `StoreError`; nothing of the batch is recorded then. After `unwritable` the same
  ///   batch may be tried again.
  @discardableResult
  package func commit(_ batch: CommitBatch) throws(StoreError) -> [TargetDisagreement] {
    let committed = try writing { db in
      var writer = JournalWriter(db, tail: tail)
      if let segment = batch.segment { try record(segment, db) }
      for row in batch.rows { try writer.append(row) }
      try writer.writeBlock()
      var disagreements = try batch.standing.compactMap { try record($0, db) }
      noteCauses(batch.standing)
      disagreements += try batch.ended.compactMap { try record($0, db) }
      for breach in batch.breaches { try record(breach, db) }
      for entry in batch.enforcement { try record(entry, db) }
      for (stream, position) in batch.progress { try record(stream, position, db) }
      for (name, value) in batch.meta { try record(name, value, db) }
      if let checkpoint = batch.checkpoint { try record(checkpoint, db) }
      var tail = writer.tail
      if let checkpoint = batch.checkpoint, checkpoint.ordinal >= tail.nextOrdinal {
        tail.nextOrdinal = checkpoint.ordinal + 1
        tail.openBlock = nil
      }
      return (tail, disagreements)
    }
    tail = committed.0
    return committed.1
  }

  private func record(_ segment: StoredSegment, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO segments
        (first_ordinal, started_at, configuration, engine_version, state_digest)
        VALUES (?, ?, CAST(? AS TEXT), ?, ?)
        """
    ).execute(
      arguments: [
        segment.firstOrdinal, segment.startedAt.nanosSinceEpoch, Data(segment.configuration),
        segment.engineVersion, Data(segment.stateDigest),
      ])
  }

  private func record(_ breach: BreachRecord, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO breaches (ordinal, at, account, rule, code, reason)
        VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT))
        """
    ).execute(
      arguments: [
        breach.ordinal, breach.at.nanosSinceEpoch, breach.account.number,
        breach.cause.rule.rawValue, breach.cause.reason.code,
        Data(try coder.encode(breach.cause.reason)),
      ])
  }

  private func record(_ stream: String, _ position: StreamPosition, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO link_progress (stream, producer_epoch, sequence) VALUES (?, ?, ?)
        ON CONFLICT (stream) DO UPDATE
        SET producer_epoch = excluded.producer_epoch, sequence = excluded.sequence
        """
    ).execute(arguments: [stream, position.producerEpoch, position.sequence])
  }

  func record(_ name: String, _ value: String, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO meta (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    ).execute(arguments: [name, value])
  }

  func record(_ checkpoint: StoredCheckpoint, _ db: Database) throws {
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO checkpoints (ordinal, at, state) VALUES (?, ?, ?)"
    ).execute(
      arguments: [checkpoint.ordinal, checkpoint.at.nanosSinceEpoch, Data(checkpoint.state)])
    try db.cachedStatement(
      sql: """
        DELETE FROM checkpoints WHERE ordinal NOT IN
        (SELECT ordinal FROM checkpoints ORDER BY ordinal DESC LIMIT 2)
        """
    ).execute()
  }
}
