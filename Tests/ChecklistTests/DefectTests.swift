import RiskModel
import Testing

@testable import Checklist
@testable import Supervision

/// Each defect turns its own line, and no other one.
@Suite struct DefectTests {
  struct Defect: Sendable, CustomTestStringConvertible {
    var what: String
    /// The lines that fail.
    var lines: [String]
    var evidence: String
    var make: @Sendable (inout ChecklistFacts) -> Void

    init(
      _ what: String, _ lines: String..., saying evidence: String,
      make: @escaping @Sendable (inout ChecklistFacts) -> Void
    ) {
      self.what = what
      self.lines = lines
      self.evidence = evidence
      self.make = make
    }

    var testDescription: String { what }
  }

  @Test(arguments: defects)
  func `turns its line`(_ defect: Defect) throws {
    var facts = GoodDay.facts()
    defect.make(&facts)
    let lines = Check.Phase.allCases.flatMap { ChecklistReport($0, facts).checks }
    let failed = lines.filter { $0.verdict == .fail }
    #expect(failed.map(\.id) == defect.lines, "\(failed)")
    #expect(failed.first?.evidence.contains(defect.evidence) == true, "\(failed)")
    #expect(!lines.contains { $0.verdict == .early })
  }

  @Test func `what died two days ago is no reason to go back`() throws {
    var facts = GoodDay.facts()
    let deaths = (0..<5).map { Self.now - .hours(48) + .minutes(Int64($0)) }
    facts.history = .seen(HistoryFacts(startedAt: GoodDay.startedAt, deaths: deaths))
    let line = ChecklistReport(.rollback, facts).checks.first { $0.id == "rollback.crashes" }
    #expect(line?.verdict == .pass)
  }

  private static let now = GoodDay.now

  static let defects = running + logged + measured + kept + configured

  private static let running = [
    Defect("a worker that does not come up", "1", saying: "DEGRADED, 3 of 4 workers ready") {
      guard var report = $0.status.value else { return }
      report.state = .degraded
      report.workers[2].state = .pausing
      $0.status = .seen(report)
    },
    Defect("a unit that failed", "1", saying: "systemd says failed (dead)") {
      $0.unit = .seen(
        UnitFacts(
          activeState: "failed", subState: "dead", user: "riskd", unitFileState: "enabled",
          restarts: 0))
    },
    Defect("a service that runs as root", "pre.service", saying: "user root") {
      $0.unit = .seen(
        UnitFacts(
          activeState: "active", subState: "running", user: "", unitFileState: "enabled",
          restarts: 0))
    },
    Defect("a service that starts not by itself", "pre.service", saying: "disabled") {
      $0.unit = .seen(
        UnitFacts(
          activeState: "active", subState: "running", user: "riskd", unitFileState: "disabled",
          restarts: 0))
    },
    Defect("riskd itself died", "19", saying: "0 deaths of workers, 1 unplanned start, ") {
      $0.history = .seen(
        HistoryFacts(
          startedAt: GoodDay.startedAt, deaths: [],
          unplannedStarts: [now - .hours(30), now - .hours(3)]))
    },
    Defect("a worker that died", "19", saying: "1 death of workers") {
      $0.history = .seen(
        HistoryFacts(startedAt: GoodDay.startedAt, deaths: [now - .hours(3)]))
    },
    Defect("the monitor died", "19", saying: "0 deaths of workers, 1 death of the monitor") {
      $0.history = .seen(
        HistoryFacts(
          startedAt: GoodDay.startedAt, deaths: [],
          otherDeaths: [now - .hours(3), now - .hours(30)])
      )
    },
    Defect("four deaths in ten minutes", "19", "rollback.crashes", saying: "4 deaths of workers") {
      let deaths = (0..<4).map { now - .hours(3) + .minutes(2 * $0) }
      $0.history = .seen(HistoryFacts(startedAt: GoodDay.startedAt, deaths: deaths))
    },
    Defect("a screen without accounts", "6", saying: "no account") {
      $0.trader = .seen(TraderFacts(accounts: 0, positions: 0, orders: 0))
    },
    Defect("a screen without what is held", "6", saying: "riskd has recorded 1 position") {
      $0.trader = .seen(TraderFacts(accounts: 1, positions: 0, orders: 2))
    },
    Defect("a screen that is refused", "6", saying: "cannot be seen: no") {
      $0.trader = .hidden("no")
    },
    Defect("a lost way to the enforcer", "rollback.rules", saying: "nothing comes through") {
      guard var report = $0.status.value else { return }
      report.canary?.isLost = true
      $0.status = .seen(report)
    },
  ]

  private static let logged = [
    Defect("a token that is over", "2", "8", saying: "which is over") {
      $0.logged(
        .tokenValid, now - .hours(3), "Token Manager: Token valid until 2026-11-23 17:00:00")
    },
    Defect("an error", "5", saying: "1 error: it went wrong") {
      var log = LogTally()
      log.add(.error, at: now - .hours(2), "it went wrong")
      $0.errorLog = .seen(log)
    },
    Defect("an error that only daemon.log has", "5", saying: "1 error: it went wrong") {
      $0.logged(.error, now - .hours(2), "it went wrong")
    },
    Defect("a refresh at another time", "8", saying: "and 2026-11-24 14:00:00 was to be") {
      $0.logged(
        .refreshScheduled, now - .hours(1),
        "Token Manager: Token refresh scheduled for 2026-11-24 13:00:00")
    },
    Defect("an end of the token that was not logged", "2", "8", saying: "no \"Token valid until\"")
    {
      $0.daemonLog = .seen(GoodDay.cut { $0 == .tokenValid ? now - .hours(40) : nil })
    },
    Defect("executions that were not evaluated", "11", saying: "0 evaluations of executions, 20") {
      $0.daemonLog = .seen(GoodDay.cut { $0 == .executionEvaluation ? now - .hours(40) : nil })
    },
    Defect("a reset of one account of two", "15", saying: "of 1 of 2 accounts") {
      $0.configured { $0.accounts = 2 }
    },
    Defect("a daily reset six seconds late", "15", saying: "late by 6 s") {
      var log = GoodDay.cut { $0 == .dailyReset ? now - .hours(40) : nil }
      log.add(.dailyReset, at: now - .hours(19) + .seconds(6), "Daily reset")
      $0.daemonLog = .seen(log)
    },
    Defect("an error of the last hour", "5", "rollback.errors", saying: "1 error: token") {
      var log = LogTally()
      log.add(.error, at: now - .minutes(2), "token")
      $0.errorLog = .seen(log)
    },
    Defect("a refresh that was missed", "8", saying: "has passed without another one") {
      $0.logged(
        .refreshScheduled, now - .hours(5),
        "Token Manager: Token refresh scheduled for 2026-11-23 14:00:00")
    },
    Defect("a refresh behind the end", "8", saying: "not ahead of the token's end") {
      $0.logged(
        .refreshScheduled, now - .hours(5),
        "Token Manager: Token refresh scheduled for 2026-11-24 18:00:00")
    },
    Defect("a reconnection", "10", saying: "1 reconnection: reconnecting in 0 ms") {
      $0.logged(.reconnecting, now - .hours(1), "reconnecting in 0 ms")
    },
    Defect(
      "a health check that fails", "9", "day.health", saying: "Health check failed: disk_space"
    ) {
      $0.logged(.healthCheck, now, "Health check failed: disk_space")
      $0.logged(.healthCheckFailed, now, "Health check failed: disk_space")
    },
    Defect("a crash in the log", "19", saying: "1 line with \"crash\"") {
      $0.logged(.crash, now - .hours(2), "the crash")
    },
    Defect("a target that fails", "rollback.rules", saying: "the account is not flat") {
      $0.logged(.targetFailing, now - .minutes(3), "the account is not flat")
    },
    Defect("changes that no event told", "rollback.data", saying: "no event told") {
      $0.logged(.accountDiffered, now - .minutes(3), "account 7")
    },
    Defect("a venue that refuses the key", "pre.venue", saying: "Sign-in: the venue refuses") {
      $0.venue = VenueFacts(lines: ["❌ Sign-in: the venue refuses user or key"], isGood: false)
    },
    Defect("a position that the venue does not list", "rollback.data", saying: "account 7: MNQ") {
      $0.state = .seen(StateFacts(positions: 1, orders: 0, differences: ["account 7: MNQ"]))
    },
    Defect("lists that cannot be read", "rollback.data", saying: "cannot be seen: no answer") {
      $0.state = .hidden("no answer")
    },
    Defect(
      "a finding of the security report", "pre.scan", "rollback.vulnerability",
      saying: "the report of 2026-11-20 18:00:00: a secret (and 1 more)"
    ) {
      $0.securityReport = .seen(
        SecurityReportFacts(at: now - .hours(72), findings: ["a secret", "modes"]))
    },
    Defect("a firewall that is open", "pre.firewall", saying: "no rule limits") {
      $0.firewall = .seen(FirewallFacts(user: "riskd", problem: "no rule limits"))
    },
    Defect("health checks that ended", "9", "day.health", saying: "none of late") {
      $0.daemonLog = .seen(GoodDay.cut { $0 == .healthCheck ? now - .minutes(5) : nil })
    },
    Defect("a daily reset that did not come", "15", saying: "none at 2026-11-22 23:00:00") {
      $0.daemonLog = .seen(GoodDay.cut { $0 == .dailyReset ? now - .hours(40) : nil })
    },
    Defect("a daily reset that came late", "15", saying: "late") {
      var log = GoodDay.cut { $0 == .dailyReset ? now - .hours(40) : nil }
      log.add(.dailyReset, at: now - .hours(18), "Daily reset")
      $0.daemonLog = .seen(log)
    },
    Defect("a day without a refresh", "8", "14", saying: "has passed without another one") {
      var log = GoodDay.cut {
        [.refreshed, .refreshScheduled].contains($0) ? now - .hours(40) : nil
      }
      log.add(
        .refreshScheduled, at: GoodDay.startedAt + .seconds(3),
        "Token refresh scheduled for 2026-11-23 14:00:00")
      $0.daemonLog = .seen(log)
    },
  ]
}

extension GoodDay {
  /// The log without what a phrase has said after its moment.
  static func cut(_ end: (LogPhrase) -> Instant?) -> LogTally {
    let whole = daemonLog(from: startedAt)
    var log = LogTally()
    log.begin = whole.begin
    for phrase in LogPhrase.allCases {
      for moment in whole[phrase].times where moment <= end(phrase) ?? now {
        log.add(phrase, at: moment, whole[phrase].text)
      }
    }
    return log
  }
}
