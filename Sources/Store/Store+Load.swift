import FoundationEssentials
import GRDB
package import PeerProtocol
package import RiskModel

/// What a restarted evaluator goes on from.
package struct StoredState<State> {
  /// The newest checkpoint that could be decoded, and the ordinal of the input it stands behind.
  package var checkpoint: (ordinal: Int64, state: State)?
  /// Checkpoints that could not be decoded, by ordinal, with the reason; newest first.
  package var undecodableCheckpoints: [(ordinal: Int64, problem: String)]
  /// What was in force last.
  package var segment: StoredSegment?
  package var progress: [String: StreamPosition]
  package var openTargets: [Target]
  package var nextOrdinal: Int64
  /// The inputs behind the checkpoint, or all that there are.
  package var rows: JournalCursor
}

extension Store {
  /// Reads everything that the evaluator starts with.
  ///
  /// - Throws: `StoreError.unreadable`, `.corrupt` or `.undecodable`.
  package func load<State>(
    decodingState decode: ([UInt8]) throws -> State
  ) throws(StoreError) -> StoredState<State> {
    var checkpoint: (ordinal: Int64, state: State)?
    var undecodable: [(ordinal: Int64, problem: String)] = []
    for candidate in try checkpoints() where checkpoint == nil {
      do {
        checkpoint = (candidate.ordinal, try decode(candidate.state))
      } catch {
        undecodable.append((candidate.ordinal, "\(error)"))
      }
    }
    return StoredState(
      checkpoint: checkpoint, undecodableCheckpoints: undecodable,
      segment: try segments().last, progress: try progress(), openTargets: try openTargets(),
      nextOrdinal: nextOrdinal,
      rows: readJournal(from: checkpoint.map { $0.ordinal + 1 } ?? 0))
  }

  /// Newest first.
  package func checkpoints() throws(StoreError) -> [StoredCheckpoint] {
    try reading { db in
      try Row.fetchAll(
        db, sql: "SELECT ordinal, at, state FROM checkpoints ORDER BY ordinal DESC"
      ).map {
        StoredCheckpoint(
          ordinal: $0[0], at: Instant(nanosSinceEpoch: $0[1]), state: [UInt8]($0[2] as Data))
      }
    }
  }

  /// Oldest first.
  package func segments() throws(StoreError) -> [StoredSegment] {
    try reading { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT first_ordinal, started_at, CAST(configuration AS BLOB), engine_version,
            state_digest
          FROM segments ORDER BY first_ordinal
          """
      ).map {
        StoredSegment(
          firstOrdinal: $0[0], startedAt: Instant(nanosSinceEpoch: $0[1]),
          configuration: [UInt8]($0[2] as Data), engineVersion: $0[3],
          stateDigest: [UInt8]($0[4] as Data))
      }
    }
  }

  /// What is committed of each incoming stream.
  package func progress() throws(StoreError) -> [String: StreamPosition] {
    try reading { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT stream, producer_epoch, sequence FROM link_progress")
      return Dictionary(
        uniqueKeysWithValues: rows.map {
          ($0[0], StreamPosition(producerEpoch: $0[1], sequence: $0[2]))
        })
    }
  }

  /// The targets that stand, in the order of their ids. Another process may ask for them while the
  /// evaluator is down.
  ///
  /// - Throws: `StoreError.undecodable` rather than leaving one out.
  package func openTargets() throws(StoreError) -> [Target] {
    try reading { db in
      try Row.fetchAll(
        db, sql: "SELECT id, CAST(json AS BLOB) FROM targets WHERE ended_at IS NULL"
      ).map { row in
        do {
          return try coder.decode(Target.self, from: [UInt8](row[1] as Data))
        } catch {
          throw StoreError.undecodable(table: "targets", row: row[0], problem: "\(error)")
        }
      }
      .sorted { $0.id < $1.id }
    }
  }

  package func meta(_ name: String) throws(StoreError) -> String? {
    try reading { db in
      try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
    }
  }
}
