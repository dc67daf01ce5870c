import Foundation
import Glibc
import Logging
import RiskModel
import Testing

@testable import Telemetry

/// Entries on their way to a journal.
struct JournalSinkTests {
  /// A socket such as the journal's.
  private final class Journal {
    let path: String
    private var socket: Int32 = -1

    init() throws {
      path = NSTemporaryDirectory() + "riskd-journal-\(UUID().uuidString.prefix(8))"
      try open()
    }

    deinit { close() }

    func open() throws {
      socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(result == 0, "bind: \(errno)")
    }

    func close() {
      guard socket >= 0 else { return }
      Glibc.close(socket)
      unlink(path)
      socket = -1
    }

    /// The next entry; `nil` when none comes within the time.
    func read(milliseconds: Int32 = 20_000) -> String? {
      var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&state, 1, milliseconds) == 1 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = recv(socket, &bytes, bytes.count, 0)
      return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    func sink() throws -> JournalSink {
      try #require(JournalSink(path: path) { Array("LOG_DROPPED=\($0)\n".utf8) })
    }
  }

  @Test func entriesArriveInOrder() throws {
    let journal = try Journal()
    let sink = try journal.sink()
    defer { sink.close() }
    for number in 0..<300 { sink.write(Array("MESSAGE=\(number)\n".utf8)) }
    for number in 0..<300 { #expect(journal.read() == "MESSAGE=\(number)\n") }
    sink.flush(milliseconds: 20_000)
    #expect(sink.droppedRecords == 0)
  }

  @Test func aJournalThatReadsNothingCostsTheLaterRecordsAndIsToldHowMany() throws {
    let journal = try Journal()
    let sink = try journal.sink()
    defer { sink.close() }
    var written = 0
    while sink.droppedRecords < 5, written < 100_000 {
      sink.write(Array("MESSAGE=\(written)\n".utf8))
      written += 1
    }
    #expect(sink.droppedRecords >= 5)
    var next = 0
    var told = 0
    while next + told < written, let entry = journal.read() {
      if entry.hasPrefix("LOG_DROPPED=") {
        told += Int(entry.dropFirst(12).dropLast()) ?? 0
      } else {
        next += 1
      }
    }
    #expect(told == sink.droppedRecords)
    #expect(next + told == written)
  }

  @Test func aJournalThatIsStartedAnewIsFound() throws {
    let journal = try Journal()
    let sink = try journal.sink()
    defer { sink.close() }
    sink.write(Array("MESSAGE=before\n".utf8))
    #expect(journal.read() == "MESSAGE=before\n")
    sink.flush(milliseconds: 20_000)
    journal.close()
    // Nobody reads: the ring fills, and what comes then is dropped.
    var written = 0
    while sink.droppedRecords == 0, written < 10_000 {
      sink.write(Array("MESSAGE=\(written)\n".utf8))
      written += 1
    }
    #expect(written == JournalRing.mostEntries + 1)
    try journal.open()
    #expect(journal.read() == "LOG_DROPPED=1\n")
    for number in 0..<JournalRing.mostEntries {
      #expect(journal.read() == "MESSAGE=\(number)\n")
    }
    journal.close()
    try journal.open()
    sink.write(Array("MESSAGE=after\n".utf8))
    #expect(journal.read() == "MESSAGE=after\n")
    #expect(sink.droppedRecords == 1)
  }

  @Test func whatNoSocketTakesIsDropped() throws {
    let journal = try Journal()
    let sink = try journal.sink()
    defer { sink.close() }
    sink.write([UInt8](repeating: UInt8(ascii: "x"), count: 900_000))
    sink.write(Array("MESSAGE=next\n".utf8))
    #expect(journal.read() == "LOG_DROPPED=1\n")
    #expect(journal.read() == "MESSAGE=next\n")
    #expect(sink.droppedRecords == 1)
  }

  @Test(arguments: ["/nowhere/at/all", String(repeating: "/long", count: 40)])
  func withoutASocketThereIsNoSink(path: String) {
    #expect(JournalSink(path: path) { _ in [] } == nil)
  }

  @Test func loggersWriteToTheJournal() throws {
    let journal = try Journal()
    let sink = try journal.sink()
    defer { sink.close() }
    let output = TelemetryOutput(
      worker: "enforcer", level: .info, format: .text, withSeverity: false,
      sink: LineSink(descriptor: -1), journal: sink, now: { Instant(secondsSinceEpoch: 0) })
    let logger = Logger(label: "x") { _ in TelemetryHandler(output) }
    logger.notice("Target reached", metadata: ["target": "3-1", "account_id": "77"])
    let entry = try #require(journal.read())
    #expect(entry.hasPrefix("MESSAGE=enforcer: Target reached  account_id=77 target=3-1\n"))
    #expect(entry.contains("\nPRIORITY=5\n"))
    #expect(entry.hasSuffix("\nACCOUNT=77\nTARGET=3-1\nDECISION_ID=3-1\n"))
    #expect(output.sink.droppedLines == 0)
  }

  @Test func theRingIsBounded() {
    var ring = JournalRing(entries: 2)
    #expect(ring.first == nil)
    ring.removeFirst()
    for number in 0..<4 { ring.append([UInt8(number)]) }
    #expect(ring.count == 2 && ring.bytes == 2 && ring.dropped == 2 && ring.unreported == 2)
    ring.noteReported(2)
    #expect(ring.unreported == 0)
    #expect(ring.first == [0])
    ring.removeFirst()
    ring.append([9])
    #expect(ring.first == [1])
    ring.dropFirst()
    #expect(ring.first == [9] && ring.dropped == 3)
    ring.append([UInt8](repeating: 0, count: JournalRing.mostBytes))
    #expect(ring.dropped == 4)
  }
}
