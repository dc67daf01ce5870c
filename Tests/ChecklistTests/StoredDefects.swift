import RiskModel

@testable import Checklist

/// Defects of what is measured, kept and configured.
extension DefectTests {
  private static let now = GoodDay.now

  static let measured = [
    Defect("too much memory", "12", "16", saying: "at most 104.0 MB") {
      $0.measured(\.memory, 104_000_000)
    },
    Defect("memory that grows", "16", saying: "38.2 MB at first and 60.0 MB now") {
      guard var metrics = $0.metrics.value else { return }
      for index in metrics.memory.indices where metrics.memory[index].at >= now - .hours(2) {
        metrics.memory[index].millionths = 60_000_000
      }
      $0.metrics = .seen(metrics)
    },
    Defect("memory that grows slowly", "16", saying: "0.20 MB an hour, and 0.1 may be") {
      guard var metrics = $0.metrics.value else { return }
      for index in metrics.memory.indices {
        metrics.memory[index].millionths += Int64(index) * 200_000 / 60
      }
      $0.metrics = .seen(metrics)
    },
    Defect("a processor that is busy of late", "13", saying: "90.0 % at least lately") {
      guard var metrics = $0.metrics.value else { return }
      for index in metrics.processor.indices.suffix(6) {
        metrics.processor[index].millionths = index.isMultiple(of: 2) ? 95_000_000 : 90_000_000
      }
      for index in metrics.processor.indices.dropLast(6) { metrics.processor[index].millionths = 0 }
      $0.metrics = .seen(metrics)
    },
    Defect("a busy processor", "13", saying: "7.5 % on average") {
      $0.measured(\.processor, 7_500_000)
    },
    Defect("slow events", "20", saying: "0 of 1440 minutes below 10 ms, the worst 12.0 ms") {
      $0.measured(\.latency, 12_000_000)
    },
    Defect(
      "very slow events", "20", "rollback.latency",
      saying: "0 of 1440 minutes below 10 ms, the worst 120.0 ms"
    ) {
      $0.measured(\.latency, 120_000_000)
    },
    Defect(
      "metrics that ended", "12", "13", "day.metrics", saying: "the last memory_usage_mb is of"
    ) {
      guard var metrics = $0.metrics.value else { return }
      metrics.memory.removeLast(20)
      metrics.processor.removeLast(20)
      $0.metrics = .seen(metrics)
    },
    Defect("an hour with four slow minutes", "rollback.latency", saying: "57 of 61 minutes within")
    {
      $0.slowed(last: 4)
    },
    Defect("a small machine", "pre.memory", saying: "1900 MB") {
      $0.machine.memoryMegabytes = 1_900
    },
    Defect("a full disk", "pre.disk", saying: "400 MB free") { $0.machine.freeMegabytes = 400 },
  ]

  static let kept = [
    Defect("a large database", "17", saying: "140.0 MB") {
      $0.database = .seen(
        DatabaseFacts(version: 2, problems: [], bytes: 140_000_000, positions: 0))
    },
    Defect(
      "a missing table", "pre.database", "day.database", "rollback.data",
      saying: "missing table: orders"
    ) {
      $0.database = .seen(
        DatabaseFacts(version: 2, problems: ["missing table: orders"], bytes: 1, positions: 0))
    },
    Defect("a large audit log", "17", saying: "3.4 MB, and 97.0 MB of the audit log") {
      $0.audit = .seen(AuditFacts(records: 9, findings: [], bytes: 97_000_000))
    },
    Defect("rows that are too old", "day.retention", saying: "too old: 1 row of daily_pnl, 7 rows")
    {
      $0.database = .seen(
        DatabaseFacts(
          version: 2, problems: [], bytes: 1, positions: 0,
          overdue: ["orders": 7, "daily_pnl": 1]))
    },
    Defect("logs that were not rotated", "18", saying: "no daemon.log was put aside") {
      $0.logs { $0.removeAll { $0.name == "daemon.log.1" } }
    },
    Defect("a log of another day", "18", saying: "and not to midnight at 2026-11-23 06:00:00") {
      $0.logs { $0[1].last = now - .hours(30) }
    },
    Defect("a log that was put aside at noon", "18", saying: "nothing that was put aside ends") {
      $0.logs { $0[1].last = now - .hours(1) }
    },
    Defect("a log that goes on over midnight", "18", saying: "and no file begins at midnight") {
      $0.logs { $0[0].first = GoodDay.midnight - .hours(1) }
    },
    Defect("a log that cannot be read", "18", saying: "errors.log.1 cannot be read: it has no") {
      $0.logs { $0[2].problem = "it has no records" }
    },
    Defect("no backup", "pre.backup", "day.backup", "rollback.backup", saying: "there is no backup")
    {
      $0.backups = .seen(BackupFacts(count: 0, newest: nil, problem: nil))
    },
    Defect("an old backup", "pre.backup", "day.backup", "rollback.backup", saying: "too old") {
      $0.backups = .seen(BackupFacts(count: 1, newest: now - .hours(60), problem: nil))
    },
    Defect("a damaged backup", "pre.backup", "day.backup", "rollback.backup", saying: "damaged") {
      $0.backups = .seen(BackupFacts(count: 1, newest: now - .hours(6), problem: "damaged"))
    },
    Defect("a changed record", "day.audit", "rollback.security", saying: "record 7 was changed") {
      $0.audit = .seen(AuditFacts(records: 9, findings: ["record 7 was changed"]))
    },
    Defect("no release to go back to", "rollback.release", saying: "none is kept") {
      $0.previousRelease = .seen("")
    },
    Defect(
      "an open database", "pre.modes", "day.modes",
      saying: "data/risk_manager.db has 644 and wants 600"
    ) {
      $0.modes["data/risk_manager.db"] = 0o644
    },
    Defect("a log folder that others may write", "pre.modes", "day.modes", saying: "logs has 777") {
      $0.modes["logs"] = 0o777
    },
    Defect("a missing folder", "pre.folders", saying: "missing: backups/") {
      $0.modes["backups"] = nil
    },
  ]

  static let configured = [
    Defect("a development switch", "pre.production", saying: "on: development.devMode") {
      $0.configured { $0.developmentSwitches = ["development.devMode"] }
    },
    Defect("a plain address", "pre.encryption", saying: "http://10.0.0.1") {
      $0.configured { $0.plainAddresses = ["http://10.0.0.1"] }
    },
    Defect("no password", "pre.secrets", "7", saying: "ADMIN_PASSWORD_HASH is missing") {
      $0.configured { $0.hasAdministratorPassword = false }
    },
    Defect("eight alert rules", "pre.monitoring", saying: "8 alert rules") {
      $0.configured { $0.alertRules = 8 }
    },
    Defect("no rotation", "pre.logging", saying: "not rotated") {
      $0.configured { $0.rotatesAtMidnight = false }
    },
    Defect("four log files", "pre.logging", saying: "4 files") {
      $0.logFiles = .seen(Array(GoodDay.logFiles.dropLast()))
    },
    Defect("a log that others may write", "pre.logging", saying: "logs/api.log has mode 666") {
      $0.log("api") { $0.mode = 0o666 }
    },
    Defect("a log that nobody may write", "pre.logging", saying: "logs/api.log has mode 444") {
      $0.log("api") { $0.mode = 0o444 }
    },
    Defect("a link in the place of a log", "pre.logging", saying: "errors.log is not a file") {
      $0.log("errors") {
        $0.mode = 0o777
        $0.isFile = false
      }
    },
    Defect(
      "a log in a folder that is missing", "pre.logging",
      saying: "the folder of logs/alerts.log is missing"
    ) {
      $0.log("alerts") { $0.folderMode = nil }
    },
    Defect(
      "a folder of logs that others may write", "pre.logging",
      saying: "the folder of logs/daemon.log has mode 777"
    ) {
      $0.log("daemon") { $0.folderMode = 0o777 }
    },
    Defect(
      "a log that leaves out what is looked for", "pre.logging",
      saying: "daemon leaves out what is below ERROR"
    ) {
      $0.log("daemon") {
        $0.level = "ERROR"
        $0.isTooQuiet = true
      }
    },
    Defect(
      "no record while riskd runs", "pre.logging",
      saying: "the last record in logs/daemon.log is "
    ) {
      $0.log("daemon") { $0.changed = GoodDay.now - .seconds(121) }
    },
    Defect(
      "no log while riskd runs", "pre.logging",
      saying: "riskd runs, and there is no logs/daemon.log"
    ) {
      $0.log("daemon") {
        $0.mode = nil
        $0.changed = nil
      }
    },
    Defect("a secret in a log", "pre.exposure", saying: "a secret in logs/api.log") {
      $0.exposedSecrets = .seen(["logs/api.log"])
    },
  ]
}

extension ChecklistFacts {
  fileprivate mutating func measured(
    _ course: WritableKeyPath<MetricFacts, [MetricFacts.Sample]>, _ value: Int64
  ) {
    guard var metrics = metrics.value else { return }
    for index in metrics[keyPath: course].indices {
      metrics[keyPath: course][index].millionths = value
    }
    self.metrics = .seen(metrics)
  }

  fileprivate mutating func slowed(last minutes: Int) {
    guard var metrics = metrics.value else { return }
    for index in metrics.latency.indices.suffix(minutes) {
      metrics.latency[index].millionths = 600_000_000
    }
    self.metrics = .seen(metrics)
  }
}
