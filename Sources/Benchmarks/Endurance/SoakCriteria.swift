import RiskModel

/// What a soak has to show besides flat positions and a complete journal: nothing grows but with
/// what was traded, whoever dies and comes back meanwhile.
///
/// Compared are the medians of the second and of the last quarter. The first quarter holds what a
/// process fills once, and a median does not see the moments in which a worker is missing. Memory
/// and database hold the executions of the day, so that their growth is judged by execution.
package enum SoakCriteria {
  /// Ten minutes. In a shorter course every worker has too few lives for a judgement.
  static let leastSamples = 120
  /// The supervisor lives through all of it; its history of deaths is bounded.
  static let supervisorBytes: Int64 = 2_000_000
  /// Connections come and go; a leak of one with every second disturbance of half an hour is more.
  static let descriptors: Int64 = 8
  /// The evaluator keeps 6 KB of an execution and the gateway 2 KB; lists double as they fill.
  static let memoryBytesPerExecution: Int64 = 12_288
  /// Of all processes before the first execution: some 40 MB were seen. After half an hour 100 MB
  /// in all may be.
  static let memoryBytes: Int64 = 52_000_000
  /// Of those that the clock asks for, in hundredths; a worker that starts is not killed.
  static let leastDisturbances: Int64 = 80
  static let databaseBytesPerExecution: Int64 = 65_536

  /// Whether a course is long enough to be judged.
  package static func judges(_ samples: [SoakRun.Sample]) -> Bool {
    samples.count >= leastSamples
  }

  /// What does not hold, one sentence each.
  package static func violations(of outcome: SoakRun.Outcome) -> [String] {
    var found: [String] = []
    if outcome.notFlat > 0 { found.append("\(outcome.notFlat) breaches were not flat in time") }
    if outcome.lost > 0 { found.append("\(outcome.lost) executions are not in the journal") }
    if outcome.breaches == 0 || outcome.executions == 0 { found.append("nothing was traded") }
    guard judges(outcome.samples) else { return found }
    let lasted = outcome.samples.last?.moment ?? .zero
    let wanted = lasted.nanos / SoakRun.disturbanceInterval.nanos * leastDisturbances / 100
    if outcome.disturbances < wanted {
      found.append("only \(outcome.disturbances) disturbances, at least \(wanted) have to be")
    }
    let executions = max(1, Int64(outcome.executions) / 2)
    func judge(
      _ what: String, _ unit: String, atMost limit: Int64, per count: Int64 = 1,
      _ value: (SoakRun.Sample) -> Int64?
    ) {
      guard let growth = growth(outcome.samples.map(value)) else {
        found.append("\(what): there is nothing to judge")
        return
      }
      if growth > limit * count {
        found.append("\(what) grew by \(growth / count) \(unit), at most \(limit) may be")
      }
    }
    judge("memory of the supervisor", "bytes", atMost: supervisorBytes) { $0.bytes["supervisor"] }
    judge("open descriptors", "in all", atMost: descriptors) { Int64($0.descriptors) }
    judge(
      "memory of all processes", "bytes an execution", atMost: memoryBytesPerExecution,
      per: executions
    ) { $0.bytes.values.reduce(0, +) }
    judge(
      "the database", "bytes an execution", atMost: databaseBytesPerExecution, per: executions
    ) { $0.databaseBytes }
    let lastQuarter = outcome.samples.suffix(outcome.samples.count / 4)
    let limit = memoryBytes + memoryBytesPerExecution * Int64(outcome.executions)
    if let held = median(lastQuarter.map { $0.bytes.values.reduce(0, +) }), held > limit {
      found.append("all processes hold \(held) bytes, at most \(limit) may be")
    }
    return found
  }

  /// From the median of the second quarter to that of the last one: half of the course.
  private static func growth(_ values: [Int64?]) -> Int64? {
    let quarter = values.count / 4
    guard let before = median(values[quarter..<2 * quarter].compactMap { $0 }),
      let after = median(values[(values.count - quarter)...].compactMap { $0 })
    else { return nil }
    return after - before
  }

  private static func median(_ values: [Int64]) -> Int64? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}
