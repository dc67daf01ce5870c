import GRDB
package import RiskModel

/// What is older than these is no longer kept. The caller sees to it that no limit lies behind the
/// beginning of a trading day that is under way.
package struct RetentionLimits: Equatable, Sendable {
  package var journal: Instant
  /// Of the enforcement log, and of breaches and ended targets with it.
  package var enforcement: Instant
  package var orders: Instant
  /// Of executions, and of the results of days with them.
  package var trades: Instant
  package var openResults: CivilDate
  package var dayResults: CivilDate

  package init(
    journal: Instant, enforcement: Instant, orders: Instant, trades: Instant,
    openResults: CivilDate, dayResults: CivilDate
  ) {
    self.journal = journal
    self.enforcement = enforcement
    self.orders = orders
    self.trades = trades
    self.openResults = openResults
    self.dayResults = dayResults
  }
}

extension Store {
  /// The trading day before a lockout is part of what it rests on; a day lasts 25 hours at most.
  static let lockoutBasis = TimeSpan.seconds(26 * 3_600)

  /// Deletes some of what is too old: at most `limit` rows of each kind, so that nothing waits
  /// long. Whatever the limits say, what an open target rests on is kept, and of the journal what
  /// checkpoints and projections need.
  ///
  /// - Returns: The rows deleted; 0 when nothing is left to delete.
  /// - Throws: `StoreError.unwritable`.
  package func prune(_ limits: RetentionLimits, limit: Int = 200) throws(StoreError) -> Int {
    var deleted = try trim(keepingFrom: try firstKeptOrdinal(limits.journal, limit), limit: limit)
    deleted += try writing { db in
      let before = limits.enforcement.nanosSinceEpoch
      var count = 0
      func delete(_ sql: String, _ arguments: StatementArguments) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        count += db.changesCount
      }
      try delete(
        """
        DELETE FROM enforcement_log WHERE id IN (
          SELECT id FROM enforcement_log WHERE timestamp < ? AND
            (target IS NULL OR target NOT IN (SELECT id FROM targets WHERE ended_at IS NULL))
          ORDER BY timestamp LIMIT ?)
        """, [before, limit])
      try delete(
        """
        DELETE FROM breaches WHERE id IN (
          SELECT id FROM breaches WHERE at < ? AND ordinal NOT IN
            (SELECT CAST(id AS INTEGER) FROM targets WHERE ended_at IS NULL)
          ORDER BY at LIMIT ?)
        """, [before, limit])
      try delete(
        """
        DELETE FROM targets WHERE id IN (SELECT id FROM targets WHERE ended_at < ? LIMIT ?)
        """, [before, limit])
      try delete(
        """
        DELETE FROM orders WHERE id IN (
          SELECT id FROM orders WHERE updated_at < ? AND state IN (0, 2, 3, 4, 5) LIMIT ?)
        """, [limits.orders.nanosSinceEpoch, limit])
      try delete(
        """
        DELETE FROM trade_history WHERE id IN (
          SELECT id FROM trade_history WHERE timestamp < ? ORDER BY timestamp LIMIT ?)
        """, [limits.trades.nanosSinceEpoch, limit])
      try delete(
        "DELETE FROM daily_unrealized_pnl WHERE day < ?", [limits.openResults.description])
      try delete("DELETE FROM daily_pnl WHERE date < ?", [limits.dayResults.description])
      return count
    }
    return deleted
  }

  /// What is too old and still there, by table: the rows that the next rounds of `prune` would delete.
  /// Of the journal no more than `limit` of the oldest are counted.
  ///
  /// - Throws: `StoreError`.
  package func overdue(
    _ limits: RetentionLimits, limit: Int = 200
  ) throws(StoreError) -> [String: Int] {
    let firstKept = try firstKeptOrdinal(limits.journal, limit)
    return try reading { db in
      func count(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0
      }
      let open = "(SELECT id FROM targets WHERE ended_at IS NULL)"
      let found = [
        "journal": try count(
          """
          SELECT count(*) FROM journal WHERE ordinal < (
            SELECT max(ordinal) FROM journal
            WHERE ordinal <= min(?, (SELECT min(ordinal) + 1 FROM checkpoints)))
          """, [firstKept]),
        "enforcement_log": try count(
          "SELECT count(*) FROM enforcement_log WHERE timestamp < ? "
            + "AND (target IS NULL OR target NOT IN \(open))",
          [limits.enforcement.nanosSinceEpoch]),
        "orders": try count(
          "SELECT count(*) FROM orders WHERE updated_at < ? AND state IN (0, 2, 3, 4, 5)",
          [limits.orders.nanosSinceEpoch]),
        "trade_history": try count(
          "SELECT count(*) FROM trade_history WHERE timestamp < ?",
          [limits.trades.nanosSinceEpoch]),
        "daily_unrealized_pnl": try count(
          "SELECT count(*) FROM daily_unrealized_pnl WHERE day < ?",
          [limits.openResults.description]),
        "daily_pnl": try count(
          "SELECT count(*) FROM daily_pnl WHERE date < ?", [limits.dayResults.description]),
      ]
      return found.filter { $0.value > 0 }
    }
  }

  /// Looks at the oldest rows only: the journal has no index of its instants.
  private func firstKeptOrdinal(_ before: Instant, _ limit: Int) throws(StoreError) -> Int64 {
    let projected = try projectedOrdinal()
    return try reading { db in
      let oldest = try Int64.fetchOne(
        db, sql: "SELECT min(adopted_at) FROM targets WHERE ended_at IS NULL")
      var bound = before.nanosSinceEpoch
      if let oldest { bound = min(bound, oldest - Self.lockoutBasis.nanos) }
      let rows = try Row.fetchAll(
        db, sql: "SELECT ordinal, at FROM journal ORDER BY ordinal LIMIT ?",
        arguments: [limit + 1])
      let kept = rows.first { ($0[1] as Int64) >= bound } ?? rows.last
      return min(kept?[0] ?? 0, projected)
    }
  }
}
