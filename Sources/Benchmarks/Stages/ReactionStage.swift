import RiskModel
import SimulatedVenue

/// From the gateway's reading of a position that breaches a rule to the request that closes it being
/// handed to the enforcer's socket, the journal's commit between them.
package struct ReactionStage {
  package var program: String
  package var extent: Extent
  package var floors: MachineFloors

  private struct Conditions {
    var quotesPerSecond = 0
    /// TLS on all of the venue's connections, as a real venue has it.
    var isEncrypted = false
    var runs: Int
  }

  private struct Run {
    var reaction: Percentiles
    var venueSide: Percentiles
    var first: TimeSpan?
    var unknown: Int
    var breaches: Int
  }

  package init(program: String, extent: Extent, floors: MachineFloors) {
    self.program = program
    self.extent = extent
    self.floors = floors
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    var outcome = StageOutcome()
    var firsts = try measure(
      Conditions(runs: extent.reactionRuns), "reaction", "event → close request",
      (.reactionP50, .reactionP99), into: &outcome)
    firsts += try measure(
      Conditions(quotesPerSecond: extent.quotesPerSecond, runs: extent.reactionRuns),
      "reaction.quotes", "event → close request, \(extent.quotesPerSecond) quotes/s",
      (.busyReactionP50, .busyReactionP99), into: &outcome)
    do throws(BenchmarkError) {
      firsts += try measure(
        Conditions(isEncrypted: true, runs: 1), "reaction.tls", "event → close request, TLS",
        (.encryptedReactionP50, .encryptedReactionP99), into: &outcome)
    } catch {
      outcome.figures += [Budget.encryptedReactionP50, .encryptedReactionP99].map {
        Figure($0, value: nil, detail: error.description)
      }
    }
    let texts = firsts.map { ReportText.text(Double($0.nanos), .nanoseconds) }
    outcome.figures.append(
      Figure(
        .firstReaction, value: firsts.max().map { Double($0.nanos) },
        detail: "the longest of \(texts.joined(separator: ", "))"))
    return outcome
  }

  /// Adds what one set of conditions comes to.
  ///
  /// - Returns: The reactions to the first breach of each run.
  private func measure(
    _ conditions: Conditions, _ name: String, _ title: String, _ budgets: (Budget, Budget),
    into outcome: inout StageOutcome
  ) throws(BenchmarkError) -> [TimeSpan] {
    var runs: [Run] = []
    for _ in 0..<conditions.runs { runs.append(try oneRun(conditions)) }
    guard let reaction = Percentiles.middle(of: runs.map(\.reaction)),
      let venueSide = Percentiles.middle(of: runs.map(\.venueSide))
    else { return [] }
    let path = floors.path
    outcome.figures += [
      Figure(
        budgets.0, value: Double(reaction.p50.nanos),
        floor: Figure.Floor(value: Double(path.p50.nanos), name: MachineFloors.pathName)),
      Figure(
        budgets.1, value: Double(reaction.p99.nanos),
        floor: Figure.Floor(value: Double(path.p99.nanos), name: MachineFloors.pathName),
        detail: detail(runs)),
    ]
    outcome.distributions += [
      BenchmarkReport.Distribution(name, title, reaction, runs: runs.count),
      BenchmarkReport.Distribution(
        "\(name).venue", "  the same seen by the venue, order → request", venueSide,
        runs: runs.count),
    ]
    return runs.compactMap(\.first)
  }

  private func detail(_ runs: [Run]) -> String {
    let unknown = runs.map(\.unknown).reduce(0, +)
    let breaches = runs.map { "\($0.breaches)" }.joined(separator: ", ")
    return "breaches in each run: \(breaches)"
      + (unknown == 0 ? "" : "; \(unknown) close requests without a recorded reaction")
  }

  private func oneRun(_ conditions: Conditions) throws(BenchmarkError) -> Run {
    let system = try BenchmarkSystem(program: program, encrypted: conditions.isEncrypted)
    defer { system.end() }
    if conditions.quotesPerSecond > 0 {
      try system.holdOneLot(withQuotes: conditions.quotesPerSecond)
    }
    var cycle = try BreachCycle(system)
    let time = Stopwatch()
    while cycle.count < extent.breachesPerRun, time.elapsed < extent.reactionLimit {
      try cycle.run()
    }
    let recorded = try system.end { database throws(BenchmarkError) in
      try RecordedReactions(database)
    }
    guard let reaction = recorded.recorder.percentiles,
      let venueSide = cycle.venueSide.percentiles
    else { throw .processFailed("riskd recorded no reaction") }
    return Run(
      reaction: reaction, venueSide: venueSide, first: recorded.first,
      unknown: recorded.unknown, breaches: cycle.count)
  }
}
