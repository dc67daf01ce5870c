import Glibc
import RiskModel
import RiskTestKit
import Testing

@testable import AuditLog

/// A log of a few records in a folder of its own.
final class LogFolder {
  private let folder = TemporaryFolder("audit")

  var log: AuditLog { AuditLog(path: folder.file("audit.log")) }

  func fill(_ count: Int64) throws {
    for number in 1...count {
      try log.append([
        AuditEntry(
          at: Instant(secondsSinceEpoch: 1_758_000_000 + number), who: "evaluator",
          what: "decision", detail: ["number": "\(number)", "text": "a \"quoted\" / ü\n"])
      ])
    }
  }

  var lines: [String] {
    get { text.split(separator: "\n").map(String.init) }
    set { text = newValue.map { $0 + "\n" }.joined() }
  }

  var text: String {
    get {
      guard let file = fopen(log.path, "r") else { return "" }
      defer { fclose(file) }
      var bytes: [UInt8] = []
      while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
      return String(decoding: bytes, as: UTF8.self)
    }
    set {
      guard let file = fopen(log.path, "w") else { return }
      defer { fclose(file) }
      fputs(newValue, file)
    }
  }

  func verify(_ known: AuditHead? = nil) throws -> AuditVerification {
    try AuditVerification(log, known: known)
  }

  deinit { folder.remove() }
}

@Suite struct AuditLogTests {
  private let folder = LogFolder()

  @Test func `a chain is written and found intact`() throws {
    #expect(try folder.verify().isIntact)
    #expect(try folder.log.head() == nil)
    try folder.fill(5)
    let found = try folder.verify()
    #expect(found.isIntact)
    #expect(found.records == 5)
    #expect(try folder.log.head() == found.head)
    #expect(found.head?.sequence == 5)
    #expect(
      folder.lines.first?.contains("\"previous\":\"\(String(repeating: "0", count: 64))\"") == true)
    #expect(folder.lines.first?.contains("\"time\":\"2025-09-16T05:20:01.000Z\"") == true)
    let head = try #require(found.head)
    #expect(AuditHead(head.description) == head)
    #expect(AuditHead("5") == nil)
    var status = stat()
    #expect(stat(folder.log.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(folder.log.size == Int64(status.st_size))
  }

  @Test func `the hash is that of the line without it`() throws {
    try folder.fill(1)
    let line = try #require(folder.lines.first)
    let hash = try #require(try folder.log.head()?.hash)
    let bare = line.replacing("\"hash\":\"\(hash)\",", with: "")
    #expect(bare.count == line.count - 74)
    #expect(RunningDigest.text(RunningDigest.of(Array(bare.utf8))) == hash)
    // The digest of the empty text is a published value.
    #expect(
      RunningDigest.text(RunningDigest.of([]))
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `a changed record is named`() throws {
    try folder.fill(5)
    for (old, new) in [
      ("\"number\":\"3\"", "\"number\":\"4\""), ("evaluator", "supervisor"),
      ("decision", "decisions"), ("20:03.000", "20:04.000"),
    ] {
      let right = folder.lines
      var lines = right
      lines[2] = lines[2].replacing(old, with: new)
      #expect(lines != right)
      folder.lines = lines
      #expect(try folder.verify().findings == [.changed(line: 3, sequence: 3)])
      folder.lines = right
    }
  }

  @Test func `a record that was changed with its hash does not fit its follower`() throws {
    try folder.fill(4)
    var lines = folder.lines
    var record = try #require(AuditRecord(line: Array(lines[1].utf8)))
    record.what = "nothing"
    record.hash = record.rightHash
    lines[1] = String(decoding: record.line, as: UTF8.self)
    folder.lines = lines
    #expect(try folder.verify().findings == [.detached(line: 3, sequence: 3)])
  }

  @Test func `missing, reordered and foreign lines are named`() throws {
    try folder.fill(6)
    let right = folder.lines
    folder.lines = Array(right[..<2] + right[3...])
    #expect(try folder.verify().findings == [.missing(line: 3, first: 3, last: 3)])
    folder.lines = Array(right[2...])
    #expect(try folder.verify().findings == [.missing(line: 1, first: 1, last: 2)])
    folder.lines = [right[0], right[2], right[1]] + right[3...]
    let swapped = try folder.verify().findings
    #expect(swapped.first == .missing(line: 2, first: 2, last: 2))
    #expect(swapped.contains(.misplaced(line: 3, sequence: 2, expected: 4)))
    folder.lines = right + [right[5]]
    #expect(try folder.verify().findings == [.misplaced(line: 7, sequence: 6, expected: 7)])
    folder.lines = [right[0], "nothing"] + right[2...]
    #expect(try folder.verify().findings == [.unreadable(line: 2)])
    folder.lines = right
    folder.lines[1] = right[1].replacing("{\"detail\"", with: "{ \"detail\"")
    #expect(try folder.verify().findings == [.unreadable(line: 2)])
  }

  @Test func `a cut tail is found by what the database remembers`() throws {
    try folder.fill(6)
    let known = try #require(try folder.log.head())
    let right = folder.lines
    folder.lines = Array(right[..<4])
    #expect(try folder.verify().isIntact)
    #expect(try folder.verify(known).findings == [.cut(last: 4, known: 6)])
    // A tail of the same length that somebody else wrote.
    try folder.log.append(
      (5...7).map {
        AuditEntry(at: Instant(secondsSinceEpoch: $0), who: "evaluator", what: "forged")
      })
    #expect(try folder.verify().isIntact)
    #expect(try folder.verify(known).findings == [.replaced(sequence: 6)])
    folder.lines = right
    #expect(try folder.verify(known).isIntact)
    unlink(folder.log.path)
    #expect(try folder.verify(known).findings == [.cut(last: 0, known: 6)])
  }

  @Test func `every finding says where`() {
    let findings: [AuditVerification.Finding] = [
      .unreadable(line: 1), .torn(line: 2), .changed(line: 3, sequence: 3),
      .missing(line: 4, first: 4, last: 4), .missing(line: 5, first: 4, last: 6),
      .misplaced(line: 6, sequence: 7, expected: 6), .detached(line: 7, sequence: 7),
      .cut(last: 7, known: 9), .replaced(sequence: 8),
    ]
    #expect(Set(findings.map(\.description)).count == findings.count)
    #expect(
      findings.prefix(7).enumerated().allSatisfy { index, finding in
        finding.description.hasPrefix("line \(index + 1): ")
      })
  }
}
