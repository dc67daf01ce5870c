import Foundation
import Glibc
import RiskModel
import Supervision

/// One thing that is wrong with a day, and the line of the checklist that has to say so.
struct DayDefect: Sendable {
  var what: String
  var line: String
  var make: @Sendable (inout RecordedDay.Copy) throws -> Void

  init(
    _ what: String, turns line: String,
    make: @escaping @Sendable (inout RecordedDay.Copy) throws -> Void
  ) {
    self.what = what
    self.line = line
    self.make = make
  }

  static let all = logged + measured + kept

  private static let logged = [
    DayDefect("the token was not refreshed", turns: "14") { day in
      var isScheduled = false
      try day.changeLog { line in
        if line.contains("Token refreshed successfully") { return nil }
        guard line.contains("Token refresh scheduled") else { return line }
        defer { isScheduled = true }
        return isScheduled ? nil : line
      }
    },
    DayDefect("no daily reset", turns: "15") { day in
      try day.changeLog { $0.contains("Daily reset") ? nil : $0 }
    },
    DayDefect("the logs were not rotated", turns: "18") { day in
      let names = try FileManager.default.contentsOfDirectory(atPath: day.file("logs"))
      let archives = names.filter { $0.contains(".log.") }.sorted(by: >)
      guard !archives.isEmpty else { throw StageFailure("no log was rotated") }
      var text = ""
      for name in archives {
        let path = day.file("logs/\(name)")
        if name.hasPrefix("daemon.log.") {
          text += try String(contentsOfFile: path, encoding: .utf8)
        }
        unlink(path)
      }
      let log = day.file("logs/daemon.log")
      text += try String(contentsOfFile: log, encoding: .utf8)
      try text.write(toFile: log, atomically: false, encoding: .utf8)
    },
    DayDefect("a worker died", turns: "19") { day in
      guard var death = day.authority.history.last else { throw StageFailure("no history") }
      death.event = .death
      death.worker = .evaluator
      death.isCounted = true
      day.authority.history.append(death)
    },
    DayDefect("a health check fails", turns: "day.health") { day in
      try day.changeLog {
        $0.replacing("Health check passed", with: "Health check failed: disk_space")
      }
    },
    DayDefect("the health was not checked at night", turns: "day.health") { day in
      var checks = 0
      try day.changeLog { line in
        guard line.contains("Health check") else { return line }
        checks += 1
        return (700..<1_800).contains(checks) ? nil : line
      }
    },
  ]

  private static let measured = [
    DayDefect("too much memory", turns: "16") { day in
      try day.changeMetrics("UPDATE metrics SET value = 120 WHERE name = 'memory_usage_mb'")
    },
    DayDefect("slow events", turns: "20") { day in
      try day.changeMetrics(
        "UPDATE metrics SET value = 25 WHERE name = 'event_processing_latency_p95'")
    },
    DayDefect("the metrics stopped for eight hours", turns: "day.metrics") { day in
      try day.changeMetrics(
        """
        DELETE FROM metrics WHERE ts BETWEEN
          (SELECT max(ts) - 12 * 3600000 FROM metrics) AND
          (SELECT max(ts) - 4 * 3600000 FROM metrics)
        """)
    },
  ]

  private static let kept = [
    DayDefect("a database that grew", turns: "17") { day in
      try day.changeDatabase("INSERT INTO meta VALUES ('ballast', zeroblob(110000000))")
    },
    DayDefect("a table is missing", turns: "day.database") { day in
      try day.changeDatabase("DROP TABLE session_state")
    },
    DayDefect("old rows were not deleted", turns: "day.retention") { day in
      try day.changeDatabase(DayDefect.oldRows)
    },
    DayDefect("an old input was not deleted", turns: "day.retention") { day in
      try day.changeDatabase(
        """
        UPDATE journal SET at = 1580000000000000000
          WHERE ordinal = (SELECT min(ordinal) FROM journal)
        """)
    },
    DayDefect("no backup", turns: "day.backup") { day in
      for name in try FileManager.default.contentsOfDirectory(atPath: day.file("backups")) {
        unlink(day.file("backups/\(name)"))
      }
    },
    DayDefect("a record of the audit log was changed", turns: "day.audit") { day in
      let path = day.file("data/audit.log")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let changed = text.replacing("evaluator.started", with: "evaluator.Started")
      guard changed != text else { throw StageFailure("no start of an evaluator is recorded") }
      try changed.write(toFile: path, atomically: false, encoding: .utf8)
    },
    DayDefect("others may read the database", turns: "day.modes") { day in
      guard chmod(day.file("data/risk_manager.db"), 0o644) == 0 else {
        throw StageFailure("chmod")
      }
    },
  ]

  /// Of every table that is cleared, rows of the year 2020.
  static let oldRows = """
    INSERT INTO orders (id, account_id, contract_id, type, side, size, state, created_at, updated_at)
      VALUES (900001, 1001, 'CON.F.US.MNQ.H20', 2, 0, 1, 2, 1580000000000000000, 1580000000000000000);
    INSERT INTO trade_history (account_id, timestamp, contract_id, created_at, trade_id)
      VALUES (1001, 1580000000000000000, 'CON.F.US.MNQ.H20', 1580000000000000000, 900001);
    INSERT INTO enforcement_log (timestamp, account_id, action)
      VALUES (1580000000000000000, 1001, 'close');
    INSERT INTO daily_pnl (account_id, date, last_updated)
      VALUES (1001, '2020-01-26', 1580000000000000000);
    INSERT INTO daily_unrealized_pnl (account_id, day, positions_count, created_at)
      VALUES (1001, '2020-01-26', 0, 1580000000000000000);
    """
}

extension RecordedDay.Copy {
  fileprivate func changeMetrics(_ sql: String) throws {
    try RawDatabase.change(file("data/metrics.db"), sql)
  }

  fileprivate func changeDatabase(_ sql: String) throws {
    try RawDatabase.change(file("data/risk_manager.db"), sql)
  }
}
