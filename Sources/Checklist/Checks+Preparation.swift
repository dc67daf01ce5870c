import RiskModel

extension Checklist {
  /// What is shown in a checkout of the sources, and the machine that riskd is to run on.
  static let preparation = [
    Check(
      "pre.tests", .pre, "All tests pass, unit, integration and chaos, with a coverage of 90 %",
      byHand: "in a checkout: scripts/test, then scripts/check"),
    Check(
      "pre.benchmarks", .pre, "All benchmarks meet their targets",
      byHand: "in a checkout, on this machine: scripts/bench"),
    Check(
      "pre.lint", .pre, "No linting error and no type error",
      byHand: "in a checkout: scripts/check; a build treats warnings as errors"),
    Check(
      "pre.scan", .pre, "The security scan finds nothing, in the sources and in their history",
      command: "ops/security-report"
    ) { securityReport($0, more: "in a checkout: scripts/check") },
    Check(
      "pre.memory", .pre, "4 GB of memory at least",
      command: "grep MemTotal /proc/meminfo"
    ) { facts in
      guard let memory = facts.machine.memoryMegabytes else {
        return .fail("cannot be seen: the size of the memory")
      }
      // Machines of 4 GB show less: the kernel keeps some.
      return Finding(memory >= 3_500 ? .pass : .fail, "\(memory) MB")
    },
    Check(
      "pre.disk", .pre, "1 GB of free space at least", command: "df -m /opt/risk-manager/data"
    ) { facts in
      guard let free = facts.machine.freeMegabytes else {
        return .fail("cannot be seen: the free space")
      }
      return Finding(free >= 1_000 ? .pass : .fail, "\(free) MB free")
    },
    Check(
      "pre.venue", .pre, "The venue can be reached and takes the credentials",
      command: "riskctl config validate --online"
    ) { facts in
      guard let venue = facts.venue else {
        return Finding(
          .person, "riskctl checklist pre --online, or riskctl config validate --online")
      }
      let wrong = venue.lines.filter { !$0.hasPrefix("✅") }
      return venue.isGood
        ? .pass(venue.lines.map { $0.replacing("✅ ", with: "") }.joined(separator: "; "))
        : .fail(excerpt(wrong.map { $0.replacing("❌ ", with: "") }))
    },
    Check(
      "pre.firewall", .pre, "The firewall lets riskd out to the venue only",
      command: "nft list ruleset"
    ) { facts in
      switch facts.firewall {
      case .hidden(let reason):
        Finding(
          .person, "adapt and load units/riskd.nft.example, then nft list ruleset (\(reason))")
      case .seen(let firewall):
        if let problem = firewall.problem {
          .fail("\(problem); adapt and load units/riskd.nft.example")
        } else {
          .pass("the rules for user \(firewall.user) name addresses, and end with a refusal")
        }
      }
    },
    Check(
      "pre.folders", .pre, "config/, data/, logs/ and backups/ are there",
      command: "ls -ld config data logs backups"
    ) { facts in
      let missing = ["config", "data", "logs", "backups"].filter { facts.modes[$0] == nil }
      guard missing.isEmpty else {
        return .fail("missing: \(missing.map { $0 + "/" }.joined(separator: ", "))")
      }
      return .pass("all four")
    },
    Check(
      "pre.modes", .pre,
      "config/ and data/ 700, logs/ 755, secrets, database and token for their owner only",
      command: "stat -c '%a %n' config data logs .env config/* data/*", modes),
  ]

  /// What was found has failed; that nothing was found here is not all that is asked for.
  static func securityReport(_ facts: ChecklistFacts, more: String) -> Finding {
    guard let report = facts.securityReport.value, facts.now - report.at < .hours(31 * 24) else {
      return Finding(.person, "\(more); here, as root: ops/security-report")
    }
    let text = "the report of \(report.at.secondText)"
    guard report.findings.isEmpty else { return .fail("\(text): \(excerpt(report.findings))") }
    return Finding(.person, "\(more); here \(text) found nothing")
  }

  static func modes(_ facts: ChecklistFacts) -> Finding {
    let settings = facts.configuration.value?.settings
    let closed = ["config", "data", "backups"]
    let files = [
      ".env", "config/accounts.yaml", settings?.databaseName ?? "data/risk_manager.db",
      settings?.tokenFile ?? "data/tokens.enc", "data/audit.log", "data/metrics.db",
    ]
    var wrong: [String] = []
    var seen = 0
    func look(_ name: String, _ isRight: (UInt32) -> Bool, _ right: String) {
      guard let mode = facts.modes[name] else { return }
      seen += 1
      if !isRight(mode) { wrong.append("\(name) has \(octal(mode)) and wants \(right)") }
    }
    for name in closed { look(name, { $0 & 0o077 == 0 }, "700") }
    look("logs", { $0 & 0o022 == 0 }, "755")
    for name in files { look(name, { $0 & 0o077 == 0 }, "600") }
    guard seen > 0 else { return .fail("cannot be seen: none of the files is there") }
    guard wrong.isEmpty else { return .fail(excerpt(wrong)) }
    return .pass("\(seen) looked at")
  }

  private static func octal(_ mode: UInt32) -> String { String(mode & 0o7777, radix: 8) }
}
