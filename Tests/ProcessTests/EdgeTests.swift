import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The venue's limits and failures, and neighbours that do not run: flat all the same.
  @Suite struct EdgeTests {
    private let account = RiskdStage.account

    @Test func `a burst far beyond the window is refused not once by the venue`() throws {
      var options = StageOptions()
      options.toleratesDeaths()
      options.mainLines += """
        errorHandling:
          rateLimit:
            general:
              requests: 100

        """
      options.venue.gateway.requestLimit = RequestLimit(
        requests: 100, window: .seconds(60), isSliding: true, countsRefused: true)
      try RiskdStage.play(options) { stage in
        try stage.lockOut()
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        // Every gateway wants to read both accounts: soon the share of the gateways is used up, and
        // what the later ones want would go far beyond what the venue allows.
        var kept: [MonotonicInstant] = []
        var wanted = 0
        for _ in 0..<Self.gateways where wanted <= 100 + Self.requestsOfStart {
          let before = stage.venue.requests().count
          try restart(stage)
          _ = StageClock.poll(atMost: .milliseconds(500)) {
            stage.venue.requests().count >= before + Self.requestsOfStart
          }
          let asked = stage.venue.requests().count - before
          kept += Array(
            repeating: SystemClock().monotonicNow(),
            count: max(0, Self.requestsOfStart - asked))
          wanted = Self.densest(stage.venue.requests().map(\.receivedMonotonic) + kept)
        }
        stage.check(wanted > 100, "only \(wanted) requests were wanted in a minute")
        try stage.buy(account, Sample.mnq, 1)
        try stage.wait(for: "a flat account, by what is reserved") { stage.isFlat(account) }
        let requests = stage.venue.requests()
        stage.check(
          !requests.contains { $0.status == 429 },
          "\(requests.count { $0.status == 429 }) requests were refused")
        let densest = Self.densest(requests.map(\.receivedMonotonic))
        print("burst: \(wanted) requests wanted in a minute, \(densest) sent")
        stage.check(densest <= 90, "\(densest) in a minute")
        stage.checkConduct()
      }
    }

    private static let gateways = 30
    /// One list of accounts, and of each of the two its positions, orders and trades.
    private static let requestsOfStart = 7

    /// Ends the gateway and waits until the next one hears the venue, and so wants to read.
    private func restart(_ stage: RiskdStage) throws {
      let subscribed = "Subscribed to positions, orders, trades"
      let before = stage.logLines(subscribed).count
      try stage.kill(.gateway)
      try stage.wait(for: "another gateway that hears the venue") {
        stage.logLines(subscribed).count > before
      }
    }

    /// The most requests within any minute.
    private static func densest(_ requests: [MonotonicInstant]) -> Int {
      let moments = requests.sorted()
      var first = 0
      var most = 0
      for (index, moment) in moments.enumerated() {
        while moments[first] + .seconds(60) <= moment { first += 1 }
        most = max(most, index - first + 1)
      }
      return most
    }

    @Test func `a gateway that stopped while it held the token's lock delays nothing`() throws {
      var options = StageOptions()
      options.toleratesDeaths()
      try RiskdStage.play(options) { stage in
        try stage.lockOut()
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        let gateway = try #require(stage.pid(of: .gateway))
        let signIns = stage.venue.requests(.login).count
        stage.venue.addFault(.request(.login, .silence(applied: false)))
        stage.venue.addFault(.hub(.user, .logout(message: nil, endsToken: true)))
        try stage.wait(for: "the gateway's sign-in") {
          stage.venue.requests(.login).count > signIns
        }
        stage.check(
          stage.root.text("data/tokens/tokens.enc.lock").hasPrefix("\(gateway)"),
          "the lock is not the gateway's")
        // Nobody ends the gateway meanwhile: its supervisor does not run either.
        let supervisor = stage.riskd.pid
        Glibc.kill(supervisor, SIGSTOP)
        Glibc.kill(gateway, SIGSTOP)
        defer {
          Glibc.kill(gateway, SIGCONT)
          Glibc.kill(supervisor, SIGCONT)
        }
        try stage.buy(account, Sample.mnq, 1)
        try stage.wait(for: "a flat account beside a stopped gateway") { stage.isFlat(account) }
        stage.check(
          !stage.logLines("the enforcer signs in by itself").isEmpty,
          "the enforcer did not sign in by itself")
        stage.checkConduct()
      }
    }

    @Test func `a venue that keeps answering 503 keeps nothing from being closed`() throws {
      try RiskdStage.play { stage in
        stage.venue.addFault(
          .request(nil, .status(503, applied: false, retryAfter: nil), count: nil))
        stage.venue.addFault(.hub(.user, .reset))
        try stage.wait(for: "the circuit breaker") {
          !stage.logLines("Circuit breaker OPEN").isEmpty
        }
        stage.venue.clearFaults()
        stage.venue.addFault(
          .request(.closeContract, .status(503, applied: false, retryAfter: nil), count: 5))
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY", atMost: .seconds(55)) {
          stage.venue.signedSize(account, Sample.rty) == 0
        }
        stage.check(
          stage.venue.requests(.closeContract).count { $0.status == 503 } >= 5,
          "five closes were to fail")
        stage.check(
          stage.logLines("Circuit breaker CLOSED").isEmpty, "the breaker was not open")
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }
  }
}
