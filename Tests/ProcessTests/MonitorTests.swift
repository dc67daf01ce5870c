import Foundation
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

    private struct EnforcementLine: Decodable {
      var message: String
      var context: [String: String]
    }

    /// Operators count what was done by the word that begins these lines, and by no other.
    @Test func `each close is exactly one line of the enforcement log`() throws {
      var options = StageOptions()
      options.files["config/logging.yaml"] = try StageRoot.shipped("logging.yaml")
      try RiskdStage.play(options) { stage in
        let account = RiskdStage.account
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        try stage.wait(for: "the proof") { !stage.logLines("Target proven at the venue").isEmpty }
        // With the last words of all processes nothing is on its way any more.
        try stage.stopRiskd()
        let changes = stage.changes(account).count
        stage.check(
          changes == 1 && stage.audit(account).closings.count == 1, "\(changes) requests, not one")
        let lines = stage.root.text("logs/enforcement.log").split(separator: "\n")
          .filter { $0.contains("Enforcement") }
        guard lines.count == 1, let text = lines.first else {
          throw StageFailure("not one line but:\n\(lines.joined(separator: "\n"))")
        }
        let line = try JSONDecoder().decode(EnforcementLine.self, from: Data(text.utf8))
        stage.check(
          line.message == "Enforcement close \(Sample.rty) on account \(account): accepted",
          line.message)
        for (name, value) in [
          ("action", "close"), ("account_id", "\(account)"), ("contract", "\(Sample.rty)"),
          ("contracts", "1"), ("rule_id", "RULE-011"), ("result", "accepted"),
        ] {
          stage.check(line.context[name] == value, "\(name): \(line.context[name] ?? "missing")")
        }
        for name in ["reason", "reason_code", "target", "execution_time_ms"] {
          stage.check(line.context[name]?.isEmpty == false, "\(name) is missing")
        }
      }
    }

    /// As shipped there is no page of metrics; where it is wanted, it is on this machine alone.
    @Test func `nobody can connect over the network, but for the page of metrics`() throws {
      let shipped = try StageRoot.shipped("monitoring.yaml")
      let free = try AlertReceiver(.web)
      let port = free.port
      free.close()
      let wanted = shipped.replacing(
        "  endpoint:\n    enabled: false", with: "  endpoint:\n    enabled: true"
      ).replacing("port: 9464", with: "port: \(port)")
      for (text, expected) in [(shipped, [String]()), (wanted, ["127.0.0.1:\(port)"])] {
        var options = StageOptions()
        options.files["config/monitoring.yaml"] = text
        try RiskdStage.play(options) { stage in
          let workers = stage.pids
          stage.check(workers.count == WorkerName.allCases.count, "not every worker: \(workers)")
          let open = try (workers.values + [stage.riskd.pid]).flatMap(
            ListeningSockets.addresses(of:))
          stage.check(open == expected, "\(open), not \(expected)")
        }
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
