import Glibc
import RiskModel
import SimulatedVenue
import Supervision

/// The highest rate of user events, and of quotes, that riskd keeps up with.
///
/// A rate is kept up with when the simulated venue really reached it, every execution is in the
/// journal, and the last one is there half a second after the last order at the latest. The venue
/// runs on the same machine and takes its part of the processors.
package struct ThroughputStage {
  private static let longestLag = TimeSpan.milliseconds(500)
  private static let leastShare = 0.95
  private static let patience = TimeSpan.seconds(10)
  private static let pollInterval: UInt32 = 2_000
  private static let pollsPerSample = 100

  package var program: String
  package var extent: Extent
  package var floors: MachineFloors

  package init(program: String, extent: Extent, floors: MachineFloors) {
    self.program = program
    self.extent = extent
    self.floors = floors
  }

  /// What one rate came to.
  private struct Step {
    var offered: Int
    var achieved: Double
    /// From the end of the traffic to the last of it in the journal; `nil` for never.
    var lag: TimeSpan?
    var lost: Int
    var riskdShare: Double
    var venueShare: Double
    /// The longest that an input waited in a worker, in milliseconds, as the supervisor saw it.
    var oldestWait: Int64
    /// Of the quotes, how many were recorded one by one.
    var recordedShare = 1.0

    var isSustained: Bool {
      guard let lag else { return false }
      return lag <= ThroughputStage.longestLag && lost == 0
        && achieved >= Double(offered) * ThroughputStage.leastShare
    }

    var summary: String {
      let shownLag = lag.map { ReportText.text(Double($0.nanos), .nanoseconds) } ?? "never"
      return "\(ReportText.text(achieved, .perSecond)): last one after \(shownLag), "
        + "\(lost) lost, waits up to \(oldestWait) ms, riskd \(ReportText.text(riskdShare, .share)) of a processor, "
        + "venue \(ReportText.text(venueShare, .share))"
    }
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    var outcome = StageOutcome()
    let events = try eventSteps()
    let commits = Double(Instant.nanosPerSecond) / Double(max(1, floors.database.p50.nanos))
    outcome.figures.append(
      figure(
        .userEvents, events,
        floor: Figure.Floor(value: commits, name: "SQLite commits of one row per second, p50")))
    let best = events.last { $0.isSustained }
    outcome.figures.append(
      Figure(
        .eventCost,
        value: best.map { $0.riskdShare / $0.achieved * Double(Instant.nanosPerSecond) },
        detail: "at the rate that was kept up with"))
    let quotes = try quoteSteps()
    outcome.figures.append(figure(.quotes, quotes, floor: nil))
    return outcome
  }

  private func figure(_ budget: Budget, _ steps: [Step], floor: Figure.Floor?) -> Figure {
    let best = steps.last { $0.isSustained }
    let failed = steps.first { !$0.isSustained }
    let recorded = best.flatMap { best in
      best.recordedShare < 0.999
        ? "\(ReportText.text(best.recordedShare, .share)) of the quotes recorded one by one"
        : nil
    }
    let texts = [
      best.map { "kept up with \($0.summary)" }, recorded,
      failed.map { "not with \($0.offered)/s: \($0.summary)" }
        ?? "no higher rate was tried",
    ]
    return Figure(
      budget, value: best?.achieved ?? 0, floor: floor,
      detail: texts.compactMap { $0 }.joined(separator: "; "))
  }

  private func eventSteps() throws(BenchmarkError) -> [Step] {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    let watch = try system.journal()
    var steps: [Step] = []
    for rate in extent.eventRates {
      let plan = TrafficPlan(
        account: BenchmarkSystem.account, contract: BenchmarkSystem.mnq,
        ordersPerSecond: rate / MemoryStage.eventsPerOrder, duration: extent.rateDuration)
      let step = try twice { () throws(BenchmarkError) in
        var step = try offer(plan, rate, system) { $0.userEvents }
        step.lag = try system.awaitLastTrade(in: watch, atMost: Self.patience)
        try watch.advance()
        let traded = Set(system.venue.trades(BenchmarkSystem.account).map(\.id))
        step.lost = traded.subtracting(watch.trades).count
        return step
      }
      steps.append(step)
      if !step.isSustained { break }
    }
    return steps
  }

  /// A rate that is not kept up with gets a second chance: something else may have been going on.
  private func twice(
    _ attempt: () throws(BenchmarkError) -> Step
  ) throws(BenchmarkError) -> Step {
    let first = try attempt()
    guard !first.isSustained, first.lag != nil, first.lost == 0 else { return first }
    return try attempt()
  }

  private func quoteSteps() throws(BenchmarkError) -> [Step] {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    try system.holdOneLot(withQuotes: extent.quotesPerSecond)
    system.venue.stopTraffic()
    let watch = try system.journal()
    var steps: [Step] = []
    var finalPrice = Price(points: 6_010)
    for rate in extent.quoteRates {
      let plan = TrafficPlan(
        account: BenchmarkSystem.account, contract: BenchmarkSystem.mes, quotesPerSecond: rate,
        duration: extent.rateDuration)
      let step = try twice { () throws(BenchmarkError) in
        try watch.advance()
        let marksBefore = watch.lastPriceMarks
        var step = try offer(plan, rate, system) { $0.marketEvents }
        finalPrice = finalPrice + Price(points: 1)
        step.lag = try awaitMark(of: finalPrice, system, watch)
        let sent = max(1, step.achieved * extent.rateDuration.seconds)
        step.recordedShare = min(1, Double(watch.lastPriceMarks - marksBefore) / sent)
        return step
      }
      steps.append(step)
      if !step.isSustained { break }
    }
    return steps
  }

  /// Starts traffic and waits for its end.
  private func offer(
    _ plan: TrafficPlan, _ rate: Int, _ system: BenchmarkSystem,
    _ counter: (VenueCounters) -> Int
  ) throws(BenchmarkError) -> Step {
    let before = counter(system.venue.counters)
    let riskdBefore = try system.riskd.processorTime()
    let venueBefore = try ownProcessorTime()
    var oldestWait: Int64 = 0
    var polls = 0
    let time = Stopwatch()
    system.venue.startTraffic(plan)
    while system.venue.isBusy {
      guard time.elapsed < extent.rateDuration + Self.patience else {
        system.venue.stopTraffic()
        break
      }
      usleep(Self.pollInterval)
      polls += 1
      if polls % Self.pollsPerSample == 0 { oldestWait = max(oldestWait, try longestWait(system)) }
    }
    let elapsed = time.elapsed.seconds
    let riskd = try system.riskd.processorTime() - riskdBefore
    let venue = try ownProcessorTime() - venueBefore
    return Step(
      offered: rate, achieved: Double(counter(system.venue.counters) - before) / elapsed,
      lag: nil, lost: 0, riskdShare: riskd.seconds / elapsed, venueShare: venue.seconds / elapsed,
      oldestWait: oldestWait)
  }

  private func longestWait(_ system: BenchmarkSystem) throws(BenchmarkError) -> Int64 {
    let waits = try system.riskd.status().workers.map { $0.progress?.oldestAgeMilliseconds ?? 0 }
    return waits.max() ?? 0
  }

  /// Sets a price that was not there before and waits for its mark.
  private func awaitMark(
    of price: Price, _ system: BenchmarkSystem, _ watch: JournalWatch
  ) throws(BenchmarkError) -> TimeSpan? {
    do {
      try system.venue.setPrice(BenchmarkSystem.mes, last: price)
    } catch {
      throw .processFailed("\(error)")
    }
    let time = Stopwatch()
    while watch.lastMark[BenchmarkSystem.mes] != price {
      guard time.elapsed < Self.patience else { return nil }
      usleep(1_000)
      try watch.advance()
    }
    return time.elapsed
  }

  private func ownProcessorTime() throws(BenchmarkError) -> TimeSpan {
    ProcessUse.time(ofTicks: try ProcessUse.ofProcess(getpid()).ticks)
  }
}
