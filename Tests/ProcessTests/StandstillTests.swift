import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The machine stands still, as one that sleeps or whose virtual machine is paused, and goes on.
  @Suite struct StandstillTests {
    /// More than twice as long as any worker may be silent, which is 5 s.
    private static let pause: UInt32 = 12_000_000

    @Test func `nobody is taken for hung, and what happened meanwhile is put right once`() throws {
      try RiskdStage.play { stage in
        let account = RiskdStage.account
        try stage.lockOut(RiskdStage.otherAccount)
        let lockouts = try stage.lockouts(RiskdStage.otherAccount)
        let workers = stage.pids
        let all = [stage.riskd.pid] + workers.values
        for pid in all { try #require(kill(pid, SIGSTOP) == 0) }
        try stage.buy(account, Sample.rty, 2)
        usleep(Self.pause)
        stage.check(!stage.isFlat(account), "somebody went on")
        for pid in all { try #require(kill(pid, SIGCONT) == 0) }
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.rty) == 2, "not closed once")
        try stage.awaitProtection()
        stage.check(stage.pids == workers, "a worker was replaced: \(stage.pids)")
        stage.check(stage.status()?.deathsInWindow == 0, "a death was counted")
        stage.check(
          try stage.lockouts(RiskdStage.otherAccount) == lockouts,
          "the lockout is not the one of before")
        stage.checkConduct()
      }
    }
  }
}
