import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The session token is renewed before its end, by the test clock, in real processes.
  @Suite struct TokenRenewalTests {
    /// A minute of the venue is a second here.
    private static let rate: Int64 = 60
    /// Tuesday, 16 March 2027, 09:00 in Chicago, by summer time.
    private static let morning = Instant(secondsSinceEpoch: 1_805_205_600)
    private static let renewals = 3

    private let account = RiskdStage.account

    /// Tokens live for ten minutes, so they are renewed after five, which are five seconds.
    static func options() -> StageOptions {
      let now = SystemClock().now()
      let anchor = Instant(nanosSinceEpoch: now.nanosSinceEpoch / 1_000_000 * 1_000_000)
      var options = StageOptions()
      options.goes(
        by: ClockPace(
          anchor: anchor, offset: .milliseconds((morning - anchor).milliseconds),
          rate: rate * 1_000))
      options.ignoresRequestLimit()
      options.venue.gateway.tokenLifetime = .seconds(600)
      // A connection that outlives its token is closed, so one that was not replaced is missed.
      options.venue.hub.tokenExpiry = .closes
      return options
    }

    @Test func `both hubs move to each renewed token before the old one ends, and miss nothing`()
      throws
    {
      try RiskdStage.play(Self.options()) { stage in
        let first = stage.venue.happenings().last?.number ?? 0
        var isHeld = false
        var looks = 0
        try stage.wait(for: "three renewals", atMost: .seconds(90)) {
          // Something happens every tenth of a second, in the moments of the changes too.
          looks += 1
          if looks % 10 == 0 {
            if isHeld {
              try stage.sell(account, Sample.mnq, 1)
            } else {
              try stage.buy(account, Sample.mnq, 1)
            }
            isHeld.toggle()
          }
          return stage.logLines("has moved to its second connection").count >= 2 * Self.renewals
        }
        if isHeld { try stage.sell(account, Sample.mnq, 1) }
        stage.check(stage.venue.requests(.login).count == 1, "a token ended and was replaced")
        stage.check(
          stage.venue.requests(.validate).count >= Self.renewals
            && stage.venue.requests(.validate).allSatisfy { $0.status == 200 }, "renewals")
        stage.check(
          stage.logLines("Token Manager: Token refreshed successfully").count >= Self.renewals,
          "the log tells of fewer renewals")
        stage.check(
          !stage.venue.requests().contains { $0.status == 401 }, "a token was used after its end")
        for words in ["(onreconnected)", " is lost: ", "lost its first connection"] {
          stage.check(
            stage.logLines(words).isEmpty, "logged as a reconnection: \(stage.logLines(words))")
        }
        checkConnections(stage, since: first)
        try checkJournal(stage)
        // The last token serves the enforcer, which had nothing to do until now.
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.check(stage.venue.requests(.login).count == 1, "the enforcer signed in")
        stage.checkConduct()
      }
    }

    /// By the venue's own story: the new connection lives before the old one ends.
    private func checkConnections(_ stage: RiskdStage, since first: Int) {
      var live: [VenueHub: Set<Int>] = [:]
      var ended: [VenueHub: Int] = [:]
      for happening in stage.venue.happenings() {
        guard case .hub(let hub, let connection, let what) = happening.matter else { continue }
        if what == "is live" { live[hub, default: []].insert(connection) }
        guard what == "has ended" else { continue }
        live[hub]?.remove(connection)
        guard happening.number > first else { continue }
        ended[hub, default: 0] += 1
        stage.check(
          live[hub]?.isEmpty == false, "no \(hub.rawValue) connection after \(happening)")
      }
      for hub in VenueHub.allCases {
        stage.check(
          ended[hub, default: 0] >= Self.renewals,
          "\(ended[hub, default: 0]) connections of the \(hub.rawValue) hub were replaced")
      }
    }

    /// Every execution is known, and none of them by a read.
    private func checkJournal(_ stage: RiskdStage) throws {
      var journal = JournalAudit()
      try stage.wait(for: "every execution in the journal") {
        try stage.reading { try journal.advance($0) }
        return stage.differences(from: journal, [account]).isEmpty
      }
      stage.check(journal.trades.count >= 20, "only \(journal.trades.count) executions")
      stage.check(journal.missed.isEmpty, "reads had to tell: \(journal.missed)")
    }

    @Test func `a refused key is asked for again slowly, and a restart asks at once`() throws {
      var options = StageOptions()
      options.toleratesDeaths()
      try RiskdStage.play(options) { stage in
        let signIns = stage.venue.requests(.login).count
        stage.venue.addFault(
          .request(
            .login, .envelope(success: false, code: 9, message: nil, applied: false), count: nil))
        stage.venue.addFault(.hub(.user, .logout(message: nil, endsToken: true)))
        stage.venue.endTokens()
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "both are refused and say so") {
          !stage.logLines("The enforcer cannot sign in").isEmpty
            && !stage.logLines("The venue refuses to sign in").isEmpty
        }
        try stage.stays("one attempt of each", during: .seconds(8)) {
          stage.venue.requests(.login).count == signIns + 2
        }
        stage.check(
          stage.status()?.workers.first { $0.name == .enforcer }?.degraded?
            .contains("no session token") == true,
          "the enforcer is not degraded: \(stage.status()?.line ?? "")")
        stage.check(stage.venue.signedSize(account, Sample.rty) == 1, "closed without a token")
        // What an operator does once the key is right again.
        stage.venue.clearFaults()
        try stage.kill(.enforcer)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }
  }
}
