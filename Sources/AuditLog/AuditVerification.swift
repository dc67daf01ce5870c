import Glibc
package import RiskModel

/// What looking through the log has shown.
package struct AuditVerification: Equatable, Sendable {
  /// One thing that is not as it was written.
  package enum Finding: Equatable, Sendable {
    /// Not a record of this log: changed, or damaged.
    case unreadable(line: Int64)
    /// The last line has no end.
    case torn(line: Int64)
    /// Something in the record was changed.
    case changed(line: Int64, sequence: Int64)
    /// Records are missing in front of this one.
    case missing(line: Int64, first: Int64, last: Int64)
    /// A record stands where another belongs.
    case misplaced(line: Int64, sequence: Int64, expected: Int64)
    /// The record does not follow the one in front of it: one of the two was replaced.
    case detached(line: Int64, sequence: Int64)
    /// The database remembers records behind the last one of the file.
    case cut(last: Int64, known: Int64)
    /// The database remembers another record under this number.
    case replaced(sequence: Int64)
  }

  /// More findings than these say nothing new.
  private static let limit = 50

  package private(set) var records: Int64 = 0
  package private(set) var head: AuditHead?
  package private(set) var findings: [Finding] = []

  package var isIntact: Bool { findings.isEmpty }

  private var line: Int64 = 0
  private var last = AuditHead.none
  /// What the line in front left unclear is not held against the next one.
  private var isLastKnown = true
  private var hashOfKnown: String?

  /// Looks through a log, as much of the file as there is at the beginning: its end is taken under
  /// the writers' lock, so that no record is seen half written. What lies before it never changes,
  /// and no writer waits while it is read.
  ///
  /// - Parameters:
  ///   - log: The log; no file is a log without records.
  ///   - known: The end of the chain as the database remembers it.
  ///   - patience: How long a writer is waited for.
  /// - Throws: `AuditError` where the file cannot be read.
  package init(
    _ log: AuditLog, known: AuditHead?, patience: TimeSpan = .seconds(2)
  ) throws(AuditError) {
    let file = open(log.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if file < 0, errno != ENOENT {
      throw .file(path: log.path, problem: "open: \(String(cString: strerror(errno)))")
    }
    if file >= 0 {
      defer { close(file) }
      var lines = try AuditLines(file, log.path, from: 0)
      lines.end = try log.settledSize(file, patience)
      while let (bytes, isWhole) = try lines.next() { take(bytes, isWhole, known) }
    }
    compare(known)
    head = last == .none ? nil : last
  }

  private mutating func take(_ bytes: [UInt8], _ isWhole: Bool, _ known: AuditHead?) {
    line += 1
    guard isWhole else { return note(.torn(line: line)) }
    guard let record = AuditRecord(line: bytes) else {
      note(.unreadable(line: line))
      last = AuditHead(
        sequence: last.sequence + 1, hash: RunningDigest.text(RunningDigest.of(bytes)))
      isLastKnown = false
      return
    }
    records += 1
    if record.hash != record.rightHash {
      note(.changed(line: line, sequence: record.sequence))
    }
    place(record)
    if record.sequence == known?.sequence { hashOfKnown = record.hash }
    last = record.head
    isLastKnown = true
  }

  private mutating func place(_ record: AuditRecord) {
    let expected = last.sequence + 1
    if record.sequence == expected {
      if record.previous != last.hash, isLastKnown {
        note(.detached(line: line, sequence: record.sequence))
      }
    } else if record.sequence > expected {
      note(.missing(line: line, first: expected, last: record.sequence - 1))
    } else {
      note(.misplaced(line: line, sequence: record.sequence, expected: expected))
    }
  }

  private mutating func compare(_ known: AuditHead?) {
    guard let known else { return }
    if last.sequence < known.sequence {
      note(.cut(last: last.sequence, known: known.sequence))
    } else if hashOfKnown != known.hash {
      note(.replaced(sequence: known.sequence))
    }
  }

  private mutating func note(_ finding: Finding) {
    if findings.count < Self.limit { findings.append(finding) }
  }
}

extension AuditVerification.Finding: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let line): "line \(line): is no record; it was changed or damaged"
    case .torn(let line): "line \(line): is cut in the middle"
    case .changed(let line, let sequence): "line \(line): record \(sequence) was changed"
    case .missing(let line, let first, let last):
      first == last
        ? "line \(line): record \(first) is missing in front of it"
        : "line \(line): records \(first) to \(last) are missing in front of it"
    case .misplaced(let line, let sequence, let expected):
      "line \(line): record \(sequence) stands where record \(expected) belongs"
    case .detached(let line, let sequence):
      "line \(line): record \(sequence) does not follow the record in front of it"
    case .cut(let last, let known):
      "the log ends with record \(last); the database knows of record \(known)"
    case .replaced(let sequence):
      "record \(sequence) is not the one that the database remembers"
    }
  }
}
