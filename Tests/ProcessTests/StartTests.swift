import ControlPlane
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

    /// The same one, which the claim on its venue user keeps out, and one of another user of the
    /// venue, which the claim does not know.
    @Test(arguments: ["demo", "somebody-else"])
    func `a second riskd is refused although the lock file was removed`(user: String) throws {
      try RiskdStage.play { stage in
        let pids = stage.pids
        let sessions = stage.venue.requests(.login).count
        try #require(unlink(stage.root.folder.file("run/riskd.lock")) == 0)
        let credentials = stage.root.text(".env")
        try stage.root.write(
          ".env", credentials.replacing("USERNAME=demo", with: "USERNAME=\(user)"))
        let second = try RiskdChild(
          root: stage.root, log: stage.root.folder.file("logs/second.log"), venue: stage.venue)
        let status = try second.end(within: .seconds(20))
        if status == nil { try second.stop() }
        try stage.root.write(".env", credentials)
        let said = stage.root.text("logs/second.log")
        stage.check(
          status != nil && status != .exited(code: 0),
          "the second one: \(status.map { "\($0)" } ?? "runs")")
        stage.check(
          said.contains(user == "demo" ? "already acts for this venue user" : "is locked by"),
          "it said: \(said)")
        stage.check(!said.contains("worker"), "it started a worker: \(said)")
        stage.check(stage.venue.requests(.login).count == sessions, "somebody logged in anew")
        stage.check(stage.pids == pids && stage.isProtecting, "the first one was disturbed")

        let change = try stage.riskctl(["db", "vacuum"])
        stage.check(
          change.code == ControlPlane.CommandOutcome.Code.refused.rawValue
            && change.text.contains("riskd is running"),
          "the database may be changed: \(change)")
        stage.check(
          access(stage.root.folder.file("run/riskd.lock"), F_OK) != 0,
          "there is another lock file")
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        stage.check(
          stage.audit(RiskdStage.account).closed(Sample.rty) == 1
            && stage.changes(RiskdStage.account).count == 1, "not closed by one request")
        stage.checkConduct()
      }
    }
  }
}
