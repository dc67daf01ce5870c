// data/metrics.db, written by the monitor alone, mode 600.
//
//   metrics(ts INTEGER, name TEXT, label TEXT, value REAL)   index on (name, ts)
//   day_results(account INTEGER, date TEXT, kind TEXT, slot INTEGER, ts INTEGER, micros INTEGER)
//                                                       primary key (account, kind, slot)
//
// ts of metrics is in milliseconds since 1970, UTC; label is empty, or what the value is about, such
// as a rule. day_results is described at the head of DayResults.swift; the trader's time sheet beside
// them belongs to the target Store.
// The rollback journal stays in its place after a commit: the monitor may write these two files and
// make no others.

import FoundationEssentials
import GRDB
package import RiskModel

/// Why metrics cannot be kept.
package struct MetricsStoreError: Error, Equatable, Sendable, CustomStringConvertible {
  package var description: String

  init(_ error: any Error) {
    description = "\(error)"
  }
}

/// One stored value, in millionths.
package struct StoredMetric: Equatable, Sendable {
  package var at: Instant
  package var name: String
  package var label: String
  package var millionths: Int64

  package init(at: Instant, name: String, label: String, millionths: Int64) {
    self.at = at
    self.name = name
    self.label = label
    self.millionths = millionths
  }
}

/// The database of metrics.
package final class MetricsStore {
  /// Rows that one transaction forgets.
  private static let batch = 5_000

  let queue: DatabaseQueue

  package init(path: String, readOnly: Bool = false) throws(MetricsStoreError) {
    var configuration = Configuration()
    configuration.readonly = readOnly
    // A reader with a long look must not hold up the monitor for longer.
    configuration.busyMode = .timeout(readOnly ? 5 : 0.25)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      guard !readOnly else { return }
      // What a monitor that died had begun is taken back with the first look, and the journal's file
      // would be removed afterwards, which this process may not; but not by one who is alone.
      try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = PERSIST")
      try db.execute(sql: "PRAGMA locking_mode = NORMAL")
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      try db.execute(sql: "PRAGMA journal_size_limit = 1048576")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      if !readOnly { try queue.write(Self.makeTables) }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  private static func makeTables(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS metrics (
          ts INTEGER NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL DEFAULT '',
          value REAL NOT NULL);
        CREATE INDEX IF NOT EXISTS metrics_by_name ON metrics (name, ts);
        CREATE INDEX IF NOT EXISTS metrics_by_time ON metrics (ts);
        """)
    try makeDayResults(db)
  }

  package func record(_ metrics: [StoredMetric]) throws(MetricsStoreError) {
    do {
      try queue.write { db in
        let insert = try db.cachedStatement(
          sql: "INSERT INTO metrics (ts, name, label, value) VALUES (?, ?, ?, ?)")
        for metric in metrics {
          try insert.execute(arguments: [
            metric.at.nanosSinceEpoch / 1_000_000, metric.name, metric.label,
            Double(metric.millionths) / 1_000_000,
          ])
        }
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// Forgets what is older, at most `batch` values at a time so that nobody waits for long.
  ///
  /// - Returns: how many were forgotten.
  @discardableResult
  package func forget(before: Instant) throws(MetricsStoreError) -> Int {
    let milliseconds = before.nanosSinceEpoch / 1_000_000
    do {
      var sum = 0
      while true {
        let count = try queue.write { db in
          try db.execute(
            sql: """
              DELETE FROM metrics WHERE rowid IN
                (SELECT rowid FROM metrics WHERE ts < ? LIMIT ?)
              """, arguments: [milliseconds, Self.batch])
          return db.changesCount
        }
        sum += count
        if count < Self.batch { return sum }
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// The values of a metric from a moment on, oldest first; none before the monitor's first.
  package func values(of name: String, since: Instant) throws(MetricsStoreError) -> [StoredMetric] {
    do {
      return try queue.read { db in
        guard try db.tableExists("metrics") else { return [] }
        return try Row.fetchAll(
          db,
          sql: "SELECT ts, label, value FROM metrics WHERE name = ? AND ts >= ? ORDER BY ts, rowid",
          arguments: [name, since.nanosSinceEpoch / 1_000_000]
        ).map { row in
          let milliseconds: Int64 = row["ts"]
          let value: Double = row["value"]
          return StoredMetric(
            at: Instant(nanosSinceEpoch: milliseconds * 1_000_000), name: name,
            label: row["label"], millionths: Int64((value * 1_000_000).rounded()))
        }
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// Whether the monitor has made its table; before its first start there is an empty file.
  package func isMade() throws(MetricsStoreError) -> Bool {
    do {
      return try queue.read { try $0.tableExists("metrics") }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  /// The names of all metrics that are kept.
  package func names() throws(MetricsStoreError) -> [String] {
    do {
      return try queue.read { db in
        guard try db.tableExists("metrics") else { return [] }
        return try String.fetchAll(db, sql: "SELECT DISTINCT name FROM metrics ORDER BY name")
      }
    } catch {
      throw MetricsStoreError(error)
    }
  }

  package func close() {
    try? queue.close()
  }
}
