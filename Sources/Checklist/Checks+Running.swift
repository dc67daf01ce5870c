import RiskModel

extension Checklist {
  private static let memoryLimit: Int64 = 100_000_000
  private static let processorLimit: Int64 = 5_000_000

  /// 8 to 13.
  static let hour = [
    Check(
      "8", .hour, "The token's refresh is scheduled, ahead of its end",
      command: "grep 'Token refresh scheduled' logs/daemon.log", refreshScheduled),
    Check(
      "9", .hour, "The health is checked all the time",
      command: "grep -c 'Health check' logs/daemon.log", healthChecks),
    Check(
      "10", .hour, "No reconnection", command: "grep -c reconnecting logs/daemon.log",
      reconnections),
    Check(
      "11", .hour, "The rules are evaluated for each event",
      command: "grep -c 'Rule evaluation' logs/daemon.log", evaluations),
    Check(
      "12", .hour, "Less than 100 MB of memory", command: "ps -u riskd -o rss,args"
    ) { facts in
      recent(facts, "memory_usage_mb", \.memory) { samples in
        let text = "at most \(oneDecimal(samples.largest)) MB"
        return Finding(samples.largest < memoryLimit ? .pass : .fail, text)
          .holding(since: facts.startedAt, for: .hours(1), at: facts.now)
      }
    },
    Check(
      "13", .hour, "Less than 5 % of a processor when idle", command: "ps -u riskd -o pcpu,args",
      processor),
  ]

  private static func refreshScheduled(_ facts: ChecklistFacts) -> Finding {
    let line = said(.refreshScheduled, facts)
    guard line.verdict == .pass, let log = facts.daemonLog.value else { return line }
    guard let due = moment(after: "scheduled for ", in: line.evidence) else {
      return .fail("\(line.evidence): no moment can be read")
    }
    guard due + .minutes(15) > facts.now else {
      return .fail("\(line.evidence), which has passed without another one")
    }
    guard let end = moment(after: "until ", in: log[.tokenValid].text),
      let said = log[.refreshScheduled].last
    else { return .fail("\(line.evidence), and when the token ends was not logged") }
    guard due < end else {
      return .fail("\(line.evidence), which is not ahead of the token's end at \(end.secondText)")
    }
    guard let lead = facts.configuration.value?.settings?.refreshLead else {
      return .fail("\(line.evidence); how far ahead is not known, without a configuration")
    }
    // Half of a life that is shorter than that, and never within a minute.
    let planned = max(said + .minutes(1), end - min(lead, TimeSpan(nanos: (end - said).nanos / 2)))
    let slack = TimeSpan.minutes(1) + facts.civilSecond
    guard due - planned <= slack, planned - due <= slack else {
      return .fail("\(line.evidence), and \(planned.secondText) was to be")
    }
    let ahead = due > facts.now ? "in \((due - facts.now).inWords)" : "due now"
    return .pass(
      "\(line.evidence), \(ahead) and \((end - due).inWords) ahead of the token's end")
  }

  private static func reconnections(_ facts: ChecklistFacts) -> Finding {
    facts.daemonLog.judged { log in
      guard let begin = facts.startedAt else { return startUnknown }
      let count = log[.reconnecting].count(since: begin)
      guard count == 0 else {
        return .fail("\(counted(count, "reconnection")): \(log[.reconnecting].text)")
      }
      // What was put aside and is gone cannot be vouched for.
      let reach = log.begin.map { max($0, begin) } ?? begin
      return Finding.pass("none since \(reach.secondText)")
        .holding(since: reach, for: .hours(1), at: facts.now)
    }
  }

  private static func processor(_ facts: ChecklistFacts) -> Finding {
    recent(facts, "cpu_usage_percent", \.processor) { samples in
      // Busy for minutes on end is not idle, however quiet the hour was.
      let late = samples.since(facts.now - .minutes(5))
      let least = late.map(\.millionths).min() ?? 0
      let text =
        "\(oneDecimal(samples.average)) % on average, \(oneDecimal(least)) % at least lately"
      return Finding(
        samples.average < processorLimit && least < processorLimit ? .pass : .fail, text
      )
      .holding(since: facts.startedAt, for: .hours(1), at: facts.now)
    }
  }

  private static func healthChecks(_ facts: ChecklistFacts) -> Finding {
    facts.daemonLog.judged { log in
      guard let begin = facts.startedAt else { return startUnknown }
      let interval = facts.configuration.value?.settings?.healthInterval ?? .seconds(30)
      let window = max(begin, facts.now - .hours(1))
      let count = log[.healthCheck].count(since: window)
      let span = facts.now - window
      let expected = Int(span.nanos / max(1, interval.nanos))
      let text = "\(counted(count, "check")) in \(span.inWords), every \(interval.inWords)"
      guard expected >= 3 else { return .early(text) }
      guard let last = log[.healthCheck].last, facts.now - last <= interval * 3 else {
        return .fail("\(text); none of late")
      }
      if log[.healthCheckFailed].last == last {
        return .fail("\(text); the latest: \(log[.healthCheckFailed].text)")
      }
      // The log may reach back less far than the hour.
      let seen = log.begin.map { facts.now - max($0, window) } ?? span
      let due = Int(seen.nanos / max(1, interval.nanos))
      guard count * 10 >= due * 8 else { return .fail("\(text); \(due) are due") }
      let measured = log[.healthCheck].text.split(separator: "Health check passed: ").last
      let figures = measured.map(String.init) ?? ""
      return .pass(figures.hasPrefix("Health check") ? text : "\(text); \(figures)")
    }
  }

  private static func evaluations(_ facts: ChecklistFacts) -> Finding {
    facts.daemonLog.judged { log in
      guard let begin = facts.startedAt else { return startUnknown }
      let count = log[.ruleEvaluation].count(since: begin)
      let events = log[.positionEvent].count(since: begin)
      if let found = executions(facts, log, since: begin) { return found }
      guard count == 0 else {
        return .pass("\(counted(count, "evaluation")) since the start, no execution recorded")
      }
      guard events == 0 else {
        return .fail("none, and \(counted(events, "event")) of positions came")
      }
      return .early("none, and no event of a position came")
    }
  }

  /// Of every execution that the database has, an evaluation has to be in the log; records of a log may
  /// be left out where the machine is too busy to write them, so that one of twenty may be missing.
  private static func executions(
    _ facts: ChecklistFacts, _ log: LogTally, since begin: Instant
  ) -> Finding? {
    guard let database = facts.database.value else {
      return facts.database.judged { _ in .early("") }
    }
    let reach = max(begin, log.begin ?? begin)
    let until = facts.now - .minutes(1) - facts.civilSecond * 2
    let recorded = database.executions.filter { $0 >= reach && $0 < until }.count
    guard recorded > 0 else { return nil }
    let evaluated = log[.executionEvaluation].count(since: reach)
    let share = MeasuredShare(agreeing: min(evaluated, recorded), count: recorded)
    let text =
      "\(counted(evaluated, "evaluation")) of executions, \(recorded) recorded since "
      + reach.secondText
    return Finding(share.holds ? .pass : .fail, text)
  }

  /// The samples of the last hour; the newest has to be fresh.
  static func recent(
    _ facts: ChecklistFacts, _ name: String,
    _ course: (MetricFacts) -> [MetricFacts.Sample], _ judge: ([MetricFacts.Sample]) -> Finding
  ) -> Finding {
    facts.metrics.judged { metrics in
      guard let begin = facts.startedAt else { return startUnknown }
      let samples = course(metrics).since(max(begin, facts.now - .hours(1)))
      guard let last = samples.last else {
        let text = "no \(name) since the start"
        return facts.now - begin < .minutes(5) ? .early(text) : .fail(text)
      }
      guard facts.now - last.at < .minutes(5) else {
        return .fail("the last \(name) is of \(last.at.secondText)")
      }
      return judge(samples)
    }
  }
}
