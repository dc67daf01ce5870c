package import RiskModel

/// Along what the load grows.
package enum ScaleAxis: String, CaseIterable, Sendable {
  /// Accounts that riskd watches, each with a position.
  case accounts
  /// Contracts that one account holds.
  case contracts
  /// Events of the user hub in a second.
  case events

  package var title: String {
    switch self {
    case .accounts: "accounts, one lot each"
    case .contracts: "contracts held by one account"
    case .events: "user events a second"
    }
  }

  /// What can be asked for: more contracts have no names in the simulated venue.
  package var allowed: ClosedRange<Int> {
    switch self {
    case .accounts: 1...10_000
    case .contracts: 1...500
    case .events: MemoryStage.eventsPerOrder...100_000
    }
  }

  package func values(isQuick: Bool) -> [Int] {
    switch (self, isQuick) {
    case (.accounts, false): [1, 10, 100, 1_000]
    case (.accounts, true): [1, 10]
    case (.contracts, false): [1, 10, 50, 100, 200]
    case (.contracts, true): [1, 10]
    case (.events, false): [100, 300, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000]
    case (.events, true): [100, 300]
    }
  }
}

/// One size of the load.
package struct ScaleSize: Equatable, Sendable {
  /// Up to so many user events a second, which is what the specification asks for, nothing may be
  /// lost; beyond, a point shows where it bends.
  package static let lossFreeEvents = 1_000
  /// More accounts are shown and need not be carried.
  package static let accountsOfOneMachine = 100

  package var axis: ScaleAxis
  package var value: Int

  package init(axis: ScaleAxis, value: Int) {
    self.axis = axis
    self.value = value
  }

  /// Reads `AXIS=VALUE`, such as `accounts=100`.
  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let axis = ScaleAxis(rawValue: String(parts[0])),
      let value = Int(parts[1]), axis.allowed.contains(value)
    else { return nil }
    self.init(axis: axis, value: value)
  }

  package static func all(isQuick: Bool) -> [ScaleSize] {
    ScaleAxis.allCases.flatMap { axis in
      axis.values(isQuick: isQuick).map { ScaleSize(axis: axis, value: $0) }
    }
  }

  /// The venue's 200 requests a minute carry some hundred accounts, each of which takes three reads;
  /// events beyond the specification's rate show where it bends.
  var mayFail: Bool { mayLose || axis == .accounts && value > Self.accountsOfOneMachine }

  var mayLose: Bool { axis == .events && value > Self.lossFreeEvents }
  var name: String { "\(axis.rawValue) \(value)" }
}

/// What came of all sizes that were asked for.
package struct ScaleOutcome: Sendable {
  package var points: [ScalePoint] = []
  /// Sizes without a figure, and why.
  package var unmeasured: [(size: ScaleSize, reason: String)] = []

  package init() {}

  /// What has to hold and does not, one sentence each.
  package var violations: [String] {
    points.filter { $0.lost > 0 && !$0.size.mayLose }
      .map { "\($0.size.name): \($0.lost) executions lost" }
  }

  /// A point that never reacted has no latency, which is what it is for.
  package var missing: [String] {
    withoutFigure.filter { !$0.size.mayFail }.map { "\($0.size.name): not measured: \($0.reason)" }
  }

  /// Sizes that one machine need not carry, and what became of them.
  package var beyond: [String] {
    withoutFigure.filter(\.size.mayFail)
      .map { "\($0.size.name): beyond one machine: \($0.reason)" }
  }

  private var withoutFigure: [(size: ScaleSize, reason: String)] {
    unmeasured + points.filter { $0.reaction == nil }.map { ($0.size, "no reaction") }
  }
}

/// What one size of the load came to.
package struct ScalePoint: Equatable, Sendable {
  package var axis: ScaleAxis
  package var value: Int
  /// From the start of riskd to its word that everything runs.
  package var start: TimeSpan
  /// From the event read in the gateway to the close request; `nil` when there was no reaction.
  package var reaction: Percentiles?
  /// Sum over all processes.
  package var proportionalBytes: Int64
  /// Of one processor, under the load, without breaches.
  package var processorShare: Double
  /// Executions that did not reach the journal within the patience.
  package var lost: Int
  /// Events or quotes that the venue really sent in a second.
  package var achieved: Double

  package var size: ScaleSize { ScaleSize(axis: axis, value: value) }
}
