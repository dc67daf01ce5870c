import RiskModel
import Testing

@testable import Enforcement

#if canImport(Glibc)
  import Glibc
#endif

/// Thousands of seeded runs against a venue that loses, refuses and delays, with an auditor.
@Suite struct ModelTests {
  private static let traceLength = 120
  private static let seedsPerBatch: UInt64 = {
    guard let text = getenv("ENFORCEMENT_SEEDS") else { return 200 }
    return UInt64(String(cString: text)) ?? 200
  }()

  private func run(seed: UInt64, isTraced: Bool = false) -> (ModelWorld, [String]) {
    var world = ModelWorld(seed: seed, isTraced: isTraced)
    world.connect()
    world.after(.milliseconds(200), .trade)
    if world.random.chance(30) { world.after(world.milliseconds(1_000...50_000), .restart) }
    if world.random.chance(30) {
      let down = world.milliseconds(1_000...30_000)
      world.after(down, .link(isUp: false))
      world.after(down + world.milliseconds(100...25_000), .link(isUp: true))
    }
    if world.random.chance(30) { world.after(world.milliseconds(1_000...50_000), .snapshot) }
    if world.random.chance(20) {
      let closed = world.milliseconds(1_000...40_000)
      world.after(closed, .market(isOpen: false))
      world.after(closed + world.milliseconds(1_000...40_000), .market(isOpen: true))
    }
    world.run(until: MonotonicInstant(nanos: 60_000_000_000))
    world.isTrading = false
    world.hasFaults = false
    world.venue.isOpen = true
    world.run(until: MonotonicInstant(nanos: 180_000_000_000))
    var objections = world.auditor.objections + world.unmet()
    for (minute, count) in world.auditor.requestsPerMinute where count > 1_500 {
      objections.append("\(count) requests in minute \(minute)")
    }
    return (world, objections)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func neverMakesItWorseAndArrives(batch: UInt64) {
    var proofs = 0
    for seed in (batch * ModelTests.seedsPerBatch)..<((batch + 1) * ModelTests.seedsPerBatch) {
      let (world, objections) = run(seed: seed)
      proofs += world.proofs
      if !objections.isEmpty {
        let (traced, _) = run(seed: seed, isTraced: true)
        Issue.record("seed \(seed): \(objections.prefix(5).joined(separator: "; "))")
        print("seed \(seed), the last of its trace:")
        for line in traced.trace.suffix(100_000) { print(line) }
        return
      }
    }
    #expect(proofs > 0)
  }
}
