import FoundationEssentials
import GRDB
import Glibc
package import RiskModel

/// The database as a file: copied, looked through, and put in place of another.
///
/// Nothing here closes a descriptor of a database that this process has open: with it the kernel
/// would drop SQLite's locks.
package enum DatabaseFile {
  private static let utc: TimeZoneRule = {
    guard let zone = TimeZoneRule.named("UTC") else {
      preconditionFailure("Invariant: UTC is a zone")
    }
    return zone
  }()

  /// `20260821_143000`, UTC, as file names carry it.
  package static func stamp(_ instant: Instant) -> String {
    let (date, time) = utc.localTime(of: instant)
    let seconds = time.secondsSinceMidnight
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60]
    return "\(date)".replacing("-", with: "") + "_" + clock.map(twoDigits).joined()
  }

  /// Copies a database, also one that another process is writing, and looks the copy through. It
  /// has mode 600 and appears under its name when it is complete and on the disk.
  ///
  /// - Throws: `StoreError`; no file is left behind then.
  package static func copy(from source: String, to path: String) throws(StoreError) {
    guard access(source, F_OK) == 0 else { throw .missing(file: source) }
    let unfinished = path + ".new"
    unlink(unfinished)
    do {
      try Store.secureFile(unfinished)
      let original = try DatabaseQueue(path: source, configuration: plain(readOnly: true))
      let copy = try DatabaseQueue(path: unfinished, configuration: plain(readOnly: false))
      try original.backup(to: copy)
      // One file is easier to keep than a file and its log.
      try copy.inDatabase { db in
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      }
      try copy.close()
      try original.close()
      try inspect(unfinished)
      try synchronise(unfinished)
      guard rename(unfinished, path) == 0 else {
        throw StoreError.unwritable(file: path, errno: errno)
      }
      giveToOwnerOfFolder(path)
      try synchroniseFolder(of: path)
    } catch {
      unlink(unfinished)
      throw StoreError(error, file: path, access: .writing)
    }
  }

  /// Looks through the whole file: its pages, and whether its schema is one of ours.
  ///
  /// - Returns: The version of the schema.
  /// - Throws: `StoreError.missing`, `.corrupt`, `.foreign`, `.newerSchema` or `.unreadable`.
  @discardableResult
  package static func inspect(_ path: String) throws(StoreError) -> Int {
    guard access(path, F_OK) == 0 else { throw .missing(file: path) }
    do {
      let queue = try DatabaseQueue(path: path, configuration: plain(readOnly: true))
      defer { try? queue.close() }
      return try queue.inDatabase { db in
        let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(3)")
        guard findings == ["ok"] else {
          throw StoreError.corrupt(file: path, problem: findings.joined(separator: "; "))
        }
        guard case .version(let version) = try Schema.check(db, file: path) else {
          throw StoreError.foreign(file: path)
        }
        return version
      }
    } catch {
      throw StoreError(error, file: path, access: .reading)
    }
  }

  /// The version of SQLite that runs, as a database says it.
  ///
  /// - Throws: `StoreError` where none can be made in memory.
  package static func libraryVersion() throws(StoreError) -> String {
    do {
      let queue = try DatabaseQueue()
      defer { try? queue.close() }
      return try queue.inDatabase { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? ""
    } catch {
      throw StoreError(error, file: ":memory:", access: .reading)
    }
  }

  /// Renames a database and its log, so that nothing of it is lost and nothing uses it.
  ///
  /// - Returns: The new name.
  package static func setAside(
    _ path: String, as word: String, at now: Instant
  ) throws(StoreError) -> String {
    var name = "\(path).\(word)_\(stamp(now))"
    var attempt = 1
    while access(name, F_OK) == 0 {
      attempt += 1
      name = "\(path).\(word)_\(stamp(now))_\(attempt)"
    }
    for suffix in ["", "-wal", "-shm"] where access(path + suffix, F_OK) == 0 {
      guard rename(path + suffix, name + suffix) == 0 else {
        throw .unwritable(file: path + suffix, errno: errno)
      }
    }
    try synchroniseFolder(of: path)
    return name
  }

  /// Rewrites the file without its free pages. Nobody else may have it open.
  ///
  /// - Returns: Its size in bytes before and after.
  package static func vacuum(_ path: String) throws(StoreError) -> (before: Int64, after: Int64) {
    guard access(path, F_OK) == 0 else { throw .missing(file: path) }
    let before = size(path)
    do {
      try inspect(path)
      let queue = try DatabaseQueue(
        path: path, configuration: Store.configuration(readOnly: false, busyTimeout: .seconds(5)))
      try queue.inDatabase { db in try db.execute(sql: "VACUUM") }
      try queue.close()
      try inspect(path)
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
    return (before, size(path))
  }

  /// The database and its log, in bytes.
  package static func size(_ path: String) -> Int64 {
    ["", "-wal"].reduce(0) { total, suffix in
      var status = stat()
      return stat(path + suffix, &status) == 0 ? total + Int64(status.st_size) : total
    }
  }

  static func plain(readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(5)
    configuration.label = "file"
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -1024") }
    return configuration
  }

  private static func synchronise(_ path: String) throws(StoreError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unwritable(file: path, errno: errno) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw .unwritable(file: path, errno: errno) }
  }

  private static func synchroniseFolder(of path: String) throws(StoreError) {
    try synchronise(DatabaseLog.folder(of: path))
  }

  /// Gives a database that root has used, with its log, to the owner of its folder.
  package static func giveAway(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { giveToOwnerOfFolder(path + suffix) }
  }

  /// What root makes must stay usable for the service.
  static func giveToOwnerOfFolder(_ path: String) {
    var status = stat()
    guard geteuid() == 0, stat(DatabaseLog.folder(of: path), &status) == 0 else { return }
    _ = chown(path, status.st_uid, status.st_gid)
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
