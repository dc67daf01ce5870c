import RiskModel

extension Checklist {
  /// What is configured, and what an earlier riskd left behind.
  static let configuration = [
    Check(
      "pre.configuration", .pre, "Every configuration file is valid",
      command: "riskctl config validate"
    ) { facts in
      facts.configuration.judged { found in
        guard found.problems.isEmpty, let settings = found.settings else {
          return .fail(excerpt(found.problems))
        }
        return .pass("valid, \(counted(settings.accounts, "account"))")
      }
    },
    Check(
      "pre.secrets", .pre,
      ".env has every required variable: key, user, encryption key, hash of the password",
      command: "riskctl config validate"
    ) { facts in
      facts.configuration.judged { found in
        guard found.secretProblems.isEmpty else { return .fail(excerpt(found.secretProblems)) }
        guard let settings = found.settings else {
          return .fail("cannot be seen: the configuration is not usable")
        }
        guard settings.hasAdministratorPassword else {
          return .fail("ADMIN_PASSWORD_HASH is missing; riskctl hash-password makes one")
        }
        return .pass("all present and well formed")
      }
    },
    Check(
      "pre.exposure", .pre, "No secret stands in a configuration or log file",
      command: "ops/security-report"
    ) { facts in
      facts.exposedSecrets.judged { files in
        guard files.isEmpty else { return .fail("a secret in \(files.joined(separator: ", "))") }
        return .pass("none in config/ and logs/")
      }
    },
    Check(
      "pre.production", .pre, "Every feature of development is off",
      command: "grep -A9 '^development' config/config.yaml"
    ) { facts in
      configured(facts) { settings in
        let on = settings.developmentSwitches
        return on.isEmpty ? .pass("all off") : .fail("on: \(on.joined(separator: ", "))")
      }
    },
    Check(
      "pre.encryption", .pre, "The venue is spoken to by https and wss only",
      command: "grep -nE 'https?:|wss?:' config/config.yaml"
    ) { facts in
      configured(facts) { settings in
        let plain = settings.plainAddresses
        guard plain.isEmpty else { return .fail("not encrypted: \(excerpt(plain))") }
        return .pass("all addresses encrypted; certificates are always checked")
      }
    },
    Check(
      "pre.monitoring", .pre, "Six health checks, the metrics and nine alert rules are on",
      command: "cat config/monitoring.yaml"
    ) { facts in
      configured(facts) { settings in
        let text =
          "\(counted(settings.healthChecks, "health check")), "
          + "\(counted(settings.metrics, "metric")), \(counted(settings.alertRules, "alert rule"))"
        let isComplete =
          settings.checksHealth && settings.healthChecks >= 6 && settings.metrics >= 19
          && settings.alertRules >= 9
        return Finding(isComplete ? .pass : .fail, text)
      }
    },
    Check(
      "pre.logging", .pre, "Five log files are written, and rotated at midnight",
      command: "ls -ld logs logs/*.log", logging),
    Check(
      "pre.database", .pre, "Schema v2, all tables present", command: "riskctl db verify"
    ) { facts in
      guard facts.modes[databaseName(facts)] != nil else {
        return .early("no database yet; riskctl db init, or the first start, makes it")
      }
      return facts.database.judged(schema)
    },
    Check(
      "pre.backup", .pre, "The existing database is backed up", command: "ls -l backups"
    ) { facts in
      guard facts.modes[databaseName(facts)] != nil else {
        return .early("no database yet, so nothing to back up")
      }
      return newestBackup(facts)
    },
    Check(
      "pre.service", .pre, "The service is installed, starts by itself and is not root's",
      command: "systemctl show riskd -p User,UnitFileState"
    ) { facts in
      facts.unit.judged { unit in
        let user = unit.user.isEmpty ? "root" : unit.user
        let isRight = user != "root" && unit.unitFileState == "enabled"
        let state = unit.unitFileState.isEmpty ? "not installed" : unit.unitFileState
        return Finding(isRight ? .pass : .fail, "user \(user), \(state)")
      }
    },
    Check(
      "pre.trader", .pre, "Only administrators can stop the service",
      byHand: "runuser -u TRADER -- systemctl stop riskd has to be refused"),
    Check(
      "pre.console", .pre, "Everything works in the console: token, events, rules, both screens",
      byHand: "riskd --root DIR as its own user, then riskctl checklist immediate; end with Ctrl-C"),
  ]

  static func configured(
    _ facts: ChecklistFacts, _ judge: (ConfigurationFacts.Settings) -> Finding
  ) -> Finding {
    facts.configuration.judged { found in
      guard let settings = found.settings else {
        return .fail("cannot be seen: the configuration is not usable")
      }
      return judge(settings)
    }
  }

  static func databaseName(_ facts: ChecklistFacts) -> String {
    facts.configuration.value?.settings?.databaseName ?? "data/risk_manager.db"
  }

  static func schema(_ database: DatabaseFacts) -> Finding {
    guard database.version == 2, database.problems.isEmpty else {
      return .fail("schema v\(database.version); \(excerpt(database.problems))")
    }
    return .pass("Schema v2, all tables present")
  }

  /// A backup is due every day; half a day more is allowed.
  static func newestBackup(_ facts: ChecklistFacts) -> Finding {
    facts.backups.judged { backups in
      guard let newest = backups.newest else { return .fail("there is no backup") }
      let text = "\(counted(backups.count, "backup")), the newest of \(newest.secondText)"
      if let problem = backups.problem { return .fail("\(text): \(problem)") }
      guard facts.now - newest <= .hours(36) else { return .fail("\(text), which is too old") }
      return .pass("\(text), intact")
    }
  }
}
