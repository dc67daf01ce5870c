// data/admin_attempts: the wrong passwords since the last right one, as two whole numbers and a
// newline, "3 1795017600000000000": how many, and when the last was typed (ns since 1970). Empty or
// absent is none. Mode 600, of root, which alone asks for the password; what is of another owner, no
// file or not readable is refused. Whoever asks holds a lock on it, so that two terminals have no
// more attempts than one.

import Glibc
import ProcessControl
import RiskModel

/// Why nobody may be asked for the administrator's password.
enum AttemptsError: Error, Equatable, CustomStringConvertible {
  case elsewhere
  case foreign(path: String)
  case unreadable(path: String)
  case systemCall(name: String, path: String, code: Int32)

  var description: String {
    switch self {
    case .elsewhere: "the administrator's password is asked for at another terminal"
    case .foreign(let path): "\(path) is no file of root with mode 600; look why, and remove it"
    case .unreadable(let path): "\(path) cannot be read; look why, and remove it"
    case .systemCall(let name, let path, let code):
      "\(name) \(path): \(String(cString: strerror(code)))"
    }
  }
}

/// The wrong passwords of the past, held for as long as somebody is asked.
struct PasswordAttempts {
  /// Attempts of one run, and of how many the first wait follows.
  static let perRun = 3
  private static let firstWait = TimeSpan.seconds(30)
  private static let longestWait = TimeSpan.seconds(3_600)

  private let path: String
  private let file: Descriptor
  private(set) var failures: Int64 = 0
  private var lastAt = Instant(nanosSinceEpoch: 0)

  static func path(below root: String) -> String { root + "/data/admin_attempts" }

  init(root: String) throws(AttemptsError) {
    path = Self.path(below: root)
    let number = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard number >= 0 else { throw .systemCall(name: "open", path: path, code: errno) }
    file = Descriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid(), status.st_mode & 0o077 == 0
    else { throw .foreign(path: path) }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .elsewhere }
      throw .systemCall(name: "flock", path: path, code: errno)
    }
    guard status.st_size > 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = pread(number, &bytes, bytes.count, 0)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let failures = Int64(words[0]), let last = Int64(words[1]),
      failures > 0, last >= 0
    else { throw .unreadable(path: path) }
    self.failures = failures
    lastAt = Instant(nanosSinceEpoch: last)
  }

  /// How long nobody may try. 30 s after the third wrong password in a row, and twice as long after
  /// each three more, up to an hour. A clock that was set back does not shorten it.
  func wait(at now: Instant) -> TimeSpan {
    let rounds = failures / Int64(Self.perRun)
    guard rounds > 0, failures % Int64(Self.perRun) == 0 else { return .zero }
    let doublings = min(rounds - 1, 7)
    let whole = min(Self.longestWait, TimeSpan(nanos: Self.firstWait.nanos << doublings))
    return now < lastAt ? whole : max(.zero, whole - (now - lastAt))
  }

  /// Counts a wrong password; it is on the disk when this returns.
  mutating func failed(at now: Instant) throws(AttemptsError) {
    failures += 1
    lastAt = now
    try write("\(failures) \(now.nanosSinceEpoch)\n")
  }

  /// Forgets them all after the right one.
  mutating func succeeded() throws(AttemptsError) {
    guard failures > 0 else { return }
    failures = 0
    try write("")
  }

  private func write(_ text: String) throws(AttemptsError) {
    let bytes = Array(text.utf8)
    guard pwrite(file.number, bytes, bytes.count, 0) == bytes.count,
      ftruncate(file.number, off_t(bytes.count)) == 0, fsync(file.number) == 0
    else { throw .systemCall(name: "write", path: path, code: errno) }
  }
}
