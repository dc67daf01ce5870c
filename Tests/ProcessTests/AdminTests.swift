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
import Workers

extension ProcessTests {
  /// `riskctl admin` beside a riskd that protects, as root.
  @Suite struct AdminTests {
    private static let password = "demo-admin"
    static let mayAdministrate =
      geteuid() == 0 && AdminTerminal.isThere || RiskdProgram.isRequired

    private func administration(_ stage: RiskdStage) -> Administration {
      Administration(
        root: stage.root.path,
        terminal: .init(ask: { _ in nil }, askHidden: { _ in Self.password }),
        authority: ControlClient(path: stage.root.controlSocket),
        environment: [
          "RISKD_VENUE_BASE_URL": stage.venue.baseURL,
          "RISKD_USER_HUB_URL": stage.venue.userHubURL,
          "RISKD_MARKET_HUB_URL": stage.venue.marketHubURL,
        ])
    }

    /// Whether everything is known again after a restart.
    private func shows(_ work: Administration) -> Bool {
      let text = work.admitted("look") { $0.daemonStatus() }.output
      return text.contains("user hub connected, market hub connected")
        && text.contains("SIM-50K-1002") && !text.contains("unknown")
    }

    @Test(.enabled(if: mayAdministrate, "needs root and tmux"))
    func `every menu in a terminal of 80 by 24`() throws {
      try RiskdStage.play { stage in
        let rules = stage.root.text("config/risk_config.yaml")
        let accounts = stage.root.text("config/accounts.yaml")
        let secrets = stage.root.text(".env")
        let terminal = try AdminTerminal(stage, environment: "TERM=dumb NO_COLOR=1 LANG=C.UTF-8")
        defer { terminal.leave() }
        var screens = AdminScreens(root: stage.root.path)
        try terminal.awaits("Administrator's password:")
        try terminal.type("wrong-word")
        try stage.wait(for: "the second question") {
          terminal.text.components(separatedBy: "password:").count == 3
        }
        try terminal.answer(Self.password, then: "Choice:")
        stage.check(!terminal.text.contains(Self.password), "the password is on the screen")
        stage.check(!terminal.text.contains("wrong-word"), "the wrong one is on the screen")
        screens.add("main menu", terminal.text)

        let work = administration(stage)
        try stage.wait(for: "both hubs and all accounts") { shows(work) }
        try terminal.answer("6", then: "Enter goes back:")
        screens.add("daemon status", terminal.text)
        try terminal.answer("", then: "Choice:")
        try terminal.answer("5", then: "Enter goes back:")
        screens.add("test of the connections", terminal.text)
        try terminal.answer("", then: "Choice:")

        try terminal.answer("3", then: "Choice:")
        screens.add("rules", terminal.text)
        try terminal.answer("e", then: "by number or name:")
        try terminal.answer("3", then: "(empty: none):")
        screens.add("fields of a rule", terminal.text)
        try terminal.answer("loss_limit", then: "loss_limit [500.00], - for the default:")
        try terminal.answer("abc", then: "Choice:")
        try terminal.answer("e", then: "by number or name:")
        try terminal.answer("daily_realized_loss", then: "(empty: none):")
        try terminal.answer("6", then: "loss_limit [500.00], - for the default:")
        try terminal.answer("400", then: "Choice:")
        screens.add("a rule was edited", terminal.text)
        try terminal.answer("t", then: "by number or name:")
        try terminal.answer("5", then: "[y/N]")
        try terminal.answer("y", then: "Choice:")
        screens.add("a rule was switched", terminal.text)
        try terminal.answer("r", then: "by number or name:")
        try terminal.answer("5", then: "[y/N]")
        try terminal.answer("y", then: "Choice:")
        screens.add("a rule was reset", terminal.text)
        try terminal.answer("0", then: "Choice:")

        try terminal.answer("2", then: "Choice:")
        try terminal.answer("a", then: "Account number:")
        try terminal.answer("1003", then: "Nickname (may be empty):")
        try terminal.answer("Third", then: "Choice:")
        screens.add("an account was added", terminal.text)
        try terminal.answer("e", then: "Account number:")
        try terminal.answer("1003", then: "Nickname [Third]:")
        try terminal.answer("", then: "State, active or paused [active]:")
        try terminal.answer("paused", then: "[y/N]")
        try terminal.answer("n", then: "Choice:")
        screens.add("an account was edited", terminal.text)
        try terminal.answer("d", then: "Account number:")
        try terminal.answer("1003", then: "out of riskd's hands:")
        try terminal.answer("delete", then: "Choice:")
        try terminal.answer("d", then: "Account number:")
        try terminal.answer("1003", then: "out of riskd's hands:")
        try terminal.answer("DELETE", then: "Choice:")
        screens.add("an account was deleted", terminal.text)
        try terminal.answer("0", then: "Choice:")

        try stage.wait(for: "both hubs and all accounts") { shows(work) }
        try terminal.answer("4", then: "Choice:")
        screens.add("service", terminal.text)
        try terminal.answer("3", then: "Choice:")
        stage.check(
          terminal.text.contains("a riskd that was started by hand is stopped"), terminal.text)
        try terminal.answer("0", then: "Choice:")

        try terminal.answer("1", then: "User name:")
        try terminal.answer("demo", then: "API key (not shown):")
        try terminal.answer("not-the-key", then: "Enter goes back:")
        screens.add("a key that the venue refuses", terminal.text)
        stage.check(!terminal.text.contains("not-the-key"), "a key is on the screen")
        try terminal.answer("", then: "Choice:")
        try terminal.answer("1", then: "User name:")
        try terminal.answer("demo", then: "API key (not shown):")
        try terminal.answer("demo-key", then: "Enter goes back:")
        screens.add("authentication", terminal.text)
        try terminal.answer("", then: "Choice:")

        try terminal.answer("0", then: "LEFT 0")
        stage.check(try terminal.isRestored(), "the terminal is another one")
        screens.compare()

        let changed = stage.root.text("config/risk_config.yaml")
        stage.check(
          changed == rules.replacing("loss_limit: 500.00", with: "loss_limit: 400   "),
          "the rules are not what was asked for:\n\(changed)")
        stage.check(stage.root.text("config/accounts.yaml") == accounts, "other accounts")
        stage.check(stage.root.text(".env") == secrets, "other secrets")
        let audit = stage.root.text("data/audit.log")
        for what in [
          "admin.password.wrong", "admin.entered", "admin.menu", "admin.test", "admin.rules.set",
          "admin.rules.toggle",
          "admin.rules.reset", "admin.accounts.add", "admin.accounts.edit",
          "admin.accounts.delete", "admin.service.restart", "admin.authentication.set",
        ] {
          stage.check(audit.contains("\"what\":\"\(what)\""), "no \(what) in the audit log")
        }
        for menu in [
          "Configure authentication", "Manage accounts", "Configure risk rules", "Service control",
          "Test connection", "Daemon status",
        ] {
          stage.check(audit.contains("\"menu\":\"\(menu)\""), "no \(menu) in the audit log")
        }
        stage.check(!audit.contains("not-the-key"), "a key is in the audit log")
        let log = AuditLog(path: stage.root.folder.file("data/audit.log"))
        stage.check(try AuditVerification(log, known: nil).isIntact, "the audit log is broken")
        stage.check(stage.status()?.deathsInWindow == 0, "a worker died")
      }
    }

    @Test(.enabled(if: mayAdministrate, "needs root and tmux"))
    func `whatever ends it, the terminal is as it was`() throws {
      try RiskdStage.play { stage in
        for (name, end, farewell) in [
          ("Ctrl+C", { try $0.press("C-c") }, "LEFT 130"),
          ("SIGTERM", { kill($0.program ?? -1, SIGTERM) }, "LEFT 143"),
          ("the end of input", { try $0.press("C-d") }, "LEFT 4"),
        ] as [(String, (AdminTerminal) throws -> Void, String)] {
          let terminal = try AdminTerminal(stage)
          defer { terminal.leave() }
          try terminal.awaits("Administrator's password:")
          try stage.wait(for: "a hidden question") { terminal.program != nil }
          try end(terminal)
          try terminal.awaits(farewell)
          stage.check(try terminal.isRestored(), "\(name) leaves another terminal")
        }
        for (name, key, farewell) in [
          ("Ctrl+C", "C-c", "LEFT 130"), ("the end of input", "C-d", "LEFT 0"),
        ] {
          let terminal = try AdminTerminal(stage)
          defer { terminal.leave() }
          try terminal.awaits("Administrator's password:")
          try terminal.answer(Self.password, then: "Choice:")
          try terminal.answer("1", then: "User name:")
          try terminal.press(key)
          try terminal.awaits(farewell)
          stage.check(try terminal.isRestored(), "\(name) in a menu leaves another terminal")
        }
      }
    }

    @Test(.enabled(if: mayAdministrate, "needs root"))
    func `nothing of it ends a lockout or lets one go`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        let targets = try stage.openTargets(RiskdStage.account)
        let accounts = stage.root.text("config/accounts.yaml")
        let work = administration(stage)
        let id = RiskdStage.account.number
        for refused in [
          work.admitted("pause") { $0.editAccount(id, .init(isEnabled: false)) },
          work.admitted("delete") { $0.deleteAccount(id) },
        ] {
          stage.check(refused.code == .refused, "\(refused)")
          stage.check(refused.complaint.contains("is locked (daily_realized_loss"), "\(refused)")
        }
        stage.check(stage.root.text("config/accounts.yaml") == accounts, "the accounts changed")
        for done in [
          work.admitted("loosen") {
            $0.setRule(
              .dailyRealizedLoss, [("loss_limit", "90000"), ("action", "CLOSE_ALL_POSITIONS")])
          },
          work.admitted("switch") { $0.toggleRule(.dailyRealizedLoss) },
          work.admitted("reset") { $0.resetRule(.dailyRealizedLoss) },
          work.admitted("name") { $0.editAccount(id, .init(nickname: "Mine")) },
        ] {
          stage.check(done.code == .yes, "\(done)")
          stage.check(try stage.openTargets(RiskdStage.account) == targets, "another lockout")
        }
        try stage.stopRiskd()
        let stopped = work.admitted("delete") { $0.deleteAccount(id) }
        stage.check(stopped.code == .refused, "while riskd does not run: \(stopped)")
        let other = work.admitted("delete") { $0.deleteAccount(RiskdStage.otherAccount.number) }
        stage.check(other.output.contains("counts from its next start"), "\(other)")
        try stage.startRiskd()
        stage.check(try stage.openTargets(RiskdStage.account) == targets, "another lockout")
      }
    }
  }
}
