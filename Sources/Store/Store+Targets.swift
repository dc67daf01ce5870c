import FoundationEssentials
import GRDB
import PeerProtocol
package import RiskModel

/// The end of a target, as it is recorded.
package struct RecordedEnd: Equatable, Sendable {
  package var id: TargetID
  /// `nil` where this release cannot read it.
  package var target: Target?
  /// `nil` where this release does not know the word.
  package var ending: TargetEnding?
  package var at: Instant
}

/// Where a batch and the table of targets did not agree. The batch is recorded all the same: what is
/// standing for the engine stands, and what has ended for it has ended.
package enum TargetDisagreement: Equatable, Sendable {
  /// A target that had ended became stricter; it stands again.
  case stoodAgain(TargetID)
  /// A target ended that was never recorded, or had ended.
  case notOpen(TargetID)
}

extension TargetDisagreement: CustomStringConvertible {
  package var description: String {
    switch self {
    case .stoodAgain(let id): "target \(id) had ended and stands again"
    case .notOpen(let id): "target \(id) ended and was not open"
    }
  }
}

extension Store {
  /// The ended targets of which the end is at or behind `moment`, or which one of some inputs caused;
  /// in the order of their names.
  ///
  /// - Throws: `StoreError.unreadable` or `.corrupt`.
  package func ends(
    since moment: Instant, ofInputs inputs: Set<Int64>
  ) throws(StoreError) -> [RecordedEnd] {
    try reading { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT id, CAST(json AS BLOB), ending, ended_at FROM targets WHERE ended_at IS NOT NULL
          """)
      var found: [RecordedEnd] = []
      while let row = try rows.next() {
        let at = Instant(nanosSinceEpoch: row[3])
        guard let id = TargetID(row[0] as String), at >= moment || inputs.contains(id.inputOrdinal)
        else { continue }
        found.append(
          RecordedEnd(
            id: id, target: try? coder.decode(Target.self, from: [UInt8](row[1] as Data)),
            ending: TargetEnding(rawValue: row[2] as String? ?? ""), at: at))
      }
      return found.sorted { $0.id < $1.id }
    }
  }

  /// Records a target that stands.
  func record(_ target: Target, _ db: Database) throws -> TargetDisagreement? {
    let arguments: StatementArguments = [
      target.id.description, target.account.number, Data(try coder.encode(target)),
      target.isLockout, target.adoptedAt.nanosSinceEpoch,
    ]
    try db.cachedStatement(
      sql: """
        INSERT INTO targets (id, account, json, is_lockout, adopted_at)
        VALUES (?, ?, CAST(? AS TEXT), ?, ?)
        ON CONFLICT (id) DO UPDATE SET json = excluded.json, is_lockout = excluded.is_lockout
        WHERE ended_at IS NULL
        """
    ).execute(arguments: arguments)
    guard db.changesCount == 0 else { return nil }
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO targets (id, account, json, is_lockout, adopted_at)
        VALUES (?, ?, CAST(? AS TEXT), ?, ?)
        """
    ).execute(arguments: arguments)
    return .stoodAgain(target.id)
  }

  func record(_ end: EndedTarget, _ db: Database) throws -> TargetDisagreement? {
    try db.cachedStatement(
      sql: "UPDATE targets SET ended_at = ?, ending = ? WHERE id = ? AND ended_at IS NULL"
    ).execute(
      arguments: [end.at.nanosSinceEpoch, end.ending.rawValue, end.id.description])
    return db.changesCount == 1 ? nil : .notOpen(end.id)
  }
}
