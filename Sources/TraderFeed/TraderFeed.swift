package import RiskModel

/// What a trader may see: everything about the accounts, nothing that could be changed by seeing it,
/// and no secret.
///
/// A member that is `nil` is not known; that is not zero. As JSON, money is in micro-dollars, prices
/// in nano-units, moments in nanoseconds since 1970 (UTC) and lengths of time in nanoseconds, all as
/// integers; keys are only ever added.
package struct TraderFeed: Equatable, Sendable, Codable {
  /// Of the form of this message.
  package var version = 1
  /// When the monitor put it together.
  package var at: Instant
  package var zone: TimeZoneRule
  package var service: ServiceReport
  /// In the order of their numbers.
  package var accounts: [AccountReport]
  package var clock: ClockReport

  package init(
    at: Instant, zone: TimeZoneRule = .chicago, service: ServiceReport = ServiceReport(),
    accounts: [AccountReport] = [], clock: ClockReport = ClockReport()
  ) {
    self.at = at
    self.zone = zone
    self.service = service
    self.accounts = accounts
    self.clock = clock
  }
}

/// What the evaluator publishes for the feed, a few times a second at most.
package struct EvaluatorReport: Equatable, Sendable, Codable {
  package var at: Instant
  package var accounts: [AccountReport]
  package var stream: StreamReport

  package init(
    at: Instant, accounts: [AccountReport], stream: StreamReport = StreamReport()
  ) {
    self.at = at
    self.accounts = accounts
    self.stream = stream
  }

  /// Whether it tells the same of another moment.
  package func isSame(as other: EvaluatorReport) -> Bool {
    var then = other
    then.at = at
    guard accounts.count == other.accounts.count else { return false }
    for index in accounts.indices { then.accounts[index].at = accounts[index].at }
    return then == self
  }
}

/// What reached the evaluator from the venue.
package struct StreamReport: Equatable, Sendable, Codable {
  package var hubs: [HubReport] = []
  /// When the last event of the kind came from the venue.
  package var lastTradeAt: Instant?
  package var lastQuoteAt: Instant?
  /// Other than a quote.
  package var lastEventAt: Instant?
  /// Since the evaluator started.
  package var events: Int64 = 0
  /// When the evaluator last wrote to the database.
  package var lastWriteAt: Instant?

  package init() {}
}

/// riskd and its ways to the venue, as the monitor knows them.
package struct ServiceReport: Equatable, Sendable, Codable {
  package var release: String?
  /// As systemd shows it: RUNNING, DEGRADED and others, and what each worker does.
  package var status: String?
  package var startedAt: Instant?
  /// The clock of a test; absent where riskd goes by the machine's.
  package var testClock: TestClockReport?
  package var workers: [WorkerReport] = []
  package var stream = StreamReport()
  package var tokenValidUntil: Instant?
  package var database: DatabaseReport?

  package init() {}
}

/// A clock that is ahead of the machine's by the offset at the anchor, and goes at the rate.
package struct TestClockReport: Equatable, Sendable, Codable {
  package var anchor: Instant
  package var offset: TimeSpan
  package var ratePerMille: Int64

  package init(anchor: Instant, offset: TimeSpan, ratePerMille: Int64) {
    self.anchor = anchor
    self.offset = offset
    self.ratePerMille = ratePerMille
  }
}

package struct WorkerReport: Equatable, Sendable, Codable {
  package var name: String
  /// When it was last heard of; `nil` before the first time.
  package var heardAt: Instant?
  /// What is missing, in the worker's own words.
  package var problem: String?

  package init(name: String, heardAt: Instant? = nil, problem: String? = nil) {
    self.name = name
    self.heardAt = heardAt
    self.problem = problem
  }
}

package struct HubReport: Equatable, Sendable, Codable {
  /// `user` or `market`.
  package var name: String
  package var isConnected: Bool?
  /// Since when it is so.
  package var since: Instant?

  package init(name: String, isConnected: Bool? = nil, since: Instant? = nil) {
    self.name = name
    self.isConnected = isConnected
    self.since = since
  }
}

package struct DatabaseReport: Equatable, Sendable, Codable {
  package var path: String
  package var bytes: Int64?

  package init(path: String, bytes: Int64? = nil) {
    self.path = path
    self.bytes = bytes
  }
}

/// The trader's own time sheet. It has no effect on any rule.
package struct ClockReport: Equatable, Sendable, Codable {
  /// `nil` while clocked out.
  package var clockedInAt: Instant?
  /// Time clocked in on this trading day, without what is under way.
  package var earlierToday: TimeSpan

  package init(clockedInAt: Instant? = nil, earlierToday: TimeSpan = .zero) {
    self.clockedInAt = clockedInAt
    self.earlierToday = earlierToday
  }

  package func today(at now: Instant) -> TimeSpan {
    earlierToday + (clockedInAt.map { max(.zero, now - $0) } ?? .zero)
  }
}
