import Glibc

/// A file that takes up space so that, on a full disk, there is some to give back.
package struct DiskBallast: Sendable {
  package static let standardSize: Int64 = 1_048_576

  package let path: String
  /// In bytes.
  package let size: Int64

  package init(path: String, size: Int64 = DiskBallast.standardSize) {
    self.path = path
    self.size = size
  }

  /// Whether the space is taken.
  package var isPresent: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_size >= size
  }

  /// Takes the space, if it is not taken. The file has mode 600.
  ///
  /// - Throws: `StoreError.unwritable`; no file is left behind then.
  package func create() throws(StoreError) {
    guard !isPresent else { return }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(file: path, errno: errno) }
    defer { close(descriptor) }
    let code = posix_fallocate(descriptor, 0, off_t(size))
    guard code == 0 else {
      unlink(path)
      throw .unwritable(file: path, errno: code)
    }
  }

  /// Gives the space back.
  ///
  /// - Returns: Whether there was any to give.
  @discardableResult
  package func release() -> Bool {
    isPresent && unlink(path) == 0
  }
}
