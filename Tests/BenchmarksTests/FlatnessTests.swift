import RiskModel
import Testing

@testable import Benchmarks

/// When memory counts as flat.
@Suite struct FlatnessTests {
  /// A sample every five seconds.
  private func flatness(
    minutes: Int64, _ bytes: (_ seconds: Int64) -> Int64
  ) -> Flatness {
    Flatness(
      of: stride(from: Int64(0), through: minutes * 60, by: 5).map { (.seconds($0), bytes($0)) })
  }

  @Test func `what fills up in the first minutes is no growth`() {
    #expect(flatness(minutes: 30) { 20_000_000 + min($0, 600) * 25_000 } == .flat)
  }

  @Test(arguments: [(270, true), (277, true), (279, false), (5_000, false)] as [(Int64, Bool)])
  func `a megabyte an hour is the limit`(bytesPerSecond: Int64, isFlat: Bool) throws {
    let result = flatness(minutes: 30) { 25_000_000 + $0 * bytesPerSecond }
    guard !isFlat else {
      #expect(result == .flat)
      return
    }
    guard case .grows(let slope) = result else {
      Issue.record("\(result)")
      return
    }
    #expect((slope - Double(bytesPerSecond) * 3_600).magnitude < 1)
    #expect("\(result)".contains("memory grows"))
  }

  @Test func `memory that comes and goes is flat, and so is what shrinks`() {
    #expect(flatness(minutes: 30) { 25_000_000 + ($0 % 60 == 0 ? 3_000_000 : 0) } == .flat)
    #expect(flatness(minutes: 30) { 50_000_000 - $0 * 1_000 } == .flat)
  }

  @Test func `a step late in the run is growth`() {
    guard case .grows = flatness(minutes: 30, { $0 < 1_500 ? 25_000_000 : 27_000_000 }) else {
      Issue.record("a step is not seen")
      return
    }
  }

  @Test func `too short a run is not judged`() {
    #expect(flatness(minutes: 19) { _ in 25_000_000 } == .unknown)
    #expect(flatness(minutes: 20) { _ in 25_000_000 } == .flat)
    #expect(Flatness(of: []) == .unknown)
    #expect("\(Flatness.unknown)".contains("20 minutes"))
  }

  @Test func `the sum of all processes is judged`() {
    var samples = Samples(names: ["gateway", "enforcer"])
    for second in stride(from: Int64(0), through: 1_800, by: 5) {
      samples.add([30_000_000 - second * 400, 7_000_000 + second * 500], at: .seconds(second))
    }
    #expect(samples.flatness == .flat)
    for second in stride(from: Int64(1_805), through: 3_600, by: 5) {
      samples.add([30_000_000, 9_000_000 + second * 500], at: .seconds(second))
    }
    #expect(samples.flatness != .flat)
  }
}
