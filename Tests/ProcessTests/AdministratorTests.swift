import AuditLog
import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// `riskctl lockouts end`: the administrator ends what nothing else ends, and nobody anything else.
  @Suite(.enabled(if: ProcessTests.mayMount, "ending a lockout is for root alone"))
  struct AdministratorTests {
    private let account = RiskdStage.account
    private let other = RiskdStage.otherAccount
    private static let password = "demo-admin"

    /// Every breach of the first account locks it for good; the other one's locks until the reset.
    private static var options: StageOptions {
      var options = StageOptions()
      options.clockLead = options.venue.clockOffset
      options.accounts = """
        accounts:
          - account_id: 1001
            name: "SIM-50K-1001"
            rules:
              daily_realized_loss: {loss_limit: 500.00, lockout_until: permanent}
          - account_id: 1002
            name: "SIM-50K-1002"

        """
      return options
    }

    private func lockout(_ account: AccountID, _ stage: RiskdStage) throws -> Target {
      let standing = try stage.openTargets(account).first {
        $0.isLockout && $0.goal == .flatAccount
      }
      guard let standing else { throw StageFailure("account \(account) is not locked") }
      return standing
    }

    private func isLocked(_ account: AccountID, _ stage: RiskdStage) throws -> Bool {
      try stage.openTargets(account).contains { $0.isLockout && $0.goal == .flatAccount }
    }

    private func audited(_ stage: RiskdStage) -> [String] {
      stage.root.text("data/audit.log").split(separator: "\n").map(String.init)
    }

    @Test func `a permanent lockout is ended by the administrator, and by nobody else`() throws {
      try RiskdStage.play(Self.options) { stage in
        try stage.lockOut(account)
        try stage.lockOut(other)
        let name = "\(try lockout(account, stage).id)"
        let timed = "\(try lockout(other, stage).id)"
        try refusals(name, timed, on: stage)
        try ending(name, on: stage)
        stage.checkConduct()
      }
    }

    private func refusals(_ name: String, _ timed: String, on stage: RiskdStage) throws {
      let right = [Self.password, name]
      let stranger = try stage.riskctl(
        ["lockouts", "end", name], typing: right, as: "65534")
      stage.check(stranger.code == 4 && stranger.text.contains("only root"), "\(stranger)")
      let wrong = try stage.riskctl(
        ["lockouts", "end", name], typing: ["wrong-one", Self.password, "something"])
      stage.check(wrong.code == 4 && wrong.text.contains("stands"), "\(wrong)")
      let unknown = try stage.riskctl(
        ["lockouts", "end", "1-9"], typing: [Self.password, "1-9"])
      stage.check(unknown.code == 4 && unknown.text.contains("no lockout 1-9"), "\(unknown)")
      // Not even the administrator shortens another kind.
      let early = try stage.riskctl(
        ["lockouts", "end", timed], typing: [Self.password, timed])
      stage.check(early.code == 4 && early.text.contains("ends by itself"), "\(early)")
      stage.check(try isLocked(account, stage) && isLocked(other, stage), "one of them is ended")
      stage.check(
        audited(stage).contains { $0.contains("admin.password.wrong") },
        "the wrong one is not noted")
    }

    private func ending(_ name: String, on stage: RiskdStage) throws {
      // What is lost today is still lost: the rule locks again at once.
      let again = try stage.riskctl(["lockouts", "end", name], typing: [Self.password, name])
      stage.check(
        again.code == 1 && again.text.contains("lockout \(name) is ended")
          && again.text.contains("still locked"), "\(again)")
      let second = "\(try lockout(account, stage).id)"
      stage.check(second != name, "it is the old one")
      // On the next day it is not.
      let rest = TradingDayRule.standard.nextReset(after: stage.venue.time) - stage.venue.time
      try stage.setTime(stage.venue.time + rest + .seconds(1))
      try stage.wait(for: "the reset, which ends the other one") { try !isLocked(other, stage) }
      stage.check(try isLocked(account, stage), "a reset ended what only a person ends")
      let done = try stage.riskctl(
        ["lockouts", "end", second], typing: [Self.password, second])
      stage.check(done.code == 0, "\(done)")
      stage.check(try !isLocked(account, stage), "the lockout stands")
      let records = audited(stage).filter { $0.contains(second) && $0.contains("uid 0") }
      stage.check(!records.isEmpty, "the audit log does not say who: \(audited(stage).suffix(5))")
      let chain = try stage.riskctl(["audit", "verify"])
      stage.check(chain.code == 0, "\(chain)")
      try staysEnded(on: stage)
    }

    /// Ended is ended, also for an evaluator that starts anew.
    private func staysEnded(on stage: RiskdStage) throws {
      let dead = try stage.kill(.evaluator)
      try stage.wait(for: "another evaluator") {
        stage.pid(of: .evaluator) != dead && stage.isProtecting
      }
      try stage.buy(account, Sample.mnq, 1)
      try stage.stays("the position", during: .seconds(3)) {
        stage.venue.signedSize(account, Sample.mnq) == 1
      }
      stage.check(try !isLocked(account, stage), "it came back with the restart")
      let list = try stage.riskctl(["lockouts", "--json"])
      stage.check(list.code == 0 && !list.text.contains("1001"), "\(list)")
    }
  }
}
