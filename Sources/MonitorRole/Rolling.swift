import PeerProtocol
import RiskModel

/// How often something happened, lately and in all.
struct RollingCount {
  private var steps: [(at: MonotonicInstant, count: Int64)] = []
  private(set) var total: Int64 = 0

  /// What is older is forgotten; alerts look back a day at most.
  private static let memory = TimeSpan.seconds(86_400)

  mutating func add(_ count: Int64, at now: MonotonicInstant) {
    guard count > 0 else { return }
    total += count
    steps.append((now, count))
    if let first = steps.first, now - first.at > Self.memory + .seconds(600) {
      steps.removeAll { now - $0.at > Self.memory }
    }
  }

  /// Takes in what happened before this process; it does not count in the total.
  mutating func restore(_ earlier: [(at: MonotonicInstant, count: Int64)]) {
    steps = earlier + steps
  }

  func count(in window: TimeSpan, at now: MonotonicInstant) -> Int64 {
    var sum: Int64 = 0
    for step in steps.reversed() {
      guard now - step.at <= window else { break }
      sum += step.count
    }
    return sum
  }
}

/// How long things took lately.
struct RollingLatencies {
  private var steps: [(at: MonotonicInstant, counts: LatencyCounts)] = []
  private static let memory = TimeSpan.seconds(60)

  mutating func add(_ counts: LatencyCounts, at now: MonotonicInstant) {
    steps.removeAll { now - $0.at > Self.memory }
    if counts.total > 0 { steps.append((now, counts)) }
  }

  /// Of the last minute.
  func counts(at now: MonotonicInstant) -> LatencyCounts {
    var sum = LatencyCounts()
    for step in steps where now - step.at <= Self.memory { sum.merge(step.counts) }
    return sum
  }
}

/// What one process told, turned into what happened since the last look.
struct SourceTally {
  private var startedAt: Int64?
  private var figures: [String: Int64] = [:]
  private var latencies: [String: LatencyCounts] = [:]

  /// A process that ran before the monitor did has done things that are over.
  mutating func begin(_ reading: SourceReading, before start: Int64) {
    guard startedAt != reading.startedAt else { return }
    let isOld = startedAt == nil && reading.startedAt < start
    startedAt = reading.startedAt
    figures = isOld ? reading.figures : [:]
    latencies = isOld ? reading.latencies : [:]
  }

  mutating func increase(_ name: String, in reading: SourceReading) -> Int64 {
    guard let value = reading.figures[name] else { return 0 }
    defer { figures[name] = value }
    return max(0, value - (figures[name] ?? 0))
  }

  mutating func increase(latencies name: String, in reading: SourceReading) -> LatencyCounts {
    guard let counts = reading.latencies[name] else { return LatencyCounts() }
    defer { latencies[name] = counts }
    return counts.since(latencies[name] ?? LatencyCounts())
  }
}
