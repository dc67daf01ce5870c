import FoundationEssentials
package import RiskModel
import Supervision

// The audit log, data/audit.log: UTF-8 text, mode 600, appended to and never changed. One record a
// line, a JSON object with its keys sorted and without white space:
//
//   detail    an object of texts, what the record is about; empty for nothing more to say
//   hash      SHA-256 of the line without this member, `"hash":"…",`, as 64 hexadecimal digits
//   previous  the hash of the record before; 64 zeros in the first one
//   sequence  1, 2, 3 …
//   time      RFC 3339, UTC, with milliseconds
//   what      what happened, a word such as `lockout.begun`
//   who       supervisor, evaluator, riskctl with the user's number, or who asked the supervisor
//
// A record that is changed, missing or out of its place breaks the chain. Records cut from the end
// do not: the database keeps number and hash of a late record, which then is not in the file.
//
// Every writer holds a flock on the file from reading the last record to having written its own. A
// last line without its end is what a loss of power leaves; the next writer takes it away and says
// so in a record of its own. After records that could not be written comes one that counts them.

/// Something to be kept for good.
package struct AuditEntry: Equatable, Sendable {
  package var at: Instant
  package var who: String
  package var what: String
  package var detail: [String: String]

  package init(at: Instant, who: String, what: String, detail: [String: String] = [:]) {
    self.at = at
    self.who = who
    self.what = what
    self.detail = detail
  }
}

/// The end of the chain.
package struct AuditHead: Equatable, Sendable {
  package var sequence: Int64
  package var hash: String

  package init(sequence: Int64, hash: String) {
    self.sequence = sequence
    self.hash = hash
  }

  /// Before the first record.
  static let none = AuditHead(sequence: 0, hash: String(repeating: "0", count: 64))
}

extension AuditHead: CustomStringConvertible {
  /// `12:ab34…`, as the database keeps it.
  package var description: String { "\(sequence):\(hash)" }

  package init?(_ text: String) {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let sequence = Int64(parts[0]) else { return nil }
    self.init(sequence: sequence, hash: String(parts[1]))
  }
}

/// One line of the log.
struct AuditRecord: Equatable, Codable {
  /// Longer texts are cut, so that a line fits what is read to find the last one.
  static let textLimit = 2_000
  static let detailLimit = 16

  var detail: [String: String]
  var hash: String?
  var previous: String
  var sequence: Int64
  var time: String
  var what: String
  var who: String

  /// The record of an entry behind `head`.
  init(_ entry: AuditEntry, after head: AuditHead) {
    let kept = entry.detail.sorted { $0.key < $1.key }.prefix(Self.detailLimit)
    detail = Dictionary(
      uniqueKeysWithValues: kept.map {
        (printable($0.key, limit: 100), printable($0.value, limit: Self.textLimit))
      })
    previous = head.hash
    sequence = head.sequence + 1
    time = entry.at.timestamp
    what = printable(entry.what, limit: 100)
    who = printable(entry.who, limit: 100)
    hash = rightHash
  }

  /// `nil` for bytes that are not exactly what this release would write for some record.
  init?(line: [UInt8]) {
    guard let record = try? JSONDecoder().decode(AuditRecord.self, from: Data(line)),
      record.hash != nil, record.line == line
    else { return nil }
    self = record
  }

  /// What the hash has to be.
  var rightHash: String {
    var bare = self
    bare.hash = nil
    return RunningDigest.text(RunningDigest.of(bare.line))
  }

  var head: AuditHead { AuditHead(sequence: sequence, hash: hash ?? "") }

  /// Without the newline.
  var line: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("Invariant: texts can be encoded")
    }
    return [UInt8](data)
  }
}
