import Dispatch
import Glibc

/// The write-ahead log as a file, to have the system put it on the disk.
///
/// SQLite keeps no locks on the log, so a second descriptor does no harm.
final class DatabaseLog: Sendable {
  private let path: String
  private let descriptor: Int32
  private let background = DispatchQueue(label: "store.log")

  /// The log of an open database. The folder is synchronised too, for files that are new.
  init(database: String) throws(StoreError) {
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

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
