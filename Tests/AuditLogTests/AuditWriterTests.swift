import Glibc
import RiskModel
import RiskTestKit
import Testing

@testable import AuditLog

@Suite struct AuditWriterTests {
  private let folder = LogFolder()

  private func entry(_ number: Int64) -> AuditEntry {
    AuditEntry(at: Instant(secondsSinceEpoch: number), who: "riskctl", what: "test \(number)")
  }

  @Test func `many writers make one chain`() async throws {
    let log = folder.log
    await withTaskGroup(of: Bool.self) { group in
      for writer in Int64(1)...6 {
        group.addTask {
          for number in Int64(1)...20 {
            let entry = AuditEntry(
              at: Instant(secondsSinceEpoch: number), who: "writer \(writer)", what: "test")
            guard
              (try? AuditLog(path: log.path).append([entry, entry], patience: .seconds(20)))
                != nil
            else { return false }
          }
          return true
        }
      }
      for await isDone in group { #expect(isDone) }
    }
    let found = try folder.verify()
    #expect(found.isIntact)
    #expect(found.records == 240)
  }

  @Test func `a torn line is taken away and said`() throws {
    try folder.fill(3)
    let right = folder.text
    folder.text = right + "{\"detail\":{\"numb"
    #expect(try folder.verify().findings == [.torn(line: 4)])
    try folder.log.append([entry(9)])
    #expect(folder.text.hasPrefix(right))
    #expect(folder.lines.count == 5)
    #expect(folder.lines[3].contains("log.repaired"))
    #expect(folder.lines[3].contains("\"bytes\":\"16\""))
    #expect(try folder.verify().isIntact)
  }

  @Test func `a file that begins with a torn line starts anew`() throws {
    folder.text = "{\"det"
    try folder.log.append([entry(1)])
    let found = try folder.verify()
    #expect(found.isIntact)
    #expect(found.records == 2)
  }

  @Test func `behind a line that is none the chain goes on, and the line is named`() throws {
    try folder.fill(3)
    folder.lines[2] = "nothing"
    try folder.log.append([entry(4)])
    #expect(folder.lines[3].contains("\"sequence\":4"))
    #expect(try folder.verify().findings == [.unreadable(line: 3)])
  }

  @Test func `a held lock is waited for and then given up`() throws {
    try folder.fill(1)
    let file = open(folder.log.path, O_RDWR)
    defer { close(file) }
    #expect(flock(file, LOCK_EX) == 0)
    #expect(throws: AuditError.busy(path: folder.log.path)) {
      try folder.log.append([entry(2)], patience: .milliseconds(6))
    }
    #expect(throws: AuditError.busy(path: folder.log.path)) {
      try AuditVerification(folder.log, known: nil, patience: .milliseconds(6))
    }
    #expect(throws: AuditError.busy(path: folder.log.path)) { try folder.log.head() }
    #expect(flock(file, LOCK_UN) == 0)
    try folder.log.append([entry(2)])
    #expect(try folder.verify().records == 2)
  }

  @Test func `what is no file is refused`() throws {
    let missing = AuditLog(path: folder.log.path + "/missing/audit.log")
    #expect(throws: AuditError.self) { try missing.append([entry(1)]) }
    #expect(try missing.head() == nil)
    let directory = AuditLog(path: "/tmp")
    #expect(throws: AuditError.self) { try directory.append([entry(1)]) }
    #expect(throws: AuditError.file(path: "/tmp", problem: "is not a file")) {
      try AuditVerification(directory, known: nil)
    }
    let errors: [AuditError] = [.busy(path: "p"), .file(path: "p", problem: "x")]
    #expect(errors.map(\.description) == ["p is held by another process", "p: x"])
  }

  @Test func `long and strange texts become one short line`() throws {
    let long = AuditEntry(
      at: Instant(secondsSinceEpoch: 1), who: String(repeating: "w", count: 500), what: "a\nb",
      detail: Dictionary(
        uniqueKeysWithValues: (0..<40).map {
          ("k\($0)", String(repeating: "\u{1}\"", count: 9_000))
        }))
    try folder.log.append([long])
    try folder.log.append([entry(2)])
    #expect(folder.lines.count == 2)
    #expect(folder.lines[0].utf8.count < 200_000)
    #expect(try folder.verify().isIntact)
  }

  @Test func `the recorder writes in order and off the caller's thread`() throws {
    let recorder = AuditRecorder(folder.log, who: "evaluator")
    for number in Int64(1)...50 { recorder.record([entry(number), entry(number)]) }
    recorder.record([])
    #expect(recorder.finish(within: .seconds(20)))
    let found = try folder.verify()
    #expect(found.isIntact)
    #expect(found.records == 100)
    #expect(recorder.figures == AuditRecorder.Figures(written: 100, lost: 0, problem: nil))
  }

  @Test func `what is lost is counted, said once, and recorded when writing works again`() throws {
    let path = folder.log.path
    mkdir(path, 0o700)
    let said = Said()
    let recorder = AuditRecorder(folder.log, who: "evaluator") { said.add($0.problem) }
    for number in Int64(1)...3 { recorder.record([entry(number)]) }
    #expect(recorder.finish(within: .seconds(20)))
    #expect(recorder.figures.lost == 3)
    #expect(recorder.figures.problem?.hasPrefix(path) == true)
    rmdir(path)
    recorder.record([entry(4)])
    #expect(recorder.finish(within: .seconds(20)))
    #expect(said.all.count == 2)
    #expect(said.all.last == .some(nil))
    #expect(folder.lines.count == 2)
    #expect(folder.lines[0].contains("records.lost"))
    #expect(folder.lines[0].contains("\"count\":\"3\""))
    recorder.record((0...AuditRecorder.capacity).map { entry(Int64($0)) })
    #expect(recorder.figures.lost == 3 + Int64(AuditRecorder.capacity) + 1)
  }
}

/// What a recorder said; it speaks on a thread of its own.
private final class Said: @unchecked Sendable {
  // Safety: read after the recorder has finished.
  private(set) var all: [String?] = []
  func add(_ text: String?) { all.append(text) }
}
