import HubProtocol
import Testing

@Suite struct RecordSplitterTests {
  private func drain(_ splitter: inout RecordSplitter) throws -> [[UInt8]] {
    var records: [[UInt8]] = []
    while let record = try splitter.next() { records.append(Array(record)) }
    return records
  }

  @Test func severalRecordsInOnePiece() throws {
    var splitter = RecordSplitter(limit: 100)
    splitter.append(Array("{}\u{1E}\u{1E}[1]\u{1E}ta".utf8))
    #expect(try drain(&splitter) == [Array("{}".utf8), [], Array("[1]".utf8)])
    splitter.append(Array("il\u{1E}".utf8))
    #expect(try drain(&splitter) == [Array("tail".utf8)])
  }

  @Test func piecesThatAreAppendedBeforeTheyAreRead() throws {
    var splitter = RecordSplitter(limit: 100)
    splitter.append(Array("a".utf8))
    splitter.append(Array("b\u{1E}".utf8))
    #expect(try drain(&splitter) == [Array("ab".utf8)])
  }

  @Test func aCharacterMayBeSplit() throws {
    var splitter = RecordSplitter(limit: 100)
    var records: [[UInt8]] = []
    for byte in Array("\"µ€🙂\"\u{1E}".utf8) {
      splitter.append([byte])
      records += try drain(&splitter)
    }
    #expect(records == [Array("\"µ€🙂\"".utf8)])
  }

  @Test func theLimitCountsTheRecordWithoutItsEnd() throws {
    var splitter = RecordSplitter(limit: 3)
    splitter.append(Array("abc\u{1E}abcd\u{1E}".utf8))
    #expect(try splitter.next() == Array("abc".utf8)[...])
    #expect(throws: HubEnvelopeError.recordTooLong(limit: 3)) { try splitter.next() }
  }

  @Test func aRecordThatDoesNotEndIsNotCollectedForever() throws {
    var splitter = RecordSplitter(limit: 3)
    splitter.append(Array("ab".utf8))
    #expect(try splitter.next() == nil)
    splitter.append(Array("cd".utf8))
    #expect(throws: HubEnvelopeError.recordTooLong(limit: 3)) { try splitter.next() }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func everyCutGivesTheSameRecords(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let records = (0..<Int.random(in: 0...12, using: &random)).map { _ in
      (0..<Int.random(in: 0...40, using: &random)).map { _ in
        UInt8.random(in: 0x1F...0xFF, using: &random)
      }
    }
    let rest = (0..<Int.random(in: 0...5, using: &random)).map { _ in UInt8(ascii: "x") }
    var stream = Array((records + [rest]).joined(separator: [0x1E]))
    var splitter = RecordSplitter(limit: 64)
    var found: [[UInt8]] = []
    while !stream.isEmpty {
      let cut = Int.random(in: 1...min(30, stream.count), using: &random)
      splitter.append(Array(stream.prefix(cut)))
      stream.removeFirst(cut)
      if Bool.random(using: &random) { found += try drain(&splitter) }
    }
    found += try drain(&splitter)
    #expect(found == records, "seed \(seed)")
  }
}
