import AuditLog
import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing
import Workers

extension ProcessTests {
  /// What becomes of the protection when the database does not.
  @Suite struct DatabaseLossTests {
    private let account = RiskdStage.account

    /// Spoils everything behind the first page.
    private func damage(_ path: String) throws {
      let file = open(path, O_RDWR)
      guard file >= 0 else { throw StageFailure("\(path) cannot be written") }
      defer { close(file) }
      let junk = [UInt8](repeating: 0xA5, count: 65_536)
      guard pwrite(file, junk, junk.count, 4_096) == junk.count else {
        throw StageFailure("\(path) cannot be written")
      }
    }

    @Test func `a lockout outlives a damaged database`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        let targets = try stage.openTargets(account)
        let backup = DatabaseCommands(root: stage.root.path).backUp()
        stage.check(backup.code == .yes, "\(backup)")
        try stage.stopRiskd()
        try damage(stage.root.database)
        try stage.startRiskd()
        stage.check(try stage.openTargets(account) == targets, "the lockout is not the same")
        stage.check(!stage.logLines("The database is lost").isEmpty, "nothing is said")
        stage.check(
          !stage.logLines("reconciled with the venue").isEmpty, "it is not reconciled")
        try stage.buy(account, Sample.mnq, 1)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        stage.check(
          DatabaseCommands(root: stage.root.path).verify().output
            == "Schema v2, all tables present\n", "the tables are not there")
        try stage.stopRiskd()
        let replay = JournalReplay.verify(root: stage.root.path, asJSON: false)
        stage.check(replay.code == .yes, "\(replay)")
        let audit = AuditCommands.verify(root: stage.root.path)
        stage.check(audit.code == .yes, "\(audit)")
        for what in [
          "riskd.started", "lockout.begun", "db.backup", "record.lost", "record.reconciled",
          "riskd.stopped",
        ] {
          stage.check(stage.root.text("data/audit.log").contains(what), "no \(what) in the log")
        }
        stage.checkConduct()
      }
    }

    @Test func `without any backup what is held is not added to until the venue was read`() throws {
      try RiskdStage.play { stage in
        try stage.buy(account, Sample.mes, 1)
        try stage.wait(for: "the position in the journal") {
          !stage.logLines("position \(Sample.mes) 1").isEmpty
        }
        try stage.realizeLoss(of: 80, contracts: 1, account)
        try stage.stopRiskd()
        try damage(stage.root.database)
        try stage.startRiskd()
        stage.check(stage.venue.signedSize(account, Sample.mes) == 1, "the start closed something")
        stage.check(
          !stage.logLines("new exposure is barred").isEmpty, "new exposure is not barred")
        // The loss of the day is known again from the venue: little more is too much.
        try stage.realizeLoss(of: 180, contracts: 1, account)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        stage.checkConduct()
      }
    }

    @Test func `the tables say what the account holds and did`() throws {
      try RiskdStage.play { stage in
        try stage.buy(account, Sample.mes, 1)
        try stage.realizeLoss(of: 50, contracts: 1, account)
        try stage.wait(for: "the tables") {
          try stage.reading { store in
            try store.count(of: "positions") == 1 && store.count(of: "trade_history") == 3
              && store.count(of: "orders") >= 1 && store.count(of: "daily_pnl") == 2
              && store.count(of: "reset_schedule") == 2 && store.count(of: "session_state") == 2
              && store.count(of: "daily_unrealized_pnl") == 2
              && store.count(of: "contract_cache") >= 1 && store.count(of: "lockouts") == 2
          }
        }
        try stage.kill(.evaluator)
        try stage.awaitProtection()
        try stage.sell(account, Sample.mes, 1)
        try stage.wait(for: "no position in the tables") {
          try stage.reading { try $0.count(of: "positions") == 0 }
        }
      }
    }

    @Test func `folders that others may look into keep riskd from starting`() throws {
      var options = StageOptions()
      options.awaitsProtection = false
      try RiskdStage.play(options) { stage in
        try stage.wait(for: "every worker is ready") { stage.isProtecting }
        try stage.stopRiskd()
        chmod(stage.root.folder.file("data"), 0o755)
        let child = try RiskdChild(root: stage.root, log: stage.root.log, venue: stage.venue)
        let end = try child.end(within: .seconds(20))
        stage.check(end == .exited(code: 78), "it ended with \(end.map { "\($0)" } ?? "nothing")")
        stage.check(!stage.logLines("run chmod 700 data").isEmpty, "it does not say what to do")
      }
    }
  }
}
