import Glibc
import RiskModel
import SimulatedVenue

// The file of points: comma-separated values, one line per point.
//
//   axis                accounts, contracts or events
//   value               along the axis
//   start_ms            of riskd, until everything runs
//   reaction_p50_ms     event read in the gateway → close request; empty for none
//   reaction_p99_ms
//   reactions           how many
//   pss_bytes           of all processes
//   processor_share     of one processor, under the load
//   lost                executions that never reached the journal
//   achieved            events, or quotes, that the venue really sent in a second

/// Cost as the load grows, one riskd for each point.
package struct ScaleRun {
  private static let quotesPerSecond = 130
  private static let patience = TimeSpan.seconds(20)

  package var program: String
  package var isQuick: Bool

  package init(program: String, isQuick: Bool) {
    self.program = program
    self.isQuick = isQuick
  }

  private var watching: TimeSpan { isQuick ? .milliseconds(500) : .seconds(5) }
  private var breaches: Int { isQuick ? 3 : 200 }

  /// Measures every size, or says why it could not be measured.
  package func run(_ sizes: [ScaleSize], tell: (String) -> Void) -> ScaleOutcome {
    var outcome = ScaleOutcome()
    for size in sizes {
      do throws(BenchmarkError) {
        let point = try measure(size.axis, size.value)
        tell("\(size.name): \(ScaleReport.words(point))")
        outcome.points.append(point)
      } catch {
        tell("\(size.name): not measured: \(error)")
        outcome.unmeasured.append((size, "\(error)"))
      }
    }
    return outcome
  }

  private func measure(_ axis: ScaleAxis, _ value: Int) throws(BenchmarkError) -> ScalePoint {
    var load = VenueLoad()
    switch axis {
    case .accounts: load.accounts = value
    case .contracts: load.contracts = value
    case .events: break
    }
    let time = Stopwatch()
    let system = try BenchmarkSystem(program: program, load: load)
    let start = time.elapsed
    var hasEnded = false
    defer { if !hasEnded { system.end() } }
    try hold(axis, load, system)
    let traffic = plan(axis, value, load)
    system.venue.startTraffic(traffic)
    let (share, achieved) = try watch(axis, system)
    var bytes: Int64 = 0
    for process in try system.riskd.processes() {
      bytes += try ProcessMemory.ofProcess(process.pid).proportionalBytes
    }
    var cycle = try BreachCycle(system)
    let limit = Stopwatch()
    while cycle.count < breaches, limit.elapsed < Self.patience { try cycle.run() }
    system.venue.stopTraffic()
    let lost = try lost(traffic.account, system)
    hasEnded = true
    let recorded = try system.end { database throws(BenchmarkError) in
      try RecordedReactions(database)
    }
    return ScalePoint(
      axis: axis, value: value, start: start, reaction: recorded.recorder.percentiles,
      proportionalBytes: bytes, processorShare: share, lost: lost, achieved: achieved)
  }

  /// What is held while the quotes come, and breaches nothing.
  private func hold(
    _ axis: ScaleAxis, _ load: VenueLoad, _ system: BenchmarkSystem
  ) throws(BenchmarkError) {
    do {
      switch axis {
      case .accounts:
        for account in load.accountNumbers {
          try system.venue.trader.place(account, BenchmarkSystem.mes, .buy, size: 1)
        }
      case .contracts:
        for contract in load.contractNames {
          try system.venue.trader.place(BenchmarkSystem.account, contract, .buy, size: 1)
        }
      case .events: break
      }
    } catch {
      throw .processFailed("the simulated venue refuses an order: \(error)")
    }
  }

  private func plan(_ axis: ScaleAxis, _ value: Int, _ load: VenueLoad) -> TrafficPlan {
    switch axis {
    case .accounts:
      TrafficPlan(
        account: BenchmarkSystem.account, contract: BenchmarkSystem.mes,
        quotesPerSecond: Self.quotesPerSecond)
    case .contracts:
      TrafficPlan(
        account: BenchmarkSystem.account, contract: load.contractNames[0],
        quotesPerSecond: Self.quotesPerSecond)
    case .events:
      TrafficPlan(
        account: load.accountNumbers[1], contract: BenchmarkSystem.mes,
        ordersPerSecond: value / MemoryStage.eventsPerOrder)
    }
  }

  /// - Returns: The share of a processor that riskd took, and what the venue sent in a second.
  private func watch(
    _ axis: ScaleAxis, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> (share: Double, achieved: Double) {
    func sent() -> Int {
      let counters = system.venue.counters
      return axis == .events ? counters.userEvents : counters.marketEvents
    }
    usleep(500_000)
    let before = (used: try system.riskd.processorTime(), sent: sent())
    let time = Stopwatch()
    usleep(UInt32(watching.nanos / 1_000))
    let used = try system.riskd.processorTime() - before.used
    let seconds = time.elapsed.seconds
    return (used.seconds / seconds, Double(sent() - before.sent) / seconds)
  }

  private func lost(
    _ account: AccountID, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> Int {
    let watch = try system.journal()
    let traded = Set(system.venue.trades(account).map(\.id))
    let time = Stopwatch()
    while true {
      try watch.advance()
      let lost = traded.subtracting(watch.trades).count
      if lost == 0 || time.elapsed > Self.patience { return lost }
      usleep(50_000)
    }
  }
}
