import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing

extension ProcessTests {
  /// The restore drill of ops/RUNBOOK.md, command by command as it stands there.
  @Suite struct RestoreDrillTests {
    private let account = RiskdStage.account
    private let other = RiskdStage.otherAccount

    @Test func `a backup in a fresh root has the same digest, and the lockout stands`() throws {
      try RiskdStage.play { stage in
        try trade(stage)
        let drill = try RestoreDrill(stage)
        var said: [String] = []
        for command in drill.commands {
          let (text, code) = try drill.run(command, stage)
          stage.check(code == 0, "\(command): \(text)")
          said.append(text)
        }
        let digests = said.flatMap { $0.split(separator: "\n") }.filter {
          $0.hasPrefix("same decisions, digest ")
        }
        stage.check(digests.count == 2 && digests.first == digests.last, "\(digests)")
        stage.check(said.count { $0.hasSuffix("\nintact\n") } == 2, "the audit logs: \(said)")
        stage.check(
          said.last?.hasPrefix("\(account)|RULE-003|Today's result is -") == true
            && said.last?.contains("the daily loss limit is 500.00.\n") == true,
          "the lockouts there: \(said.last ?? "")")
        try compare(drill, stage)
        try start(drill, stage)
        stage.checkConduct()
      }
    }

    /// Trades, a decision that is settled, and a lockout.
    private func trade(_ stage: RiskdStage) throws {
      try stage.realizeLoss(of: 40, contracts: 1, account)
      try stage.buy(other, Sample.mes, 4)
      try stage.wait(for: "three contracts") { stage.venue.signedSize(other, Sample.mes) == 3 }
      try stage.lockOut(account)
      let executions = [account, other].reduce(0) { $0 + stage.venue.trades($1).count }
      try stage.wait(for: "everything in the tables") {
        let path = stage.root.database
        let isSettled = try stage.openTargets(other).isEmpty
        let trades = try RawDatabase.number(path, "SELECT count(*) FROM trade_history")
        let locked = try RawDatabase.number(
          path, "SELECT count(*) FROM lockouts WHERE is_locked AND account_id = 1001")
        return isSettled && trades == executions && locked == 1
      }
    }

    /// What counts of a day, row by row.
    private func compare(_ drill: RestoreDrill, _ stage: RiskdStage) throws {
      let copy = drill.folder + "/data/risk_manager.db"
      for table in ["trade_history", "breaches", "lockouts", "enforcement_log", "daily_pnl"] {
        let (left, right) = (try rows(table, stage.root.database), try rows(table, copy))
        stage.check(!left.isEmpty && left == right, "\(table): \(left), restored: \(right)")
      }
      let store = try Store.open(
        path: copy, readOnly: true, inspection: .none, now: StageClock.now())
      defer { try? store.close() }
      let there = try store.openTargets()
      let here = try stage.reading { try $0.openTargets() }
      stage.check(there == here && there.contains(where: \.isLockout), "\(there), \(here)")
    }

    private func rows(_ table: String, _ path: String) throws -> [String] {
      try RawDatabase.rows(path, "SELECT * FROM \(table)")
    }

    /// riskd in the fresh root, while the other one is stopped; then the other one again.
    private func start(_ drill: RestoreDrill, _ stage: RiskdStage) throws {
      var there: RiskdChild?
      defer { _ = try? there?.stop() }
      for command in drill.commandsWhileStopped {
        if command.hasPrefix("systemctl stop ") {
          try stage.stopRiskd()
        } else if command.contains("/riskd --root ") {
          there = try drill.start(command, stage)
          try seeLockout(drill, stage)
        } else if command.hasPrefix("systemctl start ") {
          let end = try there?.stop()
          stage.check(end == .exited(code: 0), "it ended with \(end.map { "\($0)" } ?? "-")")
          try stage.startRiskd()
        } else {
          let (text, code) = try drill.run(command, stage)
          stage.check(code == 0, "\(command): \(text)")
          guard command.contains("riskctl lockouts") else { continue }
          stage.check(
            text.contains("account \(account)") && text.contains("daily_realized_loss: locked"),
            "the lockouts of the riskd there: \(text)")
        }
      }
      stage.check(access(drill.folder, F_OK) != 0, "something is left in \(drill.folder)")
    }

    /// It protects, says what happened to it, and closes out who comes back.
    private func seeLockout(_ drill: RestoreDrill, _ stage: RiskdStage) throws {
      let client = ControlClient(path: drill.folder + "/run/control.sock")
      try stage.wait(for: "the riskd of the drill", atMost: RiskdStage.protectionLimit) {
        guard case .status(let report)? = try? client.ask(.status) else { return false }
        return report.isReady && report.workers.allSatisfy { $0.state == .ready }
      }
      try stage.wait(for: "what it says of the restore") {
        stage.root.text("logs/drill.log").contains("an operator restored ")
      }
      try stage.buy(account, Sample.mnq, 1)
      try stage.wait(for: "a flat account") { stage.isFlat(account) }
      stage.check(stage.venue.signedSize(other, Sample.mes) == 3, "what may be held is gone")
    }
  }
}

/// The commands of the runbook, with the places of a stage instead of those of an installation.
struct RestoreDrill {
  private static let query = "sqlite3 -readonly "
  private static let beginning = "A backup that was never restored is a hope."

  /// The fresh root.
  let folder: String
  /// While riskd runs.
  let commands: [String]
  let commandsWhileStopped: [String]
  private let programs: String

  init(_ stage: RiskdStage) throws {
    let root = stage.root.path
    folder = root + "/backups/drill"
    programs = stage.root.folder.file("programs")
    let page = try StageRoot.checkedIn("ops/RUNBOOK.md")
    guard let start = page.range(of: Self.beginning) else {
      throw StageFailure("the runbook has no drill")
    }
    let section = page[start.lowerBound...].components(separatedBy: "\n## ")[0]
    // The tests have no user riskd, and the files of a stage lie in one folder.
    let places = [
      ("runuser -u riskd -- ", ""), (" -o riskd -g riskd", ""),
      ("/var/lib/risk-manager/", root + "/"), ("/etc/risk-manager/.env", root + "/.env"),
      ("/etc/risk-manager", root + "/config"),
      ("/opt/risk-manager/current/bin", RiskdProgram.folder),
    ]
    func commands(_ kind: String) throws -> [String] {
      let parts = section.components(separatedBy: "```\(kind)\n")
      guard parts.count == 2 else { throw StageFailure("there is not one block \(kind)") }
      let lines = parts[1].components(separatedBy: "```")[0].split(separator: "\n")
      return lines.map { line in
        places.reduce(String(line).components(separatedBy: "  #")[0]) {
          $0.replacing($1.0, with: $1.1)
        }
      }
    }
    self.commands = try commands("sh")
    commandsWhileStopped = try commands("text")
    try install(for: root, stage)
  }

  /// riskctl as it is installed: for the root, unless the command names another one.
  private func install(for root: String, _ stage: RiskdStage) throws {
    let text = try StageRoot.checkedIn("ops/riskctl")
      .replacing("/opt/risk-manager/current/bin", with: RiskdProgram.folder)
      .replacing("/opt/risk-manager", with: root)
    guard mkdir(programs, 0o700) == 0 else { throw StageFailure("\(programs) cannot be made") }
    try stage.root.write("programs/riskctl", text)
    guard chmod(programs + "/riskctl", 0o700) == 0 else { throw StageFailure("chmod") }
  }

  func run(_ command: String, _ stage: RiskdStage) throws -> (text: String, code: Int32?) {
    if command.hasPrefix(Self.query) {
      // sqlite3 may not be installed where the tests run; this is what it prints.
      let parts = command.dropFirst(Self.query.count).split(separator: " ", maxSplits: 1)
      let rows = try RawDatabase.rows(String(parts[0]), String(parts[1].dropFirst().dropLast()))
      return (rows.map { $0 + "\n" }.joined(), 0)
    }
    return try stage.run(["PATH=\(programs):$PATH; \(command)"])
  }

  /// Starts what does not come back by itself.
  func start(_ command: String, _ stage: RiskdStage) throws -> RiskdChild {
    try RiskdChild(
      executable: "/bin/sh", arguments: ["-c", "exec \(command)"],
      log: stage.root.folder.file("logs/drill.log"), venue: stage.venue)
  }
}
