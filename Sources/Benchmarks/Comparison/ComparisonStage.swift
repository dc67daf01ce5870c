import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue

/// The obvious alternative under the same feed: one Python process that closes what is too much.
///
/// Whether it keeps up with a rate is seen from outside: a breach that follows the traffic is
/// answered within half a second, or it is not.
package struct ComparisonStage {
  private static let longestLag = TimeSpan.milliseconds(500)
  private static let leastShare = 0.95
  private static let patience = TimeSpan.seconds(20)
  private static let pollInterval: UInt32 = 500

  package var python: PythonPlace
  package var extent: Extent
  private let clock = SystemClock()

  package init(python: PythonPlace, extent: Extent) {
    self.python = python
    self.extent = extent
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    let venue = try BenchmarkSystem.startVenue()
    defer { venue.stop() }
    let client = try PlainClient(
      interpreter: python.interpreter, script: python.script, venue: venue,
      limit: BenchmarkRoot.allowedContracts)
    defer { client.stop() }
    let reaction = try reactions(venue)
    let memory = try ProcessMemory.ofProcess(client.pid)
    let best = try rates(venue, client)
    var outcome = StageOutcome()
    outcome.figures = [
      Figure(
        .plainReactionP50, value: Double(reaction.p50.nanos),
        detail: "seen by the venue, order → request; for riskd: the rows 'seen by the venue'"),
      Figure(.plainReactionP99, value: Double(reaction.p99.nanos)),
      Figure(
        .plainEvents, value: best?.rate,
        detail: best == nil
          ? "it kept up with none of the rates" : "one thread, nothing is written down or proven"),
      Figure(.plainEventCost, value: best.map { Double($0.cost.nanos) }),
      Figure(.plainMemory, value: Double(memory.proportionalBytes)),
    ]
    outcome.distributions = [
      BenchmarkReport.Distribution(
        "plain.venue", "Python client, seen by the venue, order → request", reaction, runs: 1)
    ]
    return outcome
  }

  private struct Rate {
    var rate: Double
    var cost: TimeSpan
  }

  private func reactions(_ venue: SimulatedVenueServer) throws(BenchmarkError) -> Percentiles {
    var recorder = LatencyRecorder()
    let time = Stopwatch()
    var seed: UInt64 = 1
    while recorder.count < extent.breachesPerRun, time.elapsed < extent.reactionLimit {
      recorder.record(try breach(venue))
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      usleep(1_000 + UInt32(seed >> 33) % 4_000)
    }
    guard let percentiles = recorder.percentiles else {
      throw .timedOut("a single reaction of the Python client")
    }
    return percentiles
  }

  /// - Returns: From the order at the venue to the request that closes its position.
  private func breach(_ venue: SimulatedVenueServer) throws(BenchmarkError) -> TimeSpan {
    let (account, contract) = (BenchmarkSystem.account, BenchmarkSystem.mnq)
    let start = clock.monotonicNow()
    do {
      try venue.trader.place(
        account, contract, .buy, size: BenchmarkRoot.allowedContracts + 1)
    } catch {
      throw .processFailed("the simulated venue refuses an order: \(error)")
    }
    let time = Stopwatch()
    while true {
      let closes = venue.requests(.closeContract).map(\.receivedMonotonic)
      if let first = closes.first(where: { $0 > start }) {
        _ = venue.wait { $0.signedSize(account, contract) == 0 }
        return first - start
      }
      guard time.elapsed < Self.patience else { throw .timedOut("the Python client closes") }
      usleep(Self.pollInterval)
    }
  }

  /// The highest rate of user events that it keeps up with.
  private func rates(
    _ venue: SimulatedVenueServer, _ client: PlainClient
  ) throws(BenchmarkError) -> Rate? {
    var best: Rate?
    for rate in extent.eventRates {
      let events = venue.counters.userEvents
      let used = try client.processorTime()
      let time = Stopwatch()
      venue.startTraffic(
        TrafficPlan(
          account: BenchmarkSystem.account, contract: BenchmarkSystem.mes,
          ordersPerSecond: rate / MemoryStage.eventsPerOrder, duration: extent.rateDuration))
      guard venue.wait(atMost: extent.rateDuration + Self.patience, until: { !$0.isBusy }) else {
        venue.stopTraffic()
        throw .timedOut("the end of the simulated venue's traffic")
      }
      let count = max(1, venue.counters.userEvents - events)
      let achieved = Double(count) / time.elapsed.seconds
      let lag = try breach(venue)
      let cost = TimeSpan(nanos: (try client.processorTime() - used).nanos / Int64(count))
      guard lag <= Self.longestLag, achieved >= Double(rate) * Self.leastShare else { break }
      best = Rate(rate: achieved, cost: cost)
    }
    return best
  }
}

/// Where the interpreter and the client of the comparison are.
package struct PythonPlace: Equatable, Sendable {
  package var interpreter: String
  package var script: String

  package init(
    interpreter: String = PlainClient.standardInterpreter,
    script: String = PlainClient.standardScript
  ) {
    self.interpreter = interpreter
    self.script = script
  }
}
