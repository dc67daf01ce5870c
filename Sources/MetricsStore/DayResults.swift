// Table day_results of data/metrics.db: how the result of each account went on its trading day.
//
//   account  the venue's number
//   date     the trading day, as 2026-11-23; a new day takes the place of the former
//   kind     course: realized and open result together; worst, best: extremes of the open one
//   slot     of course: which stretch of five minutes since 1970, so that a day has 300 at most;
//            of the others 0
//   ts       nanoseconds since 1970, UTC
//   micros   millionths of a dollar; null where the result was not known

import GRDB
package import RiskModel

/// One figure of an account's trading day.
package struct StoredResult: Equatable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case course, worst, best
  }

  package var account: AccountID
  package var date: CivilDate
  package var kind: Kind
  package var slot: Int64
  package var at: Instant
  /// `nil` where it was not known.
  package var result: Money?

  package init(
    account: AccountID, date: CivilDate, kind: Kind, slot: Int64, at: Instant, result: Money?
  ) {
    self.account = account
    self.date = date
    self.kind = kind
    self.slot = slot
    self.at = at
    self.result = result
  }
}

extension MetricsStore {
  static func makeDayResults(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS day_results (
          account INTEGER NOT NULL, date TEXT NOT NULL, kind TEXT NOT NULL, slot INTEGER NOT NULL,
          ts INTEGER NOT NULL, micros INTEGER, PRIMARY KEY (account, kind, slot)) WITHOUT ROWID
        """)
  }

  /// Puts figures in the place of those of the same slot, and forgets what the accounts have of other
  /// days.
  package func keep(_ results: [StoredResult]) throws(MetricsStoreError) {
    do {
      try queue.write { db in
        let others = try db.cachedStatement(
          sql: "DELETE FROM day_results WHERE account = ? AND date <> ?")
        let days = Dictionary(
          results.map { ($0.account, $0.date) }, uniquingKeysWith: { $1 })
        for (account, date) in days {
          try others.execute(arguments: [account.number, "\(date)"])
        }
        let insert = try db.cachedStatement(
          sql: """
            INSERT OR REPLACE INTO day_results (account, date, kind, slot, ts, micros)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        for result in results where days[result.account] == result.date {
          try insert.execute(arguments: [
            result.account.number, "\(result.date)", result.kind.rawValue, result.slot,
            result.at.nanosSinceEpoch, result.result?.micros,
          ])
        }
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// What is kept of all accounts, each one's course from the oldest on.
  package func dayResults() throws(MetricsStoreError) -> [StoredResult] {
    do {
      return try queue.read { db in
        try Row.fetchAll(db, sql: "SELECT * FROM day_results ORDER BY account, kind, slot")
          .compactMap(Self.result)
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// Forgets the days of accounts that nobody has told of since.
  package func forgetResults(before: Instant) throws(MetricsStoreError) {
    do {
      try queue.write { db in
        try db.execute(
          sql: "DELETE FROM day_results WHERE ts < ?", arguments: [before.nanosSinceEpoch])
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// `nil` for a row that this release has no words for.
  private static func result(_ row: Row) -> StoredResult? {
    let kind: String = row["kind"]
    let parts = (row["date"] as String).split(separator: "-").compactMap { Int($0) }
    guard let kind = StoredResult.Kind(rawValue: kind), parts.count == 3 else { return nil }
    let micros: Int64? = row["micros"]
    return StoredResult(
      account: AccountID(row["account"] as Int64),
      date: CivilDate(year: parts[0], month: parts[1], day: parts[2]), kind: kind,
      slot: row["slot"], at: Instant(nanosSinceEpoch: row["ts"] as Int64),
      result: micros.map { Money(micros: $0) })
  }
}
