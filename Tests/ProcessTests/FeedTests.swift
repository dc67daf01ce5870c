import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// The venue is silent, or makes no sense.
  @Suite struct FeedTests {
    private let account = RiskdStage.account

    @Test func `a position that is opened while the hub is cut is found`() throws {
      try RiskdStage.play { stage in
        stage.venue.addFault(.hub(.user, .upgrade, .refuse(status: 503), count: 3))
        stage.venue.addFault(.hub(.user, .reset))
        try stage.wait(for: "the cut") { stage.venue.liveConnections(.user) == 0 }
        try stage.buy(account, Sample.rty, 2)
        stage.check(stage.venue.liveConnections(.user) == 0, "the hub was back too early")
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.rty) == 2, "not closed once")
        stage.check(
          stage.logLines("changes that no event told, found because of").count > 0,
          "what was found has no cause")
        try stage.awaitProtection()
        stage.checkConduct()
      }
    }

    @Test(arguments: [
      RequestEffect.html(502, applied: false), .truncated, .brokenOff, .nullPayload,
      .missingPayload,
    ])
    func `answers that make no sense kill nobody`(effect: RequestEffect) throws {
      var options = StageOptions()
      options.forgivesSoon()
      try RiskdStage.play(options) { stage in
        let pids = stage.pids
        stage.venue.addFault(.request(nil, effect, count: nil))
        stage.venue.addFault(.hub(.user, .reset))
        try stage.wait(for: "queries that get no sense") { stage.venue.counters.faultsStruck > 3 }
        try stage.buy(account, Sample.rty, 1)
        try stage.stays("alive", during: .seconds(3)) { stage.pids == pids }
        stage.venue.clearFaults()
        let cleared = stage.venue.requests().count
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        try stage.awaitProtection()
        try stage.wait(for: "the positions are read again") {
          stage.venue.requests().dropFirst(cleared).contains {
            $0.path == GatewayOperation.searchPositions.path && $0.account == account
              && $0.fault == nil
          }
        }
        stage.check(stage.pids == pids, "a worker died")
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        try stage.buy(account, Sample.mnq, 3)
        try stage.wait(for: "two MNQ") { stage.venue.signedSize(account, Sample.mnq) == 2 }
        stage.checkConduct()
      }
    }
  }
}
