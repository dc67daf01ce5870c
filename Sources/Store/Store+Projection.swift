import GRDB
package import RiskModel

extension Store {
  package static var projectedName: String { "projected" }

  /// The last input that the tables of the specification know; 0 for none.
  package func projectedOrdinal() throws(StoreError) -> Int64 {
    try meta(Self.projectedName).flatMap { Int64($0) } ?? 0
  }

  /// Brings the tables of the specification up to date, in one transaction.
  ///
  /// - Throws: `StoreError`; they are as before then, and the same batch may be tried again.
  package func project(_ batch: ProjectionBatch) throws(StoreError) {
    try writing { db in
      let writer = ProjectionWriter(db, at: batch.at, coder: coder)
      if let known = batch.knownAccounts { try writer.dropOthers(than: known) }
      for contract in batch.contracts { try writer.write(contract) }
      for trade in batch.trades { try writer.write(trade) }
      for order in batch.orders { try writer.write(order) }
      for account in batch.accounts { try writer.write(account) }
      for (name, value) in batch.meta { try record(name, value, db) }
      if let through = batch.through { try record(Self.projectedName, "\(through)", db) }
    }
  }
}

extension Store {
  /// The rows of a table, for screens and tests.
  ///
  /// - Throws: `StoreError`; `.refused` for a table that is not there.
  package func count(of table: String) throws(StoreError) -> Int {
    try reading { db in try Table(table).fetchCount(db) }
  }

  /// When what was executed since a moment was executed, oldest first.
  ///
  /// - Throws: `StoreError`.
  package func executions(since moment: Instant) throws(StoreError) -> [Instant] {
    try reading { db in
      try Int64.fetchAll(
        db, sql: "SELECT timestamp FROM trade_history WHERE timestamp >= ? ORDER BY timestamp",
        arguments: [moment.nanosSinceEpoch])
    }.map { Instant(nanosSinceEpoch: $0) }
  }
}
