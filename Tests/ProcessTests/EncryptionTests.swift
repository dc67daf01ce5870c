import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The way to the venue as it is shipped: TLS, with a certificate that somebody vouches for.
  @Suite struct EncryptionTests {
    private let account = RiskdStage.account

    @Test func `over TLS all works, across a reset of the hub and a renewal of the token`() throws {
      var options = TokenRenewalTests.options()
      try options.encrypts()
      try RiskdStage.play(options) { stage in
        stage.check(
          stage.venue.baseURL.hasPrefix("https://"), "the venue is \(stage.venue.baseURL)")
        stage.check(stage.venue.userHubURL.hasPrefix("https://"), "its hub is not encrypted")
        try closes(stage, times: 1)
        stage.venue.addFault(.hub(.user, .reset))
        try stage.wait(for: "the user hub again") {
          !stage.logLines("User Hub reconnected (onreconnected)").isEmpty
        }
        try closes(stage, times: 2)
        try stage.wait(for: "both hubs with a renewed token", atMost: .seconds(60)) {
          ["User", "Market"].allSatisfy {
            !stage.logLines("\($0) Hub has moved to its second connection").isEmpty
          }
        }
        try closes(stage, times: 3)
        stage.check(!stage.venue.requests(.validate).isEmpty, "no token was renewed")
        stage.check(stage.venue.requests(.login).count == 1, "a token ended and was replaced")
        stage.checkConduct()
      }
    }

    private func closes(_ stage: RiskdStage, times: Int64, line: Int = #line) throws {
      try stage.buy(account, Sample.rty, 1)
      try stage.wait(for: "no RTY", line: line) {
        stage.venue.signedSize(account, Sample.rty) == 0
      }
      stage.check(
        stage.audit(account).closed(Sample.rty) == times, "not closed once each", line: line)
    }

    @Test func `a venue with the certificate of a stranger is told nothing`() throws {
      var options = StageOptions()
      options.awaitsProtection = false
      try options.encrypts(isTrusted: false)
      try RiskdStage.play(options) { stage in
        func gateway() -> String? {
          stage.status()?.workers.first { $0.name == .gateway }?.degraded
        }
        try stage.wait(for: "a gateway that is degraded", atMost: RiskdStage.protectionLimit) {
          gateway()?.contains("no session token") == true
        }
        stage.check(
          !stage.logLines("CERTIFICATE_VERIFY_FAILED").isEmpty, "nobody says what is wrong")
        stage.check(stage.venue.requests().isEmpty, "requests were sent")
        stage.check(stage.venue.liveConnections(.user) == 0, "a hub is connected")
      }
    }
  }
}
