package import RiskModel
import SimulatedVenue

/// From a breach to the proof that its position is flat, at a venue that answers every request after
/// 150 milliseconds.
package struct FlatStage {
  package static let replyLatency = TimeSpan.milliseconds(150)
  /// A proof asks for the orders, then for the positions.
  private static let leastReplies: Int64 = 2

  package var program: String
  package var extent: Extent
  package var floors: MachineFloors

  package init(program: String, extent: Extent, floors: MachineFloors) {
    self.program = program
    self.extent = extent
    self.floors = floors
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    system.venue.setLatency(Self.replyLatency)
    var cycle = try BreachCycle(system)
    let time = Stopwatch()
    while cycle.count < extent.flatBreaches, time.elapsed < extent.flatLimit { try cycle.run() }
    let recorder = try system.end { database throws(BenchmarkError) in
      try Self.spans(database)
    }
    guard let percentiles = recorder.percentiles else {
      throw .processFailed("riskd recorded no proof")
    }
    return outcome(percentiles)
  }

  /// From the evaluator's breach to the enforcer's proof, by the machine's clock.
  private static func spans(_ database: Database) throws(BenchmarkError) -> LatencyRecorder {
    var recorder = LatencyRecorder()
    let rows = try database.prepare(
      """
      SELECT proof.timestamp - breach.at FROM enforcement_log AS proof
      JOIN breaches AS breach ON breach.ordinal = CAST(proof.target AS INTEGER)
      WHERE proof.action = 'proven'
      """)
    try rows.run { recorder.record(TimeSpan(nanos: $0.integer(0) ?? 0)) }
    return recorder
  }

  private func outcome(_ percentiles: Percentiles) -> StageOutcome {
    func floor(_ exchange: TimeSpan) -> Figure.Floor {
      Figure.Floor(
        value: Double(((Self.replyLatency + exchange) * Self.leastReplies).nanos),
        name: "two replies after 150 ms, one after the other: orders, then positions")
    }
    var outcome = StageOutcome()
    outcome.figures = [
      Figure(
        .flatP50, value: Double(percentiles.p50.nanos), floor: floor(floors.http.p50)),
      Figure(
        .flatP99, value: Double(percentiles.p99.nanos), floor: floor(floors.http.p99),
        detail: "\(percentiles.count) breaches, every reply after 150 ms"),
    ]
    outcome.distributions = [
      BenchmarkReport.Distribution("flat", "breach → proven flat, venue 150 ms", percentiles)
    ]
    return outcome
  }
}
