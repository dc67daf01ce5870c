import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// When riskd must not start.
  @Suite struct StartTests {
    @Test func `an unusable configuration starts nothing and says where it is wrong`() throws {
      var options = StageOptions()
      options.ruleChanges = [("loss_limit: 500.00", "loss_limit: minus")]
      options.awaitsProtection = false
      try RiskdStage.play(options) { stage in
        let status = try stage.riskd.end(within: .seconds(20))
        stage.check(status == .exited(code: 78), "ended with \(status.map { "\($0)" } ?? "-")")
        let rules = stage.root.text("config/risk_config.yaml").split(
          separator: "\n", omittingEmptySubsequences: false)
        let line = (rules.firstIndex { $0.contains("minus") } ?? -1) + 1
        stage.check(
          stage.log.contains("config/risk_config.yaml:\(line):"), "file and line are not named")
        stage.check(
          stage.log.contains("daily_realized_loss.loss_limit"), "the key is not named")
        stage.check(stage.log.contains("nothing was started"), "it does not say so")
        stage.check(access(stage.root.database, F_OK) != 0, "there is a database")
        stage.check(stage.venue.requests().isEmpty, "the venue was asked something")
      }
    }

    @Test func `a second riskd in the same root is refused`() throws {
      try RiskdStage.play { stage in
        let pids = stage.pids
        let second = try RiskdChild(
          root: stage.root, log: stage.root.folder.file("logs/second.log"), venue: stage.venue)
        let status = try second.end(within: .seconds(20))
        if status == nil { try second.stop() }
        stage.check(
          status != nil && status != .exited(code: 0),
          "the second one: \(status.map { "\($0)" } ?? "runs")")
        stage.check(
          stage.root.text("logs/second.log").contains("riskd.lock")
            || stage.root.text("logs/second.log").contains("already"),
          "it said: \(stage.root.text("logs/second.log"))")
        stage.check(stage.pids == pids && stage.isProtecting, "the first one was disturbed")
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        stage.checkConduct()
      }
    }
  }
}
