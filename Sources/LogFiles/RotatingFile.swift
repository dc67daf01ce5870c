// One log file and its predecessors: NAME, NAME.1, NAME.2 and so on, NAME.1 the latest.
//
// A file begins anew before the record that would make it longer than allowed, and with the first
// record of a new day. Each line is written with one call, so that a file never ends within a line
// unless the disk is full. Of what was put aside because it was full `kept` files stay, and beside
// them the last file of each of `days` days: all together never take more than
// (kept + days + 1) * mostBytes, and a record that is longer than a file.

import Glibc
package import RiskModel

/// Why a log file could not be written.
package struct LogFileError: Error, Equatable, Sendable, CustomStringConvertible {
  package var path: String
  package var problem: String

  package var description: String { "\(path): \(problem)" }
}

/// Where a log file lies and when it begins anew.
package struct LogFileRule: Equatable, Sendable {
  package var path: String
  package var mostBytes: Int64
  /// How many earlier files are kept of those that were full.
  package var kept: Int
  /// Whether a new day begins a new file.
  package var startsDaily: Bool
  /// How many of the files that a new day put aside are kept beside them.
  package var days: Int

  package init(path: String, mostBytes: Int64, kept: Int, startsDaily: Bool, days: Int = 0) {
    self.path = path
    self.mostBytes = mostBytes
    self.kept = kept
    self.startsDaily = startsDaily
    self.days = days
  }
}

/// A log file that is appended to, and rotated by size and by day.
package final class RotatingFile {
  private let rule: LogFileRule
  private let zone: TimeZoneRule
  private let civil: (Instant) -> Instant
  private var descriptor: Int32?
  private var bytes: Int64 = 0
  private var day: CivilDate?

  /// Days are those of the zone. `civil` is the time of the records at a moment of the machine's
  /// clock, by which files have their time.
  package init(
    _ rule: LogFileRule, zone: TimeZoneRule, civil: @escaping (Instant) -> Instant = { $0 }
  ) {
    self.civil = civil
    self.rule = rule
    self.zone = zone
  }

  deinit { close() }

  /// Appends a line, its newline included; `at` decides about the day.
  package func write(_ line: [UInt8], at: Instant) throws(LogFileError) {
    let today = zone.localTime(of: at).date
    if descriptor == nil { try open() }
    let isNewDay = rule.startsDaily && day.map { $0 < today } ?? false
    let isFull = bytes + Int64(line.count) > rule.mostBytes
    if bytes > 0, isNewDay || isFull {
      try rotate(endsDay: isNewDay)
      try open()
    }
    day = max(day ?? today, today)
    try append(line)
  }

  package func close() {
    if let descriptor { Glibc.close(descriptor) }
    descriptor = nil
  }

  /// Goes on with the file that is there; its day is that of its last change.
  private func open() throws(LogFileError) {
    let opened = Glibc.open(
      rule.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard opened >= 0 else { throw failure("open") }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(opened)
      throw LogFileError(path: rule.path, problem: "is not a file")
    }
    descriptor = opened
    bytes = Int64(status.st_size)
    let changed = Instant(secondsSinceEpoch: Int64(status.st_mtim.tv_sec))
    day = bytes == 0 ? nil : zone.localTime(of: civil(changed)).date
  }

  private func append(_ line: [UInt8]) throws(LogFileError) {
    guard let descriptor else { return }
    var written: Int
    repeat {
      written = Glibc.write(descriptor, line, line.count)
    } while written < 0 && errno == EINTR
    guard written == line.count else {
      let failure = written < 0 ? failure("write") : failure(of: "write", ENOSPC)
      // What is left of the line must not become the beginning of the next.
      if written > 0 { _ = ftruncate(descriptor, off_t(bytes)) }
      throw failure
    }
    bytes += Int64(written)
  }

  private func rotate(endsDay: Bool) throws(LogFileError) {
    close()
    let (zone, civil) = (zone, civil)
    let earlier = EarlierFiles(path: rule.path) { changed in
      zone.localTime(of: civil(Instant(secondsSinceEpoch: changed))).date
    }
    try earlier.putAside(endsDay: endsDay, mostParts: rule.kept, mostDays: rule.days)
  }

  private func failure(_ call: String) -> LogFileError { failure(of: call, errno) }

  private func failure(of call: String, _ code: Int32) -> LogFileError {
    let text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return LogFileError(path: rule.path, problem: "\(call): \(text)")
  }
}
