import Dispatch
import GRDB
import Glibc
import RiskModel
import Synchronization

/// The write-ahead log as a file, to have the system put it on the disk.
///
/// SQLite keeps no locks on the log, so a second descriptor does no harm.
final class DatabaseLog: Sendable {
  private let database: String
  private let path: String
  private let descriptor: Int32
  private let background = DispatchQueue(label: "store.log")
  private let moved = Mutex(LogMove())

  /// The log of an open database. The folder is synchronised too, for files that are new.
  init(database: String) throws(StoreError) {
    self.database = database
    path = database + "-wal"
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(file: path, errno: errno) }
    let folder = open(DatabaseLog.folder(of: database), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .unwritable(file: path, errno: errno) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw .unwritable(file: path, errno: errno) }
  }

  deinit {
    close(descriptor)
  }

  func sync() throws(StoreError) {
    guard fdatasync(descriptor) == 0 else { throw .unwritable(file: path, errno: errno) }
  }

  func syncInBackground(_ completion: @escaping @Sendable (StoreError?) -> Void) {
    background.async {
      do throws(StoreError) {
        try self.sync()
        completion(nil)
      } catch {
        completion(error)
      }
    }
  }

  /// Moves the log into the database over a connection of its own, as far as readers allow;
  /// commits go on beside it.
  func moveInBackground(_ completion: @escaping @Sendable (StoreError?) -> Void) {
    background.async {
      let size = self.size
      do {
        let queue = try DatabaseQueue(
          path: self.database,
          configuration: Store.configuration(readOnly: false, busyTimeout: .seconds(1)))
        try queue.inDatabase { _ = try self.move($0, size: size) }
        try queue.close()
        completion(nil)
      } catch {
        self.moved.withLock { $0 = LogMove() }
        completion(StoreError(error, file: self.database, access: .writing))
      }
    }
  }

  /// Moves the log over `db`. `size` is the size of its file before.
  ///
  /// - Returns: The pages that remain to be moved.
  func move(_ db: Database, size: Int64) throws -> Int {
    let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
    guard let row else { return 0 }
    let (isBusy, pages, done): (Int, Int64, Int64) = (row[0], row[1], row[2])
    guard isBusy == 0, pages >= 0 else {
      moved.withLock { $0 = LogMove() }
      return 0
    }
    let pageSize = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
    let remaining = (pages - done) * (pageSize + LogMove.frameHeader)
    moved.withLock { $0 = LogMove(size: size, remaining: remaining) }
    return Int(pages - done)
  }

  /// What the last move has left, in bytes, and what the file has grown by since: it is written from
  /// its beginning again when all of it is moved, and does not shrink.
  var bytesInUse: Int64 {
    let (size, move) = (self.size, moved.withLock { $0 })
    return min(size, move.remaining + max(0, size - move.size))
  }

  /// In bytes.
  var size: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// What the last move of the log came to; of the whole file nothing is moved where none is known.
private struct LogMove {
  /// Bytes of SQLite's header in front of each page in the log.
  static let frameHeader: Int64 = 24

  /// The size of the file when it began.
  var size: Int64 = 0
  /// What could not be moved because somebody reads it, in bytes.
  var remaining: Int64 = 0
}
