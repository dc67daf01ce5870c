import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Another configuration while riskd runs, and one that is of no use.
  @Suite struct ReloadTests {
    private let account = RiskdStage.account

    @Test func `a lockout outlives a limit that is loosened`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        let targets = try stage.openTargets(account)
        let before = stage.pids
        try stage.changeRules("loss_limit: 500.00", to: "loss_limit: 50000.00")
        let outcome = stage.operatorCommands.reload(ReloadRequest(wait: true))
        stage.check(outcome.code == .yes, "\(outcome)")
        stage.check(outcome.output.contains("restarted: evaluator\n"), "\(outcome)")
        let after = stage.pids
        stage.check(after[.evaluator] != before[.evaluator], "the evaluator is the old one")
        stage.check(after[.gateway] == before[.gateway], "the gateway was restarted")
        stage.check(after[.enforcer] == before[.enforcer], "the enforcer was restarted")
        stage.check(try stage.openTargets(account) == targets, "the lockout is another one")
        stage.check(stage.status()?.deathsInWindow == 0, "the restart counts as a death")
        try stage.buy(account, Sample.mes, 1)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        // The other account lives by the new limit.
        try stage.realizeLoss(of: 150, RiskdStage.otherAccount)
        try stage.buy(RiskdStage.otherAccount, Sample.mes, 1)
        try stage.stays("an open position", during: .milliseconds(500)) {
          stage.venue.signedSize(RiskdStage.otherAccount, Sample.mes) == 1
        }
        stage.checkConduct()
      }
    }

    @Test func `a slip changes nothing, and the next start runs what was accepted`() throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        try stage.changeRules("loss_limit: 500.00", to: "loss_limit: none")
        let outcome = stage.operatorCommands.reload(ReloadRequest(wait: true))
        stage.check(outcome.code == .no, "\(outcome)")
        stage.check(outcome.complaint.contains("daily_realized_loss.loss_limit"), "\(outcome)")
        stage.check(stage.pids == before && stage.isProtecting, "something changed")
        try stage.stopRiskd()
        try stage.startDegraded()
        let status = stage.status()
        stage.check(status?.state == .degraded, "\(status?.line ?? "-")")
        stage.check(
          status?.configuration?.contains("the configuration is not usable") == true,
          "\(status?.line ?? "-")")
        try stage.lockOut()
        try stage.changeRules("loss_limit: none", to: "loss_limit: 400.00")
        let mended = stage.operatorCommands.reload(ReloadRequest(wait: true))
        stage.check(mended.code == .yes, "\(mended)")
        try stage.wait(for: "every worker is ready") { stage.isProtecting }
        stage.checkConduct()
      }
    }

    @Test func `every worker is confined, and nobody's environment holds a secret`() throws {
      try RiskdStage.play { stage in
        for (worker, pid) in stage.pids {
          let status = stage.processText(pid, "status")
          stage.check(status.contains("\nSeccomp:\t2\n"), "\(worker) has no filter")
          stage.check(status.contains("\nNoNewPrivs:\t1\n"), "\(worker) may gain privileges")
          for name in ["environ", "cmdline"] {
            let text = stage.processText(pid, name)
            stage.check(
              !text.contains("TOPSTEPX") && !text.contains("demo-key"), "\(worker)'s \(name)")
          }
        }
        stage.check(
          stage.logLines("restrictions active: ").count == WorkerName.allCases.count,
          "not every worker says how it is confined")
        let figures = stage.status()?.workers.compactMap(\.progress?.figures["seccomp"])
        stage.check(figures == [1, 1, 1, 1], "\(figures ?? [])")
      }
    }
  }
}

extension RiskdStage {
  func changeRules(_ old: String, to new: String) throws {
    let text = root.text("config/risk_config.yaml")
    guard text.contains(old) else { throw StageFailure("there is no '\(old)'") }
    try root.write("config/risk_config.yaml", text.replacing(old, with: new))
  }

  func processText(_ pid: Int32, _ name: String) -> String {
    let file = open("/proc/\(pid)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
