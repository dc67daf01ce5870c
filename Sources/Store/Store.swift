import FoundationEssentials
import GRDB
import Glibc
import PeerProtocol
package import RiskModel

/// The database of the evaluator: its journal, and the targets that rest on it.
///
/// One connection, used by one thread. What `commit` has returned from survives the death of the
/// process; `flushToDisk` makes it survive a power cut. A failed change leaves the store as it was
/// before, to be tried again.
package final class Store {
  /// What opening looks at beside the schema.
  package enum Inspection: Sendable {
    case none
    /// SQLite's quick_check, which reads the whole file.
    case quick
  }

  /// The version of the schema that this release writes.
  package static let schemaVersion = Schema.version
  /// The whole system has to stay below 100 MB.
  package static let standardCacheBytes: Int64 = 1_024 * 1_024

  package let path: String
  package let isReadOnly: Bool
  let queue: DatabaseQueue
  let coder = MessageCoder()
  var tail: JournalTail
  /// Rules and reasons of targets that the enforcer speaks of.
  var causes: [TargetID: TargetCause] = [:]
  let log: DatabaseLog?

  private init(
    path: String, isReadOnly: Bool, queue: DatabaseQueue, tail: JournalTail, log: DatabaseLog?
  ) {
    self.path = path
    self.isReadOnly = isReadOnly
    self.queue = queue
    self.tail = tail
    self.log = log
  }

  /// Opens the database. A writer makes the file (mode 600) and its tables if there are none.
  ///
  /// - Parameters:
  ///   - path: The database file; its log and index are beside it.
  ///   - readOnly: Reads only, beside a writer or without one.
  ///   - inspection: What is looked at before the first use.
  ///   - busyTimeout: How long a locked file is waited for.
  ///   - syncsEveryCommit: Each commit waits for the disk and survives a power cut by itself.
  ///   - cacheBytes: The most that its cache of pages takes, from 64 KiB to 16 MiB.
  ///   - now: The moment that new tables are recorded with.
  /// - Returns: The store.
  /// - Throws: `StoreError.missing`, `.corrupt`, `.newerSchema`, `.olderSchema`, `.foreign`,
  ///   `.unreadable`, `.unwritable` or `.undecodable`.
  package static func open(
    path: String, readOnly: Bool = false, inspection: Inspection = .quick,
    busyTimeout: TimeSpan = .seconds(30), syncsEveryCommit: Bool = false,
    cacheBytes: Int64 = Store.standardCacheBytes, now: Instant
  ) throws(StoreError) -> Store {
    if readOnly {
      guard access(path, F_OK) == 0 else { throw .missing(file: path) }
    } else {
      try secureFile(path)
    }
    do {
      let queue = try DatabaseQueue(
        path: path,
        configuration: configuration(
          readOnly: readOnly, busyTimeout: busyTimeout, syncsEveryCommit: syncsEveryCommit,
          cacheBytes: cacheBytes))
      let tail = try queue.inDatabase { db in
        if case .quick = inspection { try inspect(db, file: path) }
        switch try Schema.check(db, file: path) {
        case .nothing:
          guard !readOnly else { throw StoreError.foreign(file: path) }
          try Schema.create(db, at: now)
        case .version(Schema.version): break
        case .version(let found):
          throw StoreError.olderSchema(file: path, found: found, supported: Schema.version)
        }
        return try JournalTail(db)
      }
      return Store(
        path: path, isReadOnly: readOnly, queue: queue, tail: tail,
        log: readOnly ? nil : try DatabaseLog(database: path))
    } catch {
      throw StoreError(error, file: path, access: readOnly ? .reading : .writing)
    }
  }

  /// The log and its index get the mode of the database from SQLite.
  static func secureFile(_ path: String) throws(StoreError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(file: path, errno: errno) }
    defer { _ = Glibc.close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw .unwritable(file: path, errno: errno) }
  }

  static func configuration(
    readOnly: Bool, busyTimeout: TimeSpan, syncsEveryCommit: Bool = false,
    cacheBytes: Int64 = Store.standardCacheBytes
  ) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(Double(busyTimeout.milliseconds) / 1_000)
    configuration.label = "store"
    configuration.prepareDatabase { db in
      try db.execute(sql: pagesCached(within: cacheBytes))
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      guard !readOnly else { return }
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
      try db.execute(
        sql: syncsEveryCommit ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
      // 32 MiB of log, which a role that calls `moveLogIntoDatabase` while it is idle never reaches.
      _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 8192")
    }
    return configuration
  }

  /// The largest cache within a limit. Below the smallest of them every commit would read again what
  /// it has just written.
  private static func pagesCached(within bytes: Int64) -> String {
    switch bytes / 1_024 {
    case ..<128: "PRAGMA cache_size = -64"
    case ..<256: "PRAGMA cache_size = -128"
    case ..<512: "PRAGMA cache_size = -256"
    case ..<1_024: "PRAGMA cache_size = -512"
    case ..<2_048: "PRAGMA cache_size = -1024"
    case ..<4_096: "PRAGMA cache_size = -2048"
    case ..<8_192: "PRAGMA cache_size = -4096"
    case ..<16_384: "PRAGMA cache_size = -8192"
    default: "PRAGMA cache_size = -16384"
    }
  }

  static func inspect(_ db: Database, file: String) throws {
    let findings = try String.fetchAll(db, sql: "PRAGMA quick_check(3)")
    guard findings == ["ok"] else {
      throw StoreError.corrupt(file: file, problem: findings.joined(separator: "; "))
    }
  }

  /// Ends the connection. The store is of no use afterwards.
  package func close() throws(StoreError) {
    do {
      try queue.close()
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
  }

  func reading<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do {
      return try queue.inDatabase(body)
    } catch {
      throw StoreError(error, file: path, access: .reading)
    }
  }

  /// One transaction: all of the body's changes, or none.
  func writing<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do {
      return try queue.inDatabase { db in
        var value: Value?
        try db.inTransaction(.immediate) {
          value = try body(db)
          return .commit
        }
        guard let value else { preconditionFailure("Invariant: the transaction ran") }
        return value
      }
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
  }
}

extension StoreError {
  static func unwritable(file: String, errno code: Int32) -> StoreError {
    .unwritable(file: file, code: code, problem: String(cString: strerror(code)))
  }
}
