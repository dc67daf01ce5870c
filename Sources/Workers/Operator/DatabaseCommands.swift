import AuditLog
package import ControlPlane
import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import Settings
import Store

/// `riskctl db …`.
///
/// What changes the file refuses while riskd runs: it holds the instance lock meanwhile.
package struct DatabaseCommands {
  private let root: String
  private let settings: DatabaseSettings?
  private let clock = SystemClock()

  /// Works with the database that the configuration names, or with the standard one where the
  /// configuration cannot be read.
  package init(root: String) {
    self.root =
      realpath(root, nil).map { path in
        defer { free(path) }
        return String(cString: path)
      } ?? root
    let environment = ProcessInfo.processInfo.environment
    if case .accepted(let settings, _, _) = SettingsLoader.load(
      root: self.root, environment: environment)
    {
      self.settings = settings.database
    } else {
      settings = nil
    }
  }

  private func absolute(_ name: String) -> String {
    name.hasPrefix("/") ? name : "\(root)/\(name)"
  }

  private var path: String { absolute(settings?.path ?? "data/risk_manager.db") }
  private var backups: BackupFolder {
    BackupFolder(path: absolute(settings?.backup.directory ?? "backups"))
  }
  private var keep: Int { Int(settings?.backup.keepCount ?? 7) }

  /// Makes an empty database; never touches one that exists.
  package func initialize() -> CommandOutcome {
    changing("db.init") {
      guard access(path, F_OK) != 0 else {
        throw Refusal(
          .refused, "\(path) exists; nothing was changed. riskctl db verify looks at it")
      }
      try Store.open(path: path, now: clock.now()).close()
      DatabaseFile.giveAway(path)
      return "\(path): schema v\(Store.schemaVersion), empty\n"
    }
  }

  /// Brings a database of version 1 to version 2.
  package func migrate(from: Int, to: Int) -> CommandOutcome {
    changing("db.migrate") {
      guard from == 1, to == Store.schemaVersion else {
        throw Refusal(.environment, "there is a migration from version 1 to version 2 only")
      }
      let outcome = try Migration.run(
        path, from: from, backups: backups, keep: keep, at: clock.now(),
        clock: { clock.monotonicNow() })
      switch outcome {
      case .alreadyThere:
        return "\(path) has schema version \(to) already; nothing was done\n"
      case .migrated(let backup, let rows, let lockouts):
        let found = try DatabaseVerification(path)
        guard found.problems.isEmpty else { throw Refusal(.no, found.text) }
        return "backup: \(backup)\nmigrated \(rows) rows, \(lockouts) lockouts stand\n"
          + found.text
      }
    }
  }

  /// Looks at pages, tables, columns and indexes; riskd may be running.
  package func verify() -> CommandOutcome {
    do throws(StoreError) {
      let found = try DatabaseVerification(path)
      return CommandOutcome(found.problems.isEmpty ? .yes : .no, output: found.text)
    } catch {
      return CommandOutcome(.no, complaint: "riskctl: \(error)\n")
    }
  }

  /// Copies the database; riskd may be running.
  package func backUp() -> CommandOutcome {
    recorded("db.backup") {
      let file = try backups.make(from: path, at: clock.now(), keep: keep, label: "manual")
      return "\(file)\n"
    }
  }

  /// Puts a backup in the place of the database, which is set aside.
  package func restore(_ name: String) -> CommandOutcome {
    changing("db.restore") {
      let file = name.contains("/") || name.hasSuffix(".db") ? name : backups.file(stamp: name)
      let version = try DatabaseFile.inspect(file)
      guard version == Store.schemaVersion else {
        throw Refusal(.no, "\(file) has schema version \(version); nothing was changed")
      }
      var text = ""
      if access(path, F_OK) == 0 {
        let aside = try DatabaseFile.setAside(path, as: "replaced", at: clock.now())
        text = "set aside: \(aside)\n"
      }
      try DatabaseFile.copy(from: file, to: path)
      let found = try DatabaseVerification(path)
      try noteRestore(of: file)
      return text + "restored: \(file)\n" + found.text
    }
  }

  /// Rewrites the file without its free pages.
  package func vacuum() -> CommandOutcome {
    changing("db.vacuum") {
      let (before, after) = try DatabaseFile.vacuum(path)
      return "\(path): \(before) bytes before, \(after) after, integrity ok\n"
    }
  }

  /// What came after the backup is lost: the evaluator has to read the venue again, and says so.
  private func noteRestore(of file: String) throws {
    let store = try Store.open(path: path, now: clock.now())
    try store.setMeta([DatabaseOpening.restoredName: "an operator restored \(file)"])
    try store.close()
    DatabaseFile.giveAway(path)
  }

  /// Why a command does nothing.
  private struct Refusal: Error {
    var code: CommandOutcome.Code
    var text: String

    init(_ code: CommandOutcome.Code, _ text: String) {
      self.code = code
      self.text = text
    }
  }

  private func changing(_ what: String, _ body: () throws -> String) -> CommandOutcome {
    do throws(ProcessControlError) {
      if mkdir(root + "/run", 0o750) != 0, errno != EEXIST {
        return CommandOutcome(
          .environment, complaint: "riskctl: \(root)/run: \(String(cString: strerror(errno)))\n")
      }
      let lock = try InstanceLock.acquire(root: root)
      defer { lock.release() }
      return recorded(what, body)
    } catch .lockHeld(_, let holder) {
      let pid = holder.map { " (process \($0))" } ?? ""
      return CommandOutcome(
        .refused, complaint: "riskctl: riskd is running\(pid); stop it first\n")
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  /// Runs a command, and puts it and what came of it into the audit log.
  private func recorded(_ what: String, _ body: () throws -> String) -> CommandOutcome {
    var outcome: CommandOutcome
    do {
      outcome = CommandOutcome(.yes, output: try body())
    } catch let refusal as Refusal {
      outcome = CommandOutcome(refusal.code, complaint: "riskctl: \(refusal.text)\n")
    } catch {
      outcome = CommandOutcome(.no, complaint: "riskctl: \(error)\n")
    }
    do throws(AuditError) {
      try AuditLog(path: absolute(AuditLog.standardName)).append([
        AuditEntry(
          at: clock.now(), who: "riskctl uid \(getuid())", what: what,
          detail: ["code": "\(outcome.code.rawValue)", "text": outcome.output + outcome.complaint])
      ])
    } catch {
      outcome.complaint += "riskctl: the audit log does not know of this: \(error)\n"
    }
    return outcome
  }
}
