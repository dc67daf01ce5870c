package import Glibc

/// Small files of the data directory.
///
/// Only `replaceDurably` waits for the disk: a supervisor that is stuck in fsync looks hung to
/// systemd. What a loss of power takes away is the last seconds of a history.
package struct RecordFile {
  let path: String
  private let mode: mode_t

  package init(path: String, mode: mode_t = 0o640) {
    self.path = path
    self.mode = mode
  }

  /// The whole file; `nil` when there is none. What is longer than the limit is cut.
  package func read(limit: Int) throws(SupervisorError) -> [UInt8]? {
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
  package func replace(with bytes: [UInt8]) throws(SupervisorError) {
    try replace(with: bytes, isDurable: false)
  }

  /// As `replace`, and returns when the content would survive a loss of power.
  func replaceDurably(with bytes: [UInt8]) throws(SupervisorError) {
    try replace(with: bytes, isDurable: true)
    let border = path.lastIndex(of: "/") ?? path.startIndex
    let folder = open(path[..<border] + "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure("open the folder") }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure("fsync of the folder") }
  }

  private func replace(
    with bytes: [UInt8], isDurable: Bool
  ) throws(SupervisorError) {
    let temporary = path + ".new"
    unlink(temporary)
    try write(bytes, to: temporary, flags: O_CREAT | O_EXCL, isDurable: isDurable)
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
    _ bytes: [UInt8], to path: String, flags: Int32, isDurable: Bool = false
  ) throws(SupervisorError) {
    let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, mode)
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
    if isDurable, fsync(file) != 0 { throw failure("fsync") }
  }

  private func failure(_ call: String) -> SupervisorError {
    let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return .file(path: path, problem: "\(call): \(text)")
  }
}
