import RiskModel

extension Checklist {
  private static let wholeDay = TimeSpan.hours(24)
  private static let memoryLimit: Int64 = 100_000_000
  /// 0.1 MB an hour.
  private static let slopeLimit: Int64 = 100_000
  /// What a day of a clock for tests may grow by: it is a minute or two of the machine, and heaps fill.
  private static let hurriedGrowthLimit: Int64 = 10_000_000
  private static let databaseLimit: Int64 = 100_000_000

  /// 14 to 20.
  static let day = [
    Check(
      "14", .day, "The token was refreshed by itself",
      command: "grep 'Token refreshed successfully' logs/daemon.log", refreshed),
    Check(
      "15", .day, "The daily reset came at its time", command: "grep 'Daily reset' logs/daemon.log",
      dailyReset),
    Check(
      "16", .day, "The memory stays below 100 MB and does not grow",
      command: "riskctl metrics analyze --last-24h --metric memory_usage_mb",
      memoryCourse),
    Check(
      "17", .day, "The database is smaller than 100 MB",
      command: "ls -lh data/risk_manager.db* data/audit.log"
    ) { facts in
      facts.database.judged { database in
        facts.audit.judged { audit in
          Finding(
            database.bytes + audit.bytes < databaseLimit ? .pass : .fail,
            "\(megabytes(database.bytes)), and \(megabytes(audit.bytes)) of the audit log"
          )
          .holding(since: facts.startedAt, for: wholeDay, at: facts.now)
        }
      }
    },
    Check(
      "18", .day, "The log of the day was put aside at midnight", command: "ls -l logs", rotation),
    Check(
      "19", .day, "No crash", command: "grep -c crash logs/daemon.log; riskctl history", crashes),
    Check(
      "20", .day, "The 95th percentile of an event's latency is below 10 ms",
      command: "riskctl metrics analyze --last-24h --assert 'event_processing_latency_p95 < 10'"
    ) { facts in
      facts.metrics.judged { metrics in
        let samples = metrics.latency.since(facts.now - wholeDay)
        guard !samples.isEmpty else {
          guard let begin = facts.startedAt else { return startUnknown }
          let isEarly = facts.now - begin < wholeDay
          return Finding(isEarly ? .early : .fail, "no event was measured")
        }
        let verdict = LatencyVerdict(samples, .aim)
        return Finding(verdict.holds ? .pass : .fail, verdict.text)
          .holding(since: facts.startedAt, for: wholeDay, at: facts.now)
      }
    },
  ]

  private static func refreshed(_ facts: ChecklistFacts) -> Finding {
    facts.daemonLog.judged { log in
      if let last = log[.refreshed].last(since: facts.now - wholeDay) {
        return .pass("\(last.secondText) \(log[.refreshed].text)")
      }
      let line = log[.refreshScheduled].text
      guard let due = moment(after: "scheduled for ", in: line) else {
        return .fail("no refresh in the last day, and none is scheduled")
      }
      guard due + .minutes(15) > facts.now else {
        return .fail("none, and it was due at \(due.secondText)")
      }
      return .early("none yet; it is due at \(due.secondText)")
    }
  }

  private static func dailyReset(_ facts: ChecklistFacts) -> Finding {
    configured(facts) { settings in
      facts.daemonLog.judged { log in
        let rule = settings.tradingDay
        let due = rule.start(of: rule.tradingDate(at: facts.now))
        guard let begin = facts.startedAt else { return startUnknown }
        // A second of the machine is more of a clock for tests.
        let patience = facts.hurries ? .seconds(5) + facts.civilSecond : .seconds(5)
        let resets = log[.dailyReset].times.filter { $0 >= due - .seconds(5) }
        guard let first = resets.first, let last = resets.last else {
          // The next reset is the first that this riskd sees.
          guard begin < due else {
            return .early("due at \(rule.nextReset(after: facts.now).secondText) UTC")
          }
          guard facts.now - due > patience else { return .early("due at this moment") }
          return .fail("none at \(due.secondText) UTC")
        }
        // One that was missed is made up for at the start.
        guard begin <= due else {
          return .pass(
            "\(first.secondText) UTC, made up for after the start; due at "
              + due.secondText)
        }
        let text =
          "\(first.secondText) UTC, due at \(due.secondText), of \(resets.count) of "
          + counted(settings.accounts, "account")
        guard last - due <= patience else {
          return .fail("\(text): late by \((last - due).inWords)")
        }
        guard resets.count >= settings.accounts else {
          guard facts.now - due > patience else { return .early(text) }
          return .fail(text)
        }
        return .pass(text)
      }
    }
  }

  private static func memoryCourse(_ facts: ChecklistFacts) -> Finding {
    facts.metrics.judged { metrics in
      guard let begin = facts.startedAt else { return startUnknown }
      // The first hour fills caches, however much of a day a test lets pass in its beginning.
      let warm = facts.hurries ? facts.civilSecond * 30 : .hours(1)
      let samples = metrics.memory.since(max(begin + warm, facts.now - wholeDay))
      guard let first = samples.first else {
        let isEarly = facts.now - begin < .hours(2)
        return Finding(isEarly ? .early : .fail, "no memory_usage_mb in the last day")
      }
      let early = samples.filter { $0.at < first.at + .hours(1) }
      let late = samples.since(facts.now - .hours(1))
      let slope = samples.slopePerHour
      let text =
        "at most \(oneDecimal(samples.largest)) MB, "
        + "\(oneDecimal(early.average)) MB at first and \(oneDecimal(late.average)) MB now"
      guard samples.largest < memoryLimit, !late.isEmpty else {
        return .fail(late.isEmpty ? "\(text): no value of the last hour" : text)
      }
      let course = "\(text), \(twoDecimals(slope)) MB an hour"
      let isFlat =
        facts.hurries
        ? late.average - early.average < hurriedGrowthLimit : slope <= slopeLimit
      // A slope of a short time is noise.
      guard isFlat || facts.now - begin < .hours(6) else {
        return .fail(facts.hurries ? text : "\(course), and 0.1 may be")
      }
      return Finding.pass(facts.hurries ? text : course)
        .holding(since: begin, for: wholeDay, at: facts.now)
    }
  }

  private static func crashes(_ facts: ChecklistFacts) -> Finding {
    facts.daemonLog.judged { log in
      facts.history.judged { history in
        let begin = facts.now - wholeDay
        let lines = log[.crash].count(since: begin)
        let deaths = history.deaths.filter { $0 >= begin }.count
        let others = history.otherDeaths.filter { $0 >= begin }.count
        let starts = history.unplannedStarts.filter { $0 >= begin }.count
        let restarts = restarts(facts, since: begin)
        let text =
          "\(counted(lines, "line")) with \"crash\", \(counted(deaths, "death")) of workers, "
          + (others == 0 ? "" : "\(counted(others, "death")) of the monitor, ")
          + "\(counted(starts, "unplanned start"))"
          + (facts.unit.value == nil ? "" : ", \(counted(restarts, "restart")) by systemd")
        guard lines == 0, deaths + others == 0, starts == 0, restarts == 0 else {
          return .fail(text)
        }
        return Finding.pass(text).holding(since: facts.startedAt, for: wholeDay, at: facts.now)
      }
    }
  }

  /// systemd counts its restarts until somebody else starts the service. Where the present riskd is older
  /// than the day, the last of them is too; otherwise that one is of the day, whatever the others are.
  private static func restarts(_ facts: ChecklistFacts, since begin: Instant) -> Int {
    guard let unit = facts.unit.value else { return 0 }
    if let start = facts.startedAt, start < begin { return 0 }
    return Int(unit.restarts)
  }
}
