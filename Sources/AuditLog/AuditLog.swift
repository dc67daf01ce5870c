import Glibc
package import RiskModel

/// Why the audit log cannot be used.
package enum AuditError: Error, Equatable, Sendable, CustomStringConvertible {
  case busy(path: String)
  case file(path: String, problem: String)

  package var description: String {
    switch self {
    case .busy(let path): "\(path) is held by another process"
    case .file(let path, let problem): "\(path): \(problem)"
    }
  }
}

/// The audit log as a file.
package struct AuditLog: Sendable {
  /// The log below a root folder.
  package static let standardName = "data/audit.log"
  private static let lockPause: Int64 = 2
  private static let readerPatience = TimeSpan.milliseconds(200)

  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// Adds entries behind the last record: all of them or none. Nothing waits for the disk.
  ///
  /// - Parameters:
  ///   - entries: What is to be kept, in order.
  ///   - patience: How long other writers are waited for.
  /// - Returns: The new end of the chain.
  /// - Throws: `AuditError`; the file is as it was then.
  @discardableResult
  package func append(
    _ entries: [AuditEntry], patience: TimeSpan = .milliseconds(200)
  ) throws(AuditError) -> AuditHead {
    let file = try open(O_RDWR | O_CREAT)
    defer { close(file) }
    try lock(file, patience)
    let tail = try AuditTail(file, path)
    if !tail.torn.isEmpty {
      guard ftruncate(file, off_t(tail.end)) == 0 else { throw failure("truncate") }
    }
    var head = tail.head
    var text: [UInt8] = []
    for entry in repairs(tail, entries) + entries {
      let record = AuditRecord(entry, after: head)
      head = record.head
      text += record.line + [UInt8(ascii: "\n")]
    }
    try write(text, to: file, at: tail.end)
    return head
  }

  /// Puts what was appended on the disk, so that it survives a power cut.
  ///
  /// - Throws: `AuditError.file`.
  package func synchronise() throws(AuditError) {
    let file = try open(O_RDONLY)
    defer { close(file) }
    guard fdatasync(file) == 0 else { throw failure("fdatasync") }
  }

  /// The end of the chain; `nil` where there is no record.
  package func head() throws(AuditError) -> AuditHead? {
    guard access(path, F_OK) == 0 else { return nil }
    let file = try open(O_RDONLY)
    defer { close(file) }
    try lock(file, Self.readerPatience, LOCK_SH)
    let head = try AuditTail(file, path).head
    return head == .none ? nil : head
  }

  /// In bytes; 0 where there is no file.
  package var size: Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// The size while no writer is at work.
  func settledSize(_ file: Int32, _ patience: TimeSpan) throws(AuditError) -> Int64 {
    try lock(file, patience, LOCK_SH)
    defer { flock(file, LOCK_UN) }
    return try AuditLines(file, path, from: 0).size()
  }

  private func repairs(_ tail: AuditTail, _ entries: [AuditEntry]) -> [AuditEntry] {
    guard !tail.torn.isEmpty, let first = entries.first else { return [] }
    return [
      AuditEntry(
        at: first.at, who: first.who, what: "log.repaired",
        detail: [
          "bytes": "\(tail.torn.count)",
          "digest": RunningDigest.text(RunningDigest.of(tail.torn)),
        ])
    ]
  }

  private func open(_ flags: Int32) throws(AuditError) -> Int32 {
    let isNew = access(path, F_OK) != 0
    let file = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard file >= 0 else { throw failure("open") }
    if isNew { giveToOwnerOfFolder(file) }
    return file
  }

  /// A file that root makes must stay writable for the service.
  private func giveToOwnerOfFolder(_ file: Int32) {
    var status = stat()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard geteuid() == 0, stat(folder, &status) == 0 else { return }
    _ = fchown(file, status.st_uid, status.st_gid)
  }

  private func lock(
    _ file: Int32, _ patience: TimeSpan, _ kind: Int32 = LOCK_EX
  ) throws(AuditError) {
    var left = patience.milliseconds / Self.lockPause
    while flock(file, kind | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw failure("lock") }
      guard left > 0 else { throw .busy(path: path) }
      left -= 1
      usleep(UInt32(Self.lockPause) * 1_000)
    }
  }

  private func write(_ text: [UInt8], to file: Int32, at end: Int64) throws(AuditError) {
    var written = 0
    while written < text.count {
      let count = text[written...].withUnsafeBytes {
        pwrite(file, $0.baseAddress, $0.count, off_t(end) + off_t(written))
      }
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        let problem = failure("write")
        _ = ftruncate(file, off_t(end))
        throw problem
      }
    }
  }

  private func failure(_ call: String) -> AuditError {
    .file(path: path, problem: "\(call): \(String(cString: strerror(errno)))")
  }
}

/// The end of the file, as far as the next record depends on it.
struct AuditTail {
  /// A line has at most 16 texts of 2,000 bytes, each byte at most six in JSON.
  private static let window: Int64 = 262_144

  private(set) var head = AuditHead.none
  /// Where the next record goes.
  private(set) var end: Int64 = 0
  /// What stands behind the last whole line.
  private(set) var torn: [UInt8] = []

  init(_ file: Int32, _ path: String) throws(AuditError) {
    let newline = UInt8(ascii: "\n")
    let lines = try AuditLines(file, path, from: 0)
    let size = try lines.size()
    let start = max(0, size - Self.window)
    let bytes = try lines.bytes(from: start, to: size)
    let whole = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
    torn = Array(bytes[whole...])
    end = start + Int64(whole)
    guard whole > 0 else { return }
    let before = bytes[..<(whole - 1)]
    let line = Array(before[(before.lastIndex(of: newline).map { $0 + 1 } ?? 0)...])
    if let record = AuditRecord(line: line) {
      head = record.head
    } else {
      // Somebody's hand was in the file. The chain goes on behind what stands there.
      head = AuditHead(
        sequence: try lines.count(to: end), hash: RunningDigest.text(RunningDigest.of(line)))
    }
  }
}
