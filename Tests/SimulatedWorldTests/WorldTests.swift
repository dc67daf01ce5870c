import Dispatch
import Glibc
import Synchronization
import Testing

/// Worlds by seed. A failing one prints its seed; `RISKD_SEED=…` plays that world alone and prints
/// what happened in it. `RISKD_WORLD_SEEDS` is how many worlds there are, from the seed
/// `RISKD_WORLD_FIRST` on; they go on for `RISKD_WORLD_MINUTES`.
@Suite struct WorldTests {
  private static let standardCount = 1_000
  private static let failureLimit = 10
  /// What has to happen in so many worlds, or they show nothing.
  private static let expected = [
    "deaths", "power cuts", "databases", "databases cut short", "lockouts", "one-shot targets",
    "proofs", "proofs held against their reads", "pauses judged", "lost or false answers",
  ]

  /// What came of the worlds so far.
  private struct Outcome: Sendable {
    var next: UInt64
    var failures: [UInt64: [String]] = [:]
    var counts: [String: Int] = [:]
  }

  @Test func everyWorldComesToRestAsItShould() {
    if let seed = environment("RISKD_SEED") {
      play(UInt64(clamping: seed))
      return
    }
    let count = UInt64(clamping: environment("RISKD_WORLD_SEEDS") ?? Self.standardCount)
    let first = UInt64(clamping: environment("RISKD_WORLD_FIRST") ?? 1)
    let minutes = environment("RISKD_WORLD_MINUTES") ?? 0
    let time = ContinuousClock.now
    let outcome = Mutex(Outcome(next: first))
    // Worlds share nothing: each processor plays one after the other.
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    DispatchQueue.concurrentPerform(iterations: processors) { _ in
      while let seed = Self.nextSeed(
        outcome, before: first + count, orUntil: time + .seconds(60 * minutes))
      {
        let world = World(WorldOptions(seed: seed))
        let objections = world.run()
        let counts = world.auditor.counts
        outcome.withLock {
          $0.counts.merge(counts, uniquingKeysWith: +)
          if !objections.isEmpty { $0.failures[seed] = objections }
        }
      }
    }
    let result = outcome.withLock { $0 }
    let figures = result.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let played = result.next - first
    print("worlds: \(played) seeds; \(figures.joined(separator: ", "))")
    #expect(played > 0 && played >= count)
    if played >= Self.standardCount {
      for kind in Self.expected {
        #expect(result.counts[kind] ?? 0 > 0, "\(played) worlds and no \(kind)")
      }
    }
    for (seed, objections) in result.failures.sorted(by: { $0.key < $1.key }) {
      Issue.record("RISKD_SEED=\(seed): \(objections.prefix(5).joined(separator: "; "))")
    }
  }

  /// 922: orders that nobody could read before their contract was flat were left over beside a proof.
  /// 1019: an answer came behind the event that made it old.
  /// 1468: events that had waited for an evaluator came behind reads that were younger.
  @Test(arguments: [922, 1_019, 1_468] as [UInt64])
  func aWorldThatFailedOnceComesToRestAsItShould(_ seed: UInt64) {
    let objections = World(WorldOptions(seed: seed)).run()
    #expect(objections.isEmpty, "seed \(seed)")
  }

  private static func nextSeed(
    _ outcome: borrowing Mutex<Outcome>, before end: UInt64, orUntil moment: ContinuousClock.Instant
  ) -> UInt64? {
    outcome.withLock { outcome in
      guard outcome.next < end || ContinuousClock.now < moment,
        outcome.failures.count < failureLimit
      else { return nil }
      outcome.next += 1
      return outcome.next - 1
    }
  }

  private func play(_ seed: UInt64) {
    let world = World(WorldOptions(seed: seed), isLogged: true)
    let objections = world.run()
    for line in world.log { print(line) }
    #expect(objections.isEmpty, "seed \(seed)")
  }

  private func environment(_ name: String) -> Int? {
    guard let text = getenv(name).map({ String(cString: $0) }) else { return nil }
    let number = Int(text)
    #expect(number != nil, "\(name)=\(text) is no number")
    return number
  }
}
