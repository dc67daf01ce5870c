import RiskModel

extension Checklist {
  private static let span = TimeSpan.hours(24)

  /// What has to have gone on all day, beside the specification's numbers.
  static let allDay = [
    Check(
      "day.health", .day, "The health was checked all day, and was good",
      command: "grep -c 'Health check' logs/daemon.log*", health),
    Check(
      "day.metrics", .day, "The metrics were recorded all day",
      command: "riskctl metrics analyze --last-24h", metrics),
    Check(
      "day.backup", .day, "A backup of the day is there, and whole", command: "ls -l backups"
    ) { facts in
      // The first one is made soon after the start.
      if let backups = facts.backups.value, backups.newest == nil, let begin = facts.startedAt,
        facts.now - begin < .hours(1)
      {
        return .early("there is no backup yet")
      }
      return newestBackup(facts)
    },
    Check(
      "day.retention", .day, "What is older than its retention is gone",
      command: "sqlite3 -readonly data/risk_manager.db \"SELECT date(min(at) / 1000000000, "
        + "'unixepoch') FROM journal\""
    ) { facts in
      facts.database.judged { database in
        let rows = database.overdue.sorted { $0.key < $1.key }
        guard rows.isEmpty else {
          return .fail(
            "too old: "
              + rows.map { counted($0.value, "row") + " of \($0.key)" }
              .joined(separator: ", "))
        }
        return Finding.pass("nothing too old")
          .holding(since: facts.startedAt, for: Self.span, at: facts.now)
      }
    },
    Check(
      "day.database", .day, "The database is whole", command: "riskctl db verify"
    ) { facts in facts.database.judged(schema) },
    Check(
      "day.audit", .day, "The audit log is whole", command: "riskctl audit verify", auditLog),
    Check(
      "day.modes", .day, "Secrets, database and token are still for their owner only",
      command: "stat -c '%a %n' config data logs .env config/* data/*", modes),
  ]

  private static func health(_ facts: ChecklistFacts) -> Finding {
    configured(facts) { settings in
      facts.daemonLog.judged { log in
        guard settings.checksHealth else { return .fail("the health is not checked") }
        guard let begin = facts.startedAt else { return startUnknown }
        let window = max(begin, facts.now - Self.span)
        let span = facts.now - window
        let interval = settings.healthInterval
        let due = Int(span.nanos / max(1, interval.nanos))
        let count = log[.healthCheck].count(since: window)
        let failed = log[.healthCheckFailed].count(since: window)
        let text = "\(counted(count, "check")) in \(span.inWords), \(failed) of them failed"
        guard due >= 3 else { return .early(text) }
        guard let last = log[.healthCheck].last,
          facts.now - last <= interval * 3 + facts.civilSecond
        else { return .fail("\(text); none of late") }
        guard log[.healthCheckFailed].last != last else {
          return .fail("\(text); the latest: \(log[.healthCheckFailed].text)")
        }
        guard count * 10 >= due * 8 else { return .fail("\(text); \(due) are due") }
        guard failed * 20 <= count else {
          return .fail("\(text), the latest: \(log[.healthCheckFailed].text)")
        }
        return Finding.pass(text).holding(since: begin, for: Self.span, at: facts.now)
      }
    }
  }

  private static func metrics(_ facts: ChecklistFacts) -> Finding {
    configured(facts) { settings in
      facts.metrics.judged { metrics in
        guard settings.metrics > 0 else { return .fail("no metric is recorded") }
        guard let begin = facts.startedAt else { return startUnknown }
        let window = max(begin, facts.now - Self.span)
        let span = facts.now - window
        let due = Int(span.nanos / max(1, settings.metricsInterval.nanos))
        let samples = metrics.memory.since(window)
        let text = "\(counted(samples.count, "round")) in \(span.inWords)"
        guard due >= 3 else { return .early(text) }
        guard let last = samples.last,
          facts.now - last.at <= .minutes(5) + facts.civilSecond
        else { return .fail("\(text); none of late") }
        guard samples.count * 10 >= due * 8 else { return .fail("\(text); \(due) are due") }
        return Finding.pass(text).holding(since: begin, for: Self.span, at: facts.now)
      }
    }
  }
}
