import Benchmarks
import RiskModel
import Testing

@Suite struct PercentilesTests {
  @Test func `a thousand spans have their percentiles to three digits`() throws {
    var recorder = LatencyRecorder()
    for count in 1...1_000 { recorder.record(.microseconds(Int64(count))) }
    let percentiles = try #require(recorder.percentiles)
    #expect(percentiles.count == 1_000)
    #expect(isNear(percentiles.p50, .microseconds(500)))
    #expect(isNear(percentiles.p99, .microseconds(990)))
    #expect(isNear(percentiles.p999, .microseconds(999)))
    #expect(percentiles.max == .microseconds(1_000))
  }

  @Test func `nothing recorded is not zero`() {
    #expect(LatencyRecorder().percentiles == nil)
    #expect(Percentiles.middle(of: []) == nil)
  }

  @Test func `a span below zero counts as zero and one beyond the range as the range`() throws {
    var recorder = LatencyRecorder()
    recorder.record(TimeSpan(nanos: -5))
    recorder.record(.seconds(100_000))
    let percentiles = try #require(recorder.percentiles)
    #expect(percentiles.p50 == .zero)
    #expect(percentiles.max == .seconds(600))
  }

  @Test func `no percentile is above the longest span`() throws {
    var recorder = LatencyRecorder()
    recorder.record(TimeSpan(nanos: 1_000_001))
    let percentiles = try #require(recorder.percentiles)
    #expect(percentiles.p50 == percentiles.max)
    #expect(percentiles.max == TimeSpan(nanos: 1_000_001))
  }

  @Test func `the middle of an odd number of runs is the middle run's, by percentile`() throws {
    let runs = [sample(3, 30), sample(1, 50), sample(2, 40)]
    let middle = try #require(Percentiles.middle(of: runs))
    #expect(middle.count == 30)
    #expect(middle.p50 == .microseconds(2))
    #expect(middle.p99 == .microseconds(40))
    #expect(middle.max == .microseconds(500))
  }

  @Test func `the middle of two runs lies between them`() throws {
    let middle = try #require(Percentiles.middle(of: [sample(1, 10), sample(4, 20)]))
    #expect(middle.p50 == TimeSpan(nanos: 2_500))
    #expect(middle.p99 == .microseconds(15))
  }

  @Test func `one path after the other adds up`() {
    let sum = sample(1, 10) + sample(2, 20)
    #expect(sum.p50 == .microseconds(3))
    #expect(sum.p99 == .microseconds(30))
    #expect(sum.count == 10)
  }

  private func sample(_ p50: Int64, _ p99: Int64) -> Percentiles {
    Percentiles(
      count: 10, p50: .microseconds(p50), p99: .microseconds(p99), p999: .microseconds(p99 * 2),
      max: .microseconds(p99 * 10))
  }

  private func isNear(_ span: TimeSpan, _ expected: TimeSpan) -> Bool {
    abs(span.nanos - expected.nanos) <= expected.nanos / 500
  }
}
