import GRDB
package import RiskModel

// The time sheet of the trader, table session_log of data/metrics.db:
//
//   id           integer, ascending
//   clocked_in   nanoseconds since 1970, UTC
//   clocked_out  the same; null while the trader is clocked in

/// When the trader said to be at work. No rule looks at it.
///
/// The file is opened with the first use, and again after a failure. It stays beside what else is in
/// the database, whose other tables and connections are no business of this one.
package final class TimeSheet {
  /// What a stretch of time holds.
  package struct Summary: Equatable, Sendable {
    /// `nil` while clocked out.
    package var openSince: Instant?
    /// Time clocked in that is over.
    package var closed: TimeSpan
  }

  private static let busySeconds = 0.2

  private let path: String
  private var queue: DatabaseQueue?

  package init(path: String) {
    self.path = path
  }

  /// - Returns: false, and nothing is changed, when the trader is clocked in already.
  package func clockIn(at now: Instant) throws(StoreError) -> Bool {
    try write { db in
      guard try Self.open(db) == nil else { return false }
      try db.execute(
        sql: "INSERT INTO session_log (clocked_in) VALUES (?)", arguments: [now.nanosSinceEpoch])
      return true
    }
  }

  /// - Returns: false, and nothing is changed, when the trader is not clocked in.
  package func clockOut(at now: Instant) throws(StoreError) -> Bool {
    try write { db in
      guard let open = try Self.open(db) else { return false }
      // A clock that was set back must not make a negative time.
      let end = max(now.nanosSinceEpoch, open)
      try db.execute(
        sql: "UPDATE session_log SET clocked_out = ? WHERE clocked_out IS NULL", arguments: [end])
      return true
    }
  }

  package func summary(since start: Instant, until now: Instant) throws(StoreError) -> Summary {
    try write { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT clocked_in, clocked_out FROM session_log
          WHERE clocked_out IS NOT NULL AND clocked_out > ? AND clocked_in < ?
          """, arguments: [start.nanosSinceEpoch, now.nanosSinceEpoch])
      let closed = rows.reduce(Int64(0)) { sum, row in
        let begin: Int64 = row["clocked_in"]
        let end: Int64 = row["clocked_out"]
        return sum + max(0, min(end, now.nanosSinceEpoch) - max(begin, start.nanosSinceEpoch))
      }
      let open = try Self.open(db).map { Instant(nanosSinceEpoch: max($0, start.nanosSinceEpoch)) }
      return Summary(openSince: open, closed: TimeSpan(nanos: closed))
    }
  }

  package func close() {
    try? queue?.close()
    queue = nil
  }

  private static func open(_ db: Database) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT clocked_in FROM session_log WHERE clocked_out IS NULL")
  }

  private func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do {
      return try opened().write(body)
    } catch {
      close()
      throw StoreError(error, file: path, access: .writing)
    }
  }

  private func opened() throws -> DatabaseQueue {
    if let queue { return queue }
    var configuration = Configuration()
    configuration.busyMode = .timeout(Self.busySeconds)
    configuration.prepareDatabase { db in
      // The journal stays where it is: the process may not make or remove files beside it. One that
      // was left behind would be removed too, but not by one who is alone.
      try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = PERSIST")
      try db.execute(sql: "PRAGMA locking_mode = NORMAL")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { db in
      try db.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS session_log (
            id INTEGER PRIMARY KEY, clocked_in INTEGER NOT NULL, clocked_out INTEGER)
          """)
    }
    self.queue = queue
    return queue
  }
}
