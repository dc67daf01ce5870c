import ControlPlane
import Glibc
package import RiskModel
import SimulatedVenue
import Supervision

// The file of samples: comma-separated values, one line per sample.
//
//   seconds       since the first sample
//   NAME          proportional set size of that process in bytes, in the order of the head line;
//                 empty while it has no process
//   descriptors   open in all processes
//   database      bytes, its write-ahead log included
//   latency_us    of the latest breach, from its order at the venue until its position is closed
//   events        of the user hub that the venue has sent
//   disturbance   that happened since the sample before, or nothing

/// Hours of trading with quotes, deaths, restarts and cuts.
///
/// A trader opens and closes, breaches a limit every ten seconds and is closed; every half minute
/// something befalls a worker or a hub. In the end every execution of the venue is in the journal.
package struct SoakRun {
  package static let quotesPerSecond = 130
  package static let ordersPerSecond = 2
  static let sampleInterval = TimeSpan.seconds(5)
  static let breachInterval = TimeSpan.seconds(10)
  static let disturbanceInterval = TimeSpan.seconds(30)
  private static let patience = TimeSpan.seconds(30)

  package var program: String
  package var duration: TimeSpan
  package var seed: UInt64
  package var samplesFile: String

  package init(program: String, duration: TimeSpan, seed: UInt64, samplesFile: String) {
    self.program = program
    self.duration = duration
    self.seed = seed
    self.samplesFile = samplesFile
  }

  package struct Sample: Equatable, Sendable {
    package var moment: TimeSpan
    /// Of the processes that there are.
    package var bytes: [String: Int64]
    package var descriptors: Int
    package var databaseBytes: Int64
    package var latency: TimeSpan?
    package var disturbance: Disturbance?
  }

  package struct Outcome: Sendable {
    package var samples: [Sample]
    package var breaches: Int
    /// Breaches that were not flat within the patience.
    package var notFlat: Int
    package var disturbances: Int
    package var executions: Int
    /// Of those, how many the journal does not hold.
    package var lost: Int
    package var latency: Percentiles?

    package var holds: Bool { SoakCriteria.violations(of: self).isEmpty }
  }

  /// - Throws: When riskd cannot be started, or does not come back to its job.
  package func run(tell: (String) -> Void) throws(BenchmarkError) -> Outcome {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    let names = ["supervisor"] + WorkerName.allCases.map(\.rawValue)
    try ReportFile.write(
      "seconds,\(names.joined(separator: ",")),descriptors,database,latency_us,events,disturbance\n",
      to: samplesFile)
    try system.holdOneLot(withQuotes: Self.quotesPerSecond)
    let busy = AccountID(BenchmarkSystem.account.number + 1)
    system.venue.startTraffic(
      TrafficPlan(
        account: busy, contract: BenchmarkSystem.mes, ordersPerSecond: Self.ordersPerSecond))
    var course = Course(generator: SeededNumbers(seed: seed))
    let time = Stopwatch()
    while time.elapsed < duration {
      let moment = time.elapsed
      if moment >= course.nextBreach {
        course.nextBreach = moment + Self.breachInterval
        course.note(try breach(system))
      }
      var disturbance: Disturbance?
      if moment >= course.nextDisturbance {
        course.nextDisturbance = moment + Self.disturbanceInterval
        let drawn = Disturbance.drawn(from: &course.generator)
        if try befall(drawn, system) { disturbance = drawn }
      }
      let sample = try sample(system, moment, course.latest, disturbance)
      course.samples.append(sample)
      try SystemFile.write(line(sample, names, system) + "\n", to: samplesFile)
      tell(SoakReport.words(sample))
      let left = Self.sampleInterval - (time.elapsed - moment)
      if left > .zero { usleep(UInt32(left.nanos / 1_000)) }
    }
    return try outcome(course, busy, system)
  }

  private struct Course {
    var generator: SeededNumbers
    var nextBreach = TimeSpan.zero
    var nextDisturbance = SoakRun.disturbanceInterval
    var samples: [Sample] = []
    var latest: TimeSpan?
    var latencies = LatencyRecorder()
    var breaches = 0
    var notFlat = 0

    mutating func note(_ latency: TimeSpan?) {
      breaches += 1
      latest = latency
      if let latency { latencies.record(latency) } else { notFlat += 1 }
    }
  }

  /// - Returns: From the order until its position is closed, seen by the venue; `nil` when it was
  ///   not within the patience.
  private func breach(_ system: BenchmarkSystem) throws(BenchmarkError) -> TimeSpan? {
    let (account, contract) = (BenchmarkSystem.account, BenchmarkSystem.mnq)
    let before = system.venue.counters.requests
    let time = Stopwatch()
    do {
      try system.venue.trader.place(
        account, contract, .buy, size: BenchmarkRoot.allowedContracts + 1)
    } catch {
      throw .processFailed("the simulated venue refuses an order: \(error)")
    }
    var latency: TimeSpan?
    let isFlat = system.venue.wait(atMost: Self.patience) { venue in
      if latency == nil, venue.counters.requests > before,
        venue.signedSize(account, contract) == 0
      {
        latency = time.elapsed
      }
      return latency != nil
    }
    return isFlat ? latency : nil
  }

  /// - Returns: Whether it could happen: a worker that starts cannot be killed.
  private func befall(
    _ disturbance: Disturbance, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> Bool {
    switch disturbance {
    case .restart(let worker):
      let request = RestartRequest(
        worker: worker, wait: false, timeoutSeconds: 30, reason: "soak")
      return (try? system.riskd.ask(.restart(request), within: .seconds(10))) != nil
    case .kill(let worker):
      return (try? system.riskd.signal(SIGKILL, worker)) != nil
    case .hub(let hub, let effect):
      system.venue.addFault(.hub(hub, effect))
      return true
    }
  }

  private func sample(
    _ system: BenchmarkSystem, _ moment: TimeSpan, _ latency: TimeSpan?,
    _ disturbance: Disturbance?
  ) throws(BenchmarkError) -> Sample {
    var bytes: [String: Int64] = [:]
    var descriptors = 0
    // One that dies just now has no figures.
    for process in try system.riskd.processes() {
      bytes[process.name] = try? ProcessMemory.ofProcess(process.pid).proportionalBytes
      descriptors += SystemFile.entries(in: "/proc/\(process.pid)/fd")
    }
    let database = system.riskd.root.database
    return Sample(
      moment: moment, bytes: bytes, descriptors: descriptors,
      databaseBytes: SystemFile.bytes(database) + SystemFile.bytes(database + "-wal"),
      latency: latency, disturbance: disturbance)
  }

  private func line(
    _ sample: Sample, _ names: [String], _ system: BenchmarkSystem
  ) -> String {
    ([("\(sample.moment.milliseconds / 1_000)")]
      + names.map { name in sample.bytes[name].map { "\($0)" } ?? "" }
      + [
        "\(sample.descriptors)", "\(sample.databaseBytes)",
        sample.latency.map { "\($0.nanos / 1_000)" } ?? "",
        "\(system.venue.counters.userEvents)", sample.disturbance?.text ?? "",
      ]).joined(separator: ",")
  }

  private func outcome(
    _ course: Course, _ busy: AccountID, _ system: BenchmarkSystem
  ) throws(BenchmarkError) -> Outcome {
    system.venue.stopTraffic()
    try system.riskd.wait(for: "all workers at their job", atMost: Self.patience) {
      $0.state == .running
    }
    let watch = try system.journal()
    let traded = Set(
      [BenchmarkSystem.account, busy].flatMap { system.venue.trades($0).map(\.id) })
    let time = Stopwatch()
    var lost = traded.count
    while lost > 0, time.elapsed < Self.patience {
      try watch.advance()
      lost = traded.subtracting(watch.trades).count
      if lost > 0 { usleep(100_000) }
    }
    return Outcome(
      samples: course.samples, breaches: course.breaches, notFlat: course.notFlat,
      disturbances: course.samples.count { $0.disturbance != nil }, executions: traded.count,
      lost: lost, latency: course.latencies.percentiles)
  }
}
