package import RiskModel

/// A part of a run that can be asked for by its name.
package enum Stage: String, CaseIterable, Sendable {
  /// Event to request, quiet and with quotes.
  case reaction
  /// User events and quotes at rising rates.
  case throughput
  /// Breach to proven flat at a slow venue.
  case flat
  case replay
  /// Memory and idle processor.
  case memory
  /// Restarts, deaths and a hang under load.
  case restart
  /// A single-process Python client under the same feed.
  case comparison

  package var needsRiskd: Bool { self != .replay && self != .comparison }
}

/// What a stage found.
package struct StageOutcome: Sendable {
  package var figures: [Figure] = []
  package var distributions: [BenchmarkReport.Distribution] = []
  package var processes: [BenchmarkReport.ProcessEntry] = []
  package var notes: [String] = []

  package init() {}

  /// None of these could be measured, for this reason.
  init(unmeasured budgets: [Budget], _ reason: String) {
    figures = budgets.map { Figure($0, value: nil, detail: reason) }
  }
}

/// How much of everything a run does.
package struct Extent: Equatable, Sendable {
  package var floorRounds = Rounds(100_000, limit: .seconds(2))
  package var spawnRounds = Rounds(50, limit: .seconds(3), warmUp: 2)
  package var reactionRuns = 3
  package var breachesPerRun = 1_000
  /// Of one run of breaches.
  package var reactionLimit = TimeSpan.seconds(20)
  package var quotesPerSecond = 130
  /// User events per second that are tried, rising.
  package var eventRates = [
    500, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 6_500, 8_000, 10_000, 12_500, 15_000, 20_000,
    25_000,
  ]
  package var quoteRates = [
    500, 1_000, 2_000, 4_000, 8_000, 12_000, 16_000, 24_000, 32_000,
  ]
  /// How long each rate is held.
  package var rateDuration = TimeSpan.seconds(3)
  package var flatBreaches = 60
  package var flatLimit = TimeSpan.seconds(50)
  package var replayInputs = 200_000
  package var memoryEvents = 10_000
  package var idleDuration = TimeSpan.seconds(30)
  /// Of the user hub, while workers are restarted, killed and stopped.
  package var restartEventRate = 1_000
  package var restartsPerWorker = 3
  package var hangs = 2

  package static let full = Extent()

  package static let quick: Extent = {
    var extent = Extent()
    extent.floorRounds.limit = .milliseconds(500)
    extent.spawnRounds = Rounds(10, limit: .seconds(1), warmUp: 1)
    extent.reactionRuns = 1
    extent.breachesPerRun = 400
    extent.reactionLimit = .seconds(7)
    extent.eventRates = [1_000, 2_000, 4_000, 8_000, 12_000, 20_000]
    extent.quoteRates = [1_000, 4_000, 16_000]
    extent.rateDuration = .seconds(1)
    extent.flatBreaches = 20
    extent.flatLimit = .seconds(12)
    extent.replayInputs = 50_000
    extent.idleDuration = .seconds(5)
    extent.restartsPerWorker = 1
    extent.hangs = 1
    return extent
  }()
}
