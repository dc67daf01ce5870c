import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// Which accounts are riskd's business.
  @Suite struct AccountTests {
    private let account = RiskdStage.account

    @Test func `an account that is not configured is left alone`() throws {
      let foreign = RiskdStage.foreignAccount
      try RiskdStage.play { stage in
        try stage.buy(foreign, Sample.rty, 3)
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "the configured account is flat") { stage.isFlat(account) }
        try stage.stays("the foreign position", during: .seconds(3)) {
          stage.venue.signedSize(foreign, Sample.rty) == 3
        }
        stage.check(stage.changes(foreign).isEmpty, "changes: \(stage.changes(foreign))")
        stage.checkConduct()
      }
    }

    @Test func `an account of another name is left alone and the other one protected`() throws {
      let other = RiskdStage.otherAccount
      var options = StageOptions()
      options.accounts = """
        accounts:
          - account_id: 1001
            name: "SIM-50K-1001"
          - account_id: 1002
            name: "SOMEBODY-ELSE"

        """
      options.awaitsProtection = false
      try RiskdStage.play(options) { stage in
        try stage.wait(for: "the complaint", atMost: .seconds(60)) {
          !stage.logLines("Account 1002 is not protected").isEmpty
        }
        try stage.buy(other, Sample.rty, 2)
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "the first account is flat") { stage.isFlat(account) }
        try stage.stays("the position of the other", during: .seconds(3)) {
          stage.venue.signedSize(other, Sample.rty) == 2
        }
        stage.check(stage.changes(other).isEmpty, "changes: \(stage.changes(other))")
        stage.checkConduct()
      }
    }
  }
}
