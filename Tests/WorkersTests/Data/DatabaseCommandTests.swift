import AuditLog
import ControlPlane
import Foundation
import Glibc
import Logging
import ProcessControl
import RiskModel
import RiskTestKit
import Settings
import Store
import Supervision
import Testing

@testable import Workers

/// `riskctl db` and `riskctl audit` on a root of their own, with the standard paths.
@Suite struct DatabaseCommandTests {
  private final class Root {
    let folder = TemporaryFolder("commands")
    var database: String { folder.file("data/risk_manager.db") }
    var log: AuditLog { AuditLog(path: folder.file(AuditLog.standardName)) }

    init() {
      mkdir(folder.file("data"), 0o700)
    }

    var commands: DatabaseCommands { DatabaseCommands(root: folder.path) }

    deinit { folder.remove() }
  }

  private let root = Root()

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test func `init makes a private database once`() {
    let outcome = root.commands.initialize()
    #expect(outcome.code == .yes, "\(outcome)")
    #expect(mode(root.database) == 0o600)
    #expect(
      root.commands.verify() == CommandOutcome(.yes, output: "Schema v2, all tables present\n"))
    let again = root.commands.initialize()
    #expect(again.code == .refused)
    #expect(again.complaint.contains("exists; nothing was changed"))
  }

  @Test func `verify says what is missing`() {
    let outcome = root.commands.verify()
    #expect(outcome.code == .no)
    #expect(outcome.complaint == "riskctl: \(root.database) does not exist\n")
  }

  @Test func `a backup is restored over what came later`() throws {
    #expect(root.commands.initialize().code == .yes)
    var store = try Store.open(path: root.database, now: Sample.morning)
    try store.setMeta(["note": "early"])
    let backup = root.commands.backUp()
    #expect(backup.code == .yes, "\(backup)")
    let file = backup.output.trimmingCharacters(in: .newlines)
    #expect(mode(file) == 0o600)
    try store.setMeta(["note": "late"])
    try store.close()
    let name = String(file.dropFirst(root.folder.file("backups/risk_manager_").count).dropLast(3))
    let restored = root.commands.restore(name)
    #expect(restored.code == .yes, "\(restored)")
    #expect(restored.output.hasSuffix("Schema v2, all tables present\n"))
    #expect(restored.output.contains(".replaced_"))
    store = try Store.open(path: root.database, now: Sample.morning)
    #expect(try store.meta("note") == "early")
    #expect(try store.meta(DatabaseOpening.restoredName)?.contains(file) == true)
    try store.close()
    let missing = root.commands.restore("20200101_000000")
    #expect(missing.code == .no)
    #expect(root.commands.verify().code == .yes)
  }

  @Test func `what is no backup is not restored`() throws {
    #expect(root.commands.initialize().code == .yes)
    let file = root.folder.file("nothing.db")
    #expect(FileManager.default.createFile(atPath: file, contents: Data("nothing".utf8)))
    let outcome = root.commands.restore(file)
    #expect(outcome.code == .no)
    #expect(outcome.complaint.contains("is damaged"))
    #expect(root.commands.verify().code == .yes)
  }

  @Test func `migrate does nothing where there is nothing to do, and knows one way only`() {
    #expect(root.commands.initialize().code == .yes)
    let outcome = root.commands.migrate(from: 1, to: 2)
    #expect(outcome.code == .yes)
    #expect(outcome.output.contains("already; nothing was done"))
    #expect(root.commands.migrate(from: 2, to: 3).code == .environment)
  }

  @Test func `vacuum tells the sizes`() {
    #expect(root.commands.initialize().code == .yes)
    let outcome = root.commands.vacuum()
    #expect(outcome.code == .yes)
    #expect(outcome.output.contains("integrity ok"))
  }

  @Test func `what changes the file refuses while riskd runs`() throws {
    #expect(root.commands.initialize().code == .yes)
    let lock = try InstanceLock.acquire(path: root.folder.file("run/riskd.lock"))
    defer { lock.release() }
    for outcome in [
      root.commands.initialize(), root.commands.migrate(from: 1, to: 2),
      root.commands.restore("20200101_000000"), root.commands.vacuum(),
    ] {
      #expect(outcome.code == .refused)
      #expect(outcome.complaint.contains("riskd is running"))
    }
    #expect(root.commands.backUp().code == .yes)
    #expect(root.commands.verify().code == .yes)
  }

  @Test func `every command is in the audit log, and what is done to the log is found`() throws {
    #expect(root.commands.initialize().code == .yes)
    #expect(root.commands.initialize().code == .refused)
    #expect(root.commands.backUp().code == .yes)
    let intact = AuditCommands.verify(root: root.folder.path)
    #expect(intact.code == .yes)
    #expect(intact.output.hasPrefix("3 records"))
    #expect(intact.output.hasSuffix("intact\n"))
    let head = try #require(try root.log.head())
    let store = try Store.open(path: root.database, now: Sample.morning)
    try store.setMeta([Bookkeeping.auditHeadName: head.description])
    try store.close()
    let path = root.log.path
    let right = try #require(FileManager.default.contents(atPath: path))
    let lines = String(decoding: right, as: UTF8.self).split(separator: "\n")
    #expect(lines[0].contains("db.init") && lines[2].contains("db.backup"))
    #expect(lines[1].contains("\"code\":\"4\""))
    func put(_ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let outcome = AuditCommands.verify(root: root.folder.path)
      #expect(outcome.code == .no, "\(text)")
    }
    try put(lines.prefix(2).map { $0 + "\n" }.joined())
    #expect(
      AuditCommands.verify(root: root.folder.path).complaint
        == "the log ends with record 2; the database knows of record 3\n")
    try put(String(decoding: right, as: UTF8.self).replacing("db.init", with: "db.vacuum"))
    #expect(
      AuditCommands.verify(root: root.folder.path).complaint
        == "line 1: record 1 was changed\nline 2: record 2 was changed\n")
    unlink(root.database)
    try right.write(to: URL(fileURLWithPath: path))
    let alone = AuditCommands.verify(root: root.folder.path)
    #expect(alone.code == .no)
    #expect(alone.complaint.hasPrefix("whether the end was cut cannot be seen: "))
  }

  @Test func `an audit log that cannot be written is said`() {
    mkdir(root.log.path, 0o700)
    let outcome = root.commands.initialize()
    #expect(outcome.code == .yes)
    #expect(outcome.complaint.contains("the audit log does not know of this"))
    #expect(AuditCommands.verify(root: root.folder.path).code == .environment)
  }

  @Test func `the supervisor's life and commands to it are recorded, its routine is not`() throws {
    let audit = SupervisorAudit(root: root.folder.path, logger: Logger(label: "test"))
    let moment = Moment(
      monotonic: MonotonicInstant(nanos: 0), boot: BootInstant(nanos: 0), civil: Sample.morning)
    let events: [HistoryEntry.Event] = [
      .supervisorStarted, .workerStarted, .restartAsked, .death, .crashLoop, .safeModeEnded,
      .stopAsked, .stopped,
    ]
    for event in events {
      audit.record(HistoryEntry(at: moment, event, worker: .gateway, text: event.rawValue))
    }
    for event in [HistoryEntry.Event.reloadAccepted, .reloadRefused] {
      audit.record(HistoryEntry(at: moment, event, by: "uid 7 (anna), pid 9", text: "as asked"))
    }
    audit.finish()
    let found = try AuditVerification(root.log, known: nil)
    #expect(found.isIntact)
    #expect(found.records == 8)
    let text = try String(contentsOfFile: root.log.path, encoding: .utf8)
    for what in ["configuration.reload.accepted", "configuration.reload.refused"] {
      #expect(text.contains(#""what":"\#(what)","who":"uid 7 (anna), pid 9""#))
    }
  }
}

@Suite struct DataModesTests {
  private let folder = TemporaryFolder("modes")

  private func problems() -> [ConfigurationProblem] {
    DataModes.problems(
      root: folder.path,
      DatabaseSettings(
        path: "data/risk_manager.db", busyTimeout: .seconds(1), synchronous: .normal,
        retention: .init(
          dailyUnrealizedPnlDays: 7, enforcementLogDays: 30, orderHistoryDays: 90,
          tradeHistoryDays: 365, journalDays: 7),
        backup: .init(isEnabled: true, interval: .seconds(60), directory: "backups/", keepCount: 7))
    )
  }

  @Test func `what others may look into is refused, each with its remedy`() {
    defer { folder.remove() }
    #expect(problems().isEmpty)
    for name in ["data", "backups"] { mkdir(folder.file(name), 0o700) }
    for name in ["risk_manager.db", "risk_manager.db-wal", "audit.log", "tokens.enc"] {
      close(open(folder.file("data/" + name), O_CREAT | O_WRONLY, 0o600))
    }
    #expect(problems().isEmpty)
    chmod(folder.file("data"), 0o750)
    chmod(folder.file("backups"), 0o755)
    chmod(folder.file("data/risk_manager.db"), 0o640)
    chmod(folder.file("data/audit.log"), 0o604)
    chmod(folder.file("data/tokens.enc"), 0o620)
    #expect(
      problems().map(\.description).sorted() == [
        "backups: has mode 755, so others may look into it; run chmod 700 backups",
        "data/audit.log: has mode 604, so others may look into it; run chmod 600 data/audit.log",
        "data/risk_manager.db: has mode 640, so others may look into it; "
          + "run chmod 600 data/risk_manager.db",
        "data/tokens.enc: has mode 620, so others may look into it; run chmod 600 data/tokens.enc",
        "data: has mode 750, so others may look into it; run chmod 700 data",
      ])
  }
}
