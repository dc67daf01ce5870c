import PeerProtocol
import RiskModel
import Testing

@Suite struct LatencyCountsTests {
  @Test func `a percentile is at most an eighth above the truth`() {
    var state: UInt64 = 20_261_122
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let microseconds = Int64(state >> 40)
      var counts = LatencyCounts()
      counts.add(.microseconds(microseconds))
      let shown = counts.percentile(perMille: 500).map { $0.nanos / 1_000 } ?? -1
      #expect(shown >= microseconds && shown <= microseconds + microseconds / 8)
    }
  }

  @Test func `ranks are counted from below`() {
    var counts = LatencyCounts()
    #expect(counts.percentile(perMille: 500) == nil && counts.total == 0)
    for microseconds in 1...4 { counts.add(.microseconds(Int64(microseconds))) }
    #expect(counts.percentile(perMille: 250) == .microseconds(1))
    #expect(counts.percentile(perMille: 500) == .microseconds(2))
    #expect(counts.percentile(perMille: 501) == .microseconds(3))
    #expect(counts.percentile(perMille: 1_000) == .microseconds(4))
    counts.add(.seconds(1_000_000))
    counts.add(TimeSpan(nanos: -5))
    #expect(counts.total == 6)
  }

  @Test func `differences and sums`() {
    var early = LatencyCounts()
    early.add(.microseconds(5))
    var late = early
    late.add(.microseconds(7))
    let difference = late.since(early)
    #expect(difference.total == 1)
    #expect(difference.percentile(perMille: 500) == .microseconds(7))
    #expect(late.since(LatencyCounts()) == late)
    var sum = LatencyCounts()
    sum.merge(early)
    sum.merge(difference)
    #expect(sum == late)
  }

  @Test func `what a pipe carries comes back the same`() throws {
    var counts = LatencyCounts()
    for microseconds in [0, 7, 8, 100, 5_000_000] { counts.add(.microseconds(Int64(microseconds))) }
    let coder = MessageCoder()
    let messages: [TelemetryMessage] = [
      .reading(ProcessReading(figures: ["a": 1], latencies: ["event": counts])),
      .news(topic: "t", body: "{}"), .missed(3),
      .log(
        LoggedRecord(
          at: Instant(secondsSinceEpoch: 5), level: .warning, logger: "gateway", message: "m",
          messageID: "id", context: ["k": "v"])),
    ]
    for message in messages {
      let frame = TelemetryFrame(startedAt: Instant(secondsSinceEpoch: 9), message: message)
      let json = try coder.encode(frame)
      #expect(try coder.decode(TelemetryFrame.self, from: json) == frame)
    }
    #expect(throws: (any Error).self) {
      try coder.decode(LatencyCounts.self, from: Array("[9999,1]".utf8))
    }
  }
}
