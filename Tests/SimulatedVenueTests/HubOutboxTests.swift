import Testing

@testable import SimulatedVenue

struct HubOutboxTests {
  private func frames(_ grouping: RecordGrouping, _ records: [[UInt8]]) -> [HubOutbox.Frame] {
    var outbox = HubOutbox()
    for record in records { outbox.append(record) }
    let frames = outbox.takeFrames(grouping)
    #expect(outbox.isEmpty)
    return frames
  }

  @Test(arguments: RecordGrouping.allCases)
  func `no byte is lost or moved`(grouping: RecordGrouping) {
    let records = (0..<50).map { Array(repeating: UInt8($0), count: $0 * 40) + [recordSeparator] }
    let frames = frames(grouping, records)
    #expect(frames.flatMap(\.bytes) == records.flatMap(\.self))
    #expect(frames.last?.isFinal == true)
  }

  @Test func `bursts stay below the frame limits of clients`() {
    let records = (0..<100).map { _ in [UInt8](repeating: 1, count: 500) }
    let frames = frames(.bursts, records)
    #expect(frames.count == 7)
    #expect(frames.allSatisfy { $0.bytes.count <= 8_192 })
    #expect(self.frames(.bursts, [[UInt8](repeating: 1, count: 10_000)]).count == 1)
    #expect(self.frames(.bursts, []).isEmpty)
  }
}
