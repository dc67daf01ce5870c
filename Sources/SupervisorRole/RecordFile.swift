import Glibc

/// Small files of the data directory, mode 0640.
///
/// Nothing here waits for the disk: a supervisor that is stuck in fsync looks hung to systemd. What
/// a loss of power takes away is the last seconds of a history.
struct RecordFile {
  private static let mode: mode_t = 0o640

  let path: String

  /// The whole file; `nil` when there is none. What is longer than the limit is cut.
  func read(limit: Int) throws(SupervisorError) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("open")
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count == 0 { break }
      if count > 0 {
        bytes += chunk[..<count]
      } else if errno != EINTR {
        throw failure("read")
      }
    }
    return Array(bytes.prefix(limit))
  }

  /// Readers see the old content or the new one, never a mixture.
  func replace(with bytes: [UInt8]) throws(SupervisorError) {
    let temporary = path + ".new"
    unlink(temporary)
    try write(bytes, to: temporary, flags: O_CREAT | O_EXCL)
    guard rename(temporary, path) == 0 else {
      let failure = failure("rename")
      unlink(temporary)
      throw failure
    }
  }

  func append(_ bytes: [UInt8]) throws(SupervisorError) {
    try write(bytes, to: path, flags: O_CREAT | O_APPEND)
  }

  private func write(
    _ bytes: [UInt8], to path: String, flags: Int32
  ) throws(SupervisorError) {
    let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, Self.mode)
    guard file >= 0 else { throw failure("open") }
    defer { close(file) }
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count >= 0 {
        left = left.dropFirst(count)
      } else if errno != EINTR {
        throw failure("write")
      }
    }
  }

  private func failure(_ call: String) -> SupervisorError {
    let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return .file(path: path, problem: "\(call): \(text)")
  }
}
