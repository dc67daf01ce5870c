import Glibc
import RiskTestKit
import Supervision
import Testing

extension ProcessTests {
  /// The monitor writes what happens, and nobody waits for it.
  @Suite struct MonitorTests {
    @Test func `the log files hold what is looked for in them`() throws {
      try RiskdStage.play { stage in
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        for phrase in [
          "Application initialized successfully", "Token Manager: Token valid until ",
          "SignalR Manager: Connected to User Hub",
          "SignalR Manager: Subscribed to positions, orders, trades",
          "State Reconciler: Initial reconciliation complete",
          "Risk Rules Engine: Monitoring started", "GatewayUserPosition", "Token refresh scheduled",
          "Rule evaluation",
        ] {
          try stage.wait(for: "'\(phrase)' in daemon.log") {
            stage.root.text("logs/daemon.log").contains(phrase)
          }
        }
        try stage.wait(for: "one line for the close") {
          stage.root.text("logs/enforcement.log").contains("Enforcement close")
        }
        stage.check(!stage.root.text("logs/daemon.log").contains("crash"), "it speaks of a crash")
        stage.check(!stage.root.text("logs/daemon.log").contains("demo-key"), "it has a secret")
        stage.checkConduct()
        try stage.stopRiskd()
        stage.check(
          stage.root.text("logs/daemon.log").contains("enforcer stopped"),
          "the end of the others is missing")
      }
    }

    @Test func `a monitor that stands still or dies holds nobody up`() throws {
      try RiskdStage.play { stage in
        guard let pid = stage.pid(of: .monitor) else { throw StageFailure("no monitor") }
        stage.check(Glibc.kill(pid, SIGSTOP) == 0, "it cannot be stopped")
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        Glibc.kill(pid, SIGKILL)
        try stage.wait(for: "another monitor") {
          hasAnotherMonitor(stage, than: pid)
        }
        stage.check(stage.status()?.deathsInWindow == 0, "its death was counted")
        for _ in 0..<5 {
          let former = try stage.kill(.monitor)
          try stage.wait(for: "the next monitor") {
            hasAnotherMonitor(stage, than: former)
          }
        }
        stage.check(stage.status()?.deathsInWindow == 0, "its deaths were counted")
        stage.check(stage.status()?.crashLoop == nil, "they are a crash loop")
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY again") { stage.isFlat(RiskdStage.account) }
        try stage.wait(for: "the second close in the log") {
          stage.root.text("logs/enforcement.log").contains("Enforcement close")
        }
        stage.checkConduct()
      }
    }

    /// In this order: a death that is not yet seen looks like protection.
    private func hasAnotherMonitor(_ stage: RiskdStage, than former: Int32) -> Bool {
      guard let pid = stage.pid(of: .monitor), pid != former else { return false }
      return stage.isProtecting
    }
  }
}
