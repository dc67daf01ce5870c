import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// A user hub whose connection stands and says nothing, with the times of the shipped
  /// configuration: the hub pings every 15 s, and 35 s without a byte are its end.
  @Suite struct SilentHubTests {
    private let account = RiskdStage.account

    @Test func `a breach behind a stalled user hub is closed long before its silence ends it`()
      throws
    {
      var options = StageOptions()
      options.venue.hub.keepAlive = .seconds(15)
      try RiskdStage.play(options) { stage in
        try awaitQuiet(stage)
        stage.venue.addFault(.hub(.user, .stall))
        try stage.buy(account, Sample.rty, 1)
        // Two seconds until it is asked and five for its answer; the rest is the machine's.
        try stage.wait(for: "no RTY", atMost: .seconds(14)) {
          stage.venue.signedSize(account, Sample.rty) == 0
        }
        stage.check(
          stage.logLines("the hub left a ping unanswered for 5000 ms").count == 1,
          "it was not the missing answer that told")
        try stage.awaitProtection()
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    /// The enforcer looks at every account by itself for a while after its start.
    private func awaitQuiet(_ stage: RiskdStage) throws {
      var count = 0
      var since = StageClock.now()
      try stage.wait(for: "nobody asks the venue") {
        let requests = stage.venue.requests().count
        if requests != count { (count, since) = (requests, StageClock.now()) }
        return StageClock.now() - since > .seconds(4)
      }
    }

    @Test func `after a logout without a new session a breach is closed by what polling shows`()
      throws
    {
      try RiskdStage.play { stage in
        try awaitQuiet(stage)
        stage.venue.addFault(.request(.login, .silence(applied: false)))
        stage.venue.addFault(.hub(.user, .logout(message: nil, endsToken: false)))
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY", atMost: .seconds(9)) {
          stage.venue.signedSize(account, Sample.rty) == 0
        }
        stage.check(
          stage.logLines("Token refreshed successfully").isEmpty, "there was a new session")
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }
  }
}
