package import RiskModel
package import SimulatedVenue

/// How the demonstration is given.
package struct DemoOptions: Equatable, Sendable {
  /// The riskd to show; riskctl is expected beside it.
  package var riskd: String
  /// The folder of the demonstration's configuration.
  package var configuration = "config/demo"
  /// The trading day.
  package var scenario = "config/scenarios/trading-day.json"
  /// How fast the trader and the market are, and how long the pauses; riskd has its own speed.
  package var clock = ScenarioClock.realTime
  /// Goes on after the day, until it is asked to stop.
  package var stays = false
  package var hasColours = false
  /// Takes SIGINT, SIGTERM and SIGHUP as requests to stop; only for whoever owns the process.
  package var handlesSignals = true
  /// The day is given up after this time; stopping takes at most 17 seconds more.
  package var timeLimit = TimeSpan.seconds(100)
  /// What a chapter waits for must have happened this long after its last step.
  package var chapterLimit = TimeSpan.seconds(12)

  package init(riskd: String) {
    self.riskd = riskd
  }
}

/// The exit codes of the demonstration.
package enum DemoOutcome: Equatable, Sendable {
  /// The day went as it had to, and the venue shows it.
  case proven
  case failed
  /// Something that the demonstration needs is missing.
  case environment
  /// Somebody stopped it before its end.
  case interrupted(signal: Int32)

  package var code: Int32 {
    switch self {
    case .proven: 0
    case .failed: 1
    case .environment: 2
    case .interrupted(let signal): 128 + signal
    }
  }
}
