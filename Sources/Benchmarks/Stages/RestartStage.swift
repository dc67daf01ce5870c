import ControlPlane
import Glibc
import RiskModel
import SimulatedVenue
import Supervision

/// Workers that are restarted, killed and stopped while events come.
package struct RestartStage {
  private static let pollInterval: UInt32 = 2_000
  private static let patience = TimeSpan.seconds(30)
  /// A worker that was ready for this long is restarted without a pause.
  private static let settlingTime: UInt32 = 1_100_000

  package var program: String
  package var extent: Extent
  package var floors: MachineFloors

  package init(program: String, extent: Extent, floors: MachineFloors) {
    self.program = program
    self.extent = extent
    self.floors = floors
  }

  package static var budgets: [Budget] {
    let names = WorkerName.critical.map(\.rawValue)
    return names.map(Budget.restart) + names.map(Budget.kill)
      + [.hangDetected, .hangReplaced, .lostExecutions]
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    let spawn = try SpawnFloor.measure(
      extent.spawnRounds, program: program, arguments: ["--version"])
    let floor = Figure.Floor(
      value: Double(spawn.p50.nanos), name: "riskd --version from start to end, p50")
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    system.venue.startTraffic(
      TrafficPlan(
        account: BenchmarkSystem.account, contract: BenchmarkSystem.mnq,
        ordersPerSecond: extent.restartEventRate / MemoryStage.eventsPerOrder))
    var outcome = StageOutcome()
    for worker in WorkerName.critical {
      let spans = try repeated(extent.restartsPerWorker, system) { () throws(BenchmarkError) in
        try restart(worker, system)
      }
      outcome.figures.append(figure(.restart(worker.rawValue), spans, floor))
    }
    for worker in WorkerName.critical {
      let spans = try repeated(extent.restartsPerWorker, system) { () throws(BenchmarkError) in
        try kill(worker, system)
      }
      outcome.figures.append(figure(.kill(worker.rawValue), spans, floor))
    }
    try addHangs(system, to: &outcome)
    outcome.figures.append(try lost(system))
    outcome.distributions.append(
      BenchmarkReport.Distribution("floor.spawn", "floor: riskd --version", spawn))
    outcome.notes.append(
      "Restarts and deaths were measured under \(extent.restartEventRate) events/s with "
        + "crashDeaths and crashDeathsAll 1000 and markGoodAfterSeconds 1; everything else of "
        + "supervision as shipped.")
    return outcome
  }

  /// The worst one counts.
  private func figure(
    _ budget: Budget, _ spans: [TimeSpan], _ floor: Figure.Floor?
  ) -> Figure {
    let texts = spans.map { ReportText.text(Double($0.nanos), .nanoseconds) }
    return Figure(
      budget, value: spans.max().map { Double($0.nanos) }, floor: floor,
      detail: spans.count > 1 ? "the worst of \(texts.joined(separator: ", "))" : nil)
  }

  private func repeated(
    _ count: Int, _ system: BenchmarkSystem,
    _ body: () throws(BenchmarkError) -> TimeSpan
  ) throws(BenchmarkError) -> [TimeSpan] {
    var spans: [TimeSpan] = []
    for _ in 0..<count {
      try settle(system)
      spans.append(try body())
    }
    return spans
  }

  private func settle(_ system: BenchmarkSystem) throws(BenchmarkError) {
    try system.riskd.wait(for: "all workers at their job", atMost: Self.patience) {
      $0.state == .running
    }
    usleep(Self.settlingTime)
  }

  private func restart(
    _ worker: WorkerName, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> TimeSpan {
    let request = RestartRequest(
      worker: worker, wait: true, timeoutSeconds: 30, reason: "benchmark")
    let time = Stopwatch()
    let reply = try system.riskd.ask(.restart(request), within: .seconds(35))
    guard reply == .restarted(worker, isReady: true) else {
      throw .processFailed("riskd answered \(reply) to a restart of the \(worker.rawValue)")
    }
    return time.elapsed
  }

  private func kill(
    _ worker: WorkerName, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> TimeSpan {
    let pid = try system.riskd.signal(SIGKILL, worker)
    let time = Stopwatch()
    try awaitSuccessor(of: pid, worker, system)
    return time.elapsed
  }

  private func awaitSuccessor(
    of pid: Int32, _ name: WorkerName, _ system: BenchmarkSystem
  ) throws(BenchmarkError) {
    try system.riskd.wait(for: "another \(name.rawValue)", atMost: Self.patience) { report in
      report.workers.contains { worker in
        worker.name == name && worker.state == .ready && worker.pid.map { $0 != pid } ?? false
      }
    }
  }

  private func addHangs(
    _ system: BenchmarkSystem, to outcome: inout StageOutcome
  ) throws(BenchmarkError) {
    var detected: [TimeSpan] = []
    let replaced = try repeated(extent.hangs, system) { () throws(BenchmarkError) in
      let pid = try system.riskd.signal(SIGSTOP, .evaluator)
      let time = Stopwatch()
      try system.riskd.wait(for: "the hang to be seen", atMost: Self.patience) { report in
        !report.workers.contains { $0.pid == pid && $0.state == .ready }
      }
      detected.append(time.elapsed)
      try awaitSuccessor(of: pid, .evaluator, system)
      return time.elapsed
    }
    outcome.figures += [
      figure(.hangDetected, detected, nil), figure(.hangReplaced, replaced, nil),
    ]
  }

  /// Executions of the venue that never reached the journal.
  private func lost(_ system: BenchmarkSystem) throws(BenchmarkError) -> Figure {
    try settle(system)
    system.venue.stopTraffic()
    let watch = try system.journal()
    let lag = try system.awaitLastTrade(in: watch, atMost: Self.patience)
    try watch.advance()
    let traded = Set(system.venue.trades(BenchmarkSystem.account).map(\.id))
    let lost = traded.subtracting(watch.trades).count
    return Figure(
      .lostExecutions, value: Double(lost),
      detail: "\(traded.count) executions"
        + (lag == nil ? "; the last one did not arrive in time" : ""))
  }
}
