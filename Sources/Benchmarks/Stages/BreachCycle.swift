import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue

/// A trader who buys one contract too many, waits until riskd has closed the position and proven
/// it, and does it again.
struct BreachCycle {
  private static let patience = TimeSpan.seconds(10)
  private static let pollInterval: UInt32 = 500
  private static let size = BenchmarkRoot.allowedContracts + 1

  private let system: BenchmarkSystem
  private let clock = SystemClock()
  private let database: Database
  private let proofs: Database.Statement
  private var lastProof: Int64 = 0
  private var seed: UInt64 = 1
  /// From the order at the venue to the request that closes its position, seen there.
  private(set) var venueSide = LatencyRecorder()
  private(set) var count = 0

  init(_ system: BenchmarkSystem) throws(BenchmarkError) {
    self.system = system
    database = try Database(path: system.riskd.root.database, .reading)
    proofs = try database.prepare(
      "SELECT max(id) FROM enforcement_log WHERE id > ? AND action = 'proven'")
  }

  /// One breach from its order to its proof.
  mutating func run() throws(BenchmarkError) {
    let start = clock.monotonicNow()
    do {
      try system.venue.trader.place(
        BenchmarkSystem.account, BenchmarkSystem.mnq, .buy, size: Self.size)
    } catch {
      throw .processFailed("the simulated venue refuses an order: \(error)")
    }
    try awaitProof(since: start)
    let closes = system.venue.requests(.closeContract).map(\.receivedMonotonic)
    if let first = closes.first(where: { $0 > start }) { venueSide.record(first - start) }
    count += 1
    pause()
  }

  private mutating func awaitProof(since start: MonotonicInstant) throws(BenchmarkError) {
    var found: Int64?
    while found == nil {
      usleep(Self.pollInterval)
      guard clock.monotonicNow() - start < Self.patience else {
        throw .timedOut("the proof that breach \(count + 1) is closed")
      }
      proofs.bind(lastProof, at: 1)
      try proofs.run { found = $0.integer(0) }
    }
    lastProof = found ?? lastProof
  }

  /// One to five milliseconds, so that nothing falls into step.
  private mutating func pause() {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    usleep(1_000 + UInt32(seed >> 33) % 4_000)
  }
}

/// What the database says about the requests that close positions.
struct RecordedReactions {
  private(set) var recorder = LatencyRecorder()
  /// Of the first breach after the start, when nothing is warm.
  private(set) var first: TimeSpan?
  /// Requests of which it is not recorded; repeats, for one.
  private(set) var unknown = 0

  init(_ database: Database) throws(BenchmarkError) {
    let rows = try database.prepare(
      "SELECT reaction FROM enforcement_log WHERE action = 'close' ORDER BY id")
    try rows.run { row in
      guard let nanos = row.integer(0) else {
        unknown += 1
        return
      }
      first = first ?? TimeSpan(nanos: nanos)
      recorder.record(TimeSpan(nanos: nanos))
    }
  }
}
