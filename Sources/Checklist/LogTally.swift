package import RiskModel

/// What a line of a log file may tell, as the specification's searches have it.
package enum LogPhrase: CaseIterable, Sendable {
  case initialized
  case tokenValid
  case connected
  case subscribed
  case reconciled
  case rulesStarted
  case positionEvent
  case refreshScheduled
  case refreshed
  case healthCheck
  case healthCheckFailed
  case reconnecting
  case ruleEvaluation
  case executionEvaluation
  case dailyReset
  case crash
  case error
  case supervisorStarted
  case accountDiffered
  case targetFailing
  case targetProven

  /// A line that has one of these says so, whatever the format of the file: as `grep` searches.
  package var needles: [String] {
    switch self {
    case .initialized: ["Application initialized successfully"]
    case .tokenValid: ["Token valid until "]
    case .connected: ["SignalR Manager: Connected to User Hub"]
    case .subscribed: ["SignalR Manager: Subscribed to positions, orders, trades"]
    case .reconciled: ["State Reconciler: Initial reconciliation complete"]
    case .rulesStarted: ["Risk Rules Engine: Monitoring started"]
    case .positionEvent: ["GatewayUserPosition"]
    case .refreshScheduled: ["Token refresh scheduled for "]
    case .refreshed: ["Token refreshed successfully"]
    case .healthCheck: ["Health check"]
    case .healthCheckFailed: ["Health check failed"]
    case .reconnecting: ["reconnecting"]
    case .ruleEvaluation: ["Rule evaluation"]
    // The event of a "Rule evaluation", in either format.
    case .executionEvaluation: ["\"event\":\"trade ", "event=\"trade "]
    case .dailyReset: ["Daily reset"]
    case .crash: ["crash"]
    case .error: ["\"level\":\"ERROR\"", "Z ERROR "]
    case .supervisorStarted: [MessageID.supervisorStarted.rawValue]
    case .accountDiffered: [MessageID.accountDiffered.rawValue]
    case .targetFailing: [MessageID.targetFailing.rawValue]
    case .targetProven: [MessageID.targetProven.rawValue]
    }
  }
}

/// When a log said what, oldest first.
package struct LogTally: Equatable, Sendable {
  /// Of one phrase.
  package struct Sightings: Equatable, Sendable {
    package fileprivate(set) var times: [Instant] = []
    /// The latest line's own words.
    package fileprivate(set) var text = ""

    package var last: Instant? { times.last }

    package func count(since moment: Instant?) -> Int {
      guard let moment else { return times.count }
      return times.reduce(0) { $0 + ($1 >= moment ? 1 : 0) }
    }

    /// The latest one at or after a moment; without a moment, the latest.
    package func last(since moment: Instant?) -> Instant? {
      guard let last, last >= moment ?? last else { return nil }
      return last
    }
  }

  private var sightings: [LogPhrase: Sightings] = [:]
  /// As far as the files reach back.
  package var begin: Instant?

  package init() {}

  package subscript(phrase: LogPhrase) -> Sightings { sightings[phrase] ?? Sightings() }

  /// Takes a line that says so, with its own words.
  package mutating func add(_ phrase: LogPhrase, at moment: Instant, _ text: String = "") {
    var found = self[phrase]
    if let last = found.last, moment < last {
      found.times.insert(moment, at: found.times.firstIndex { $0 > moment } ?? 0)
    } else {
      found.times.append(moment)
      found.text = text
    }
    sightings[phrase] = found
  }
}
