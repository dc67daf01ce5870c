import RiskModel
import Supervision

extension Checklist {
  /// 1 to 7, and what the log has to say at a start.
  static let start = [
    Check(
      "1", .immediate, "The service runs", command: "systemctl is-active riskd; riskctl status",
      running),
    Check(
      "start.initialized", .immediate, "The log says that the application is initialized",
      command: "grep 'Application initialized successfully' logs/daemon.log"
    ) { said(.initialized, $0) },
    Check(
      "2", .immediate, "The token's end is logged, and it has not come",
      command: "grep 'Token valid' logs/daemon.log"
    ) { facts in
      let line = said(.tokenValid, facts)
      guard line.verdict == .pass, let end = moment(after: "until ", in: line.evidence) else {
        return line
      }
      return end > facts.now ? line : .fail("\(line.evidence), which is over")
    },
    Check(
      "3", .immediate, "The hubs are connected",
      command: "grep 'SignalR.*Connected' logs/daemon.log"
    ) { said(.connected, $0) },
    Check(
      "start.subscribed", .immediate, "The streams of the account are subscribed",
      command: "grep 'Subscribed to positions' logs/daemon.log"
    ) { said(.subscribed, $0) },
    Check(
      "start.reconciled", .immediate, "The first reconciliation is complete",
      command: "grep 'Initial reconciliation complete' logs/daemon.log"
    ) { said(.reconciled, $0) },
    Check(
      "start.rules", .immediate, "The rules are watching",
      command: "grep 'Monitoring started' logs/daemon.log"
    ) { said(.rulesStarted, $0) },
    Check(
      "4", .immediate, "At least one event of a position arrived",
      command: "grep GatewayUserPosition logs/daemon.log", positionEvents),
    Check(
      "5", .immediate, "No error since the start", command: "grep ERROR logs/errors.log",
      errors),
    Check(
      "6", .immediate, "The trader's screen shows positions and orders",
      command: "risktop --once"
    ) { facts in
      facts.trader.judged { screen in
        guard screen.accounts > 0 else { return .fail("it shows no account") }
        let text =
          "\(counted(screen.accounts, "account")), \(counted(screen.positions, "position")), "
          + counted(screen.orders, "order")
        if let held = facts.database.value?.positions, held > screen.positions {
          return .fail("\(text); riskd has recorded \(counted(held, "position"))")
        }
        return .pass(text)
      }
    },
    Check(
      "7", .immediate, "The administrator's commands ask for the password",
      command: "riskctl admin"
    ) { facts in
      configured(facts) { settings in
        guard settings.hasAdministratorPassword else {
          return .fail("there is no administrator's password: ADMIN_PASSWORD_HASH")
        }
        return Finding(.person, "a password is set; as root: riskctl admin, and give it")
      }
    },
  ]

  static let startUnknown = Finding.fail("cannot be seen: when riskd started")

  private static func running(_ facts: ChecklistFacts) -> Finding {
    facts.status.judged { report in
      if case .seen(let unit) = facts.unit,
        unit.activeState != "active" || unit.subState != "running"
      {
        return .fail("systemd says \(unit.activeState) (\(unit.subState))")
      }
      let ready = report.workers.filter { $0.state == .ready }.count
      let text = "\(report.state.label), \(ready) of \(report.workers.count) workers ready"
      switch report.state {
      case .running where ready == report.workers.count: return .pass(text)
      case .starting: return .early(text)
      default: return .fail([text, report.problem].compactMap(\.self).joined(separator: ": "))
      }
    }
  }

  /// The log has said so since riskd started.
  static func said(
    _ phrase: LogPhrase, _ facts: ChecklistFacts, within patience: TimeSpan = .minutes(5)
  ) -> Finding {
    facts.daemonLog.judged { log in
      guard let begin = facts.startedAt else { return startUnknown }
      let words = phrase.needles[0].trimmed
      guard let last = log[phrase].last(since: begin) else {
        let text = "no \"\(words)\" since the start at \(begin.secondText)"
        return facts.now - begin < patience ? .early(text) : .fail(text)
      }
      return .pass("\(last.secondText) \(log[phrase].text)")
    }
  }

  /// In the log of errors, and in daemon.log, which has them all.
  private static func errors(_ facts: ChecklistFacts) -> Finding {
    facts.errorLog.judged { errors in
      facts.daemonLog.judged { daemon in
        guard let begin = facts.startedAt else { return startUnknown }
        let log = errors[.error].count(since: begin) > 0 ? errors : daemon
        let count = log[.error].count(since: begin)
        guard count == 0 else { return .fail("\(counted(count, "error")): \(log[.error].text)") }
        return .pass("none since \(begin.secondText)")
      }
    }
  }

  private static func positionEvents(_ facts: ChecklistFacts) -> Finding {
    let found = said(.positionEvent, facts)
    guard found.verdict == .fail, facts.daemonLog.value != nil, facts.startedAt != nil else {
      return found
    }
    // An account that is flat has nothing to tell.
    return facts.database.judged { database in
      guard database.positions == 0 else {
        return .fail("\(found.evidence), and \(counted(database.positions, "position")) held")
      }
      return .early("\(found.evidence), and no position is held; open one and look again")
    }
  }

  /// The moment in a text, `2026-11-22 14:30:00` behind some words, in UTC.
  static func moment(after words: String, in text: String) -> Instant? {
    guard let range = text.firstRange(of: words) else { return nil }
    let digits = text[range.upperBound...].prefix(19)
      .split { !$0.isNumber }.compactMap { Int($0) }
    guard digits.count == 6 else { return nil }
    let date = CivilDate(year: digits[0], month: digits[1], day: digits[2])
    let second = digits[3] * 3_600 + digits[4] * 60 + digits[5]
    return Instant(secondsSinceEpoch: Int64(date.daysSinceEpoch * 86_400 + second))
  }
}

extension String {
  fileprivate var trimmed: String {
    var copy = self
    while copy.hasSuffix(" ") { copy.removeLast() }
    return copy
  }
}
