import RiskModel
import Supervision

extension Checklist {
  /// The six reasons to go back, and what that takes.
  static let rollback = [
    Check(
      "rollback.crashes", .rollback, "No more than three crashes in ten minutes",
      command: "riskctl history"
    ) { facts in
      facts.history.judged { history in
        // What an earlier release did is no reason to leave this one.
        let deaths = (history.deaths + history.unplannedStarts).filter {
          $0 >= facts.now - .hours(24)
        }
        let most = mostDeaths(deaths.sorted(), within: .minutes(10))
        return Finding(
          most > 3 ? .fail : .pass,
          "at most \(counted(most, "death")) of workers or of riskd in ten minutes of the last day")
      }
    },
    Check(
      "rollback.errors", .rollback, "No critical error of token or venue in the last hour",
      command: "grep ERROR logs/errors.log"
    ) { facts in
      facts.errorLog.judged { log in
        let count = log[.error].count(since: facts.now - .hours(1))
        guard count == 0 else { return .fail("\(counted(count, "error")): \(log[.error].text)") }
        return .pass("none")
      }
    },
    Check(
      "rollback.data", .rollback, "No position and no order is missing",
      command: "riskctl db verify; riskctl state verify"
    ) { facts in
      facts.daemonLog.judged { log in
        facts.database.judged { database in
          let found = schema(database)
          guard found.verdict == .pass else { return found }
          let count = log[.accountDiffered].count(since: facts.now - .hours(1))
          guard count == 0 else {
            return .fail(
              "\(counted(count, "account")) had changes that no event told: "
                + log[.accountDiffered].text)
          }
          if let state = facts.state { return state.judged { compared($0, found) } }
          guard log[.reconciled].last != nil else {
            return .early("\(found.evidence); no account was read in the last day")
          }
          return .pass(
            "\(found.evidence); no read of the venue differed in the last hour "
              + "(--online compares now)")
        }
      }
    },
    Check(
      "rollback.latency", .rollback, "Events do not take longer than 100 ms",
      command: "riskctl metrics analyze --last-24h --assert 'event_processing_latency_p95 <= 100'"
    ) { facts in
      facts.metrics.judged { metrics in
        let samples = metrics.latency.since(facts.now - .hours(1))
        guard !samples.isEmpty else { return .early("no event was measured in the last hour") }
        let verdict = LatencyVerdict(samples, .rollback)
        return Finding(verdict.holds ? .pass : .fail, verdict.text)
      }
    },
    Check(
      "rollback.security", .rollback, "Nobody has changed the records",
      command: "riskctl audit verify", auditLog),
    Check(
      "rollback.vulnerability", .rollback, "No vulnerability is known",
      command: "ops/security-report"
    ) { securityReport($0, more: "read the advisories of the libraries") },
    Check(
      "rollback.rules", .rollback, "The rules are enforced",
      command: "journalctl -u riskd MESSAGE_ID=\(MessageID.targetFailing.rawValue)", enforcement),
    Check(
      "rollback.backup", .rollback, "There is a backup to restore", command: "ls -l backups",
      newestBackup),
    Check(
      "rollback.release", .rollback, "There is a release to go back to",
      command: "cat /opt/risk-manager/release/state"
    ) { facts in
      facts.previousRelease.judged { id in
        id.isEmpty ? .fail("none is kept") : .pass(id)
      }
    },
    Check(
      "rollback.procedure", .rollback, "Stop, restore, restart",
      byHand:
        "as root: ops/rollback --restore-database latest --restore-configuration latest; then "
        + "riskctl checklist immediate"),
    Check(
      "rollback.order", .rollback, "A test order is seen after going back",
      byHand: "place one order at the venue far from the market; risktop --once shows it; cancel it"
    ),
    Check(
      "rollback.investigation", .rollback, "The logs of what failed are kept and read",
      byHand: "ops/rollback keeps them in /var/lib/risk-manager/investigation; read the first error"
    ),
  ]

  private static func compared(_ state: StateFacts, _ schema: Finding) -> Finding {
    guard state.differences.isEmpty else { return .fail(excerpt(state.differences)) }
    return .pass(
      "\(schema.evidence); \(counted(state.positions, "position")) and "
        + "\(counted(state.orders, "working order")) as the venue lists them")
  }

  static func auditLog(_ facts: ChecklistFacts) -> Finding {
    facts.audit.judged { audit in
      guard audit.findings.isEmpty else { return .fail(excerpt(audit.findings)) }
      guard audit.records > 0 else { return .early("the audit log is empty") }
      return .pass("\(audit.records) records of the audit log, intact")
    }
  }

  private static func mostDeaths(_ deaths: [Instant], within span: TimeSpan) -> Int {
    deaths.map { death in
      deaths.reduce(0) { $0 + ($1 >= death && $1 < death + span ? 1 : 0) }
    }.max() ?? 0
  }

  private static func enforcement(_ facts: ChecklistFacts) -> Finding {
    facts.status.judged { report in
      facts.daemonLog.judged { log in
        guard report.canary?.isLost != true else {
          return .fail("nothing comes through from the gateway to the enforcer")
        }
        guard let canary = report.canary, canary.latencyMicroseconds != nil else {
          return .early("nothing has come through from the gateway to the enforcer yet")
        }
        let failing = log[.targetFailing]
        if let last = failing.last(since: facts.now - .hours(1)),
          log[.targetProven].last ?? last <= last
        {
          return .fail("\(last.secondText) \(failing.text)")
        }
        return .pass("\(canary.text) from the gateway to the enforcer; no target fails")
      }
    }
  }
}
