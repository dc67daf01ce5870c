import RiskModel

/// Reads the whole configuration below a root directory.
///
/// Files: `.env`, `config/config.yaml`, `config/risk_config.yaml` and `config/accounts.yaml`. The
/// process environment counts before `.env`, and both before the YAML files.
package enum SettingsLoader {
  package enum Outcome: Sendable {
    /// Everything is right; the notices say what an operator should know all the same.
    case accepted(RiskdSettings, VenueCredentials, [ConfigurationNotice])
    /// Everything that is wrong, sorted by file and line.
    case rejected([ConfigurationProblem])
  }

  /// The venues that this version talks to.
  package static let reach = VenueReach.loopbackOnly

  /// - Parameters:
  ///   - root: the directory that holds `.env` and `config`.
  ///   - environment: the variables of the process; only those that riskd knows are looked at.
  ///   - reach: the venues that count as right.
  /// - Returns: the settings and secrets, or every problem.
  package static func load(
    root: String, environment: [String: String], reach: VenueReach = SettingsLoader.reach
  ) -> Outcome {
    let findings = Findings()
    let files = ConfigurationFile(root: root, findings: findings)
    let variables = variables(files, environment)
    let credentials = CredentialsReader(variables: variables, findings: findings).read()
    let name = variables.optional("CONFIG_PATH", .text("a path")).value ?? MainFile.standardName
    let restore = "install the file of the same name that comes with riskd"
    let main = files.yaml(name, isPrivate: false, ifMissing: restore).map {
      MainFile($0, variables: variables, files: files, reach: reach)
    }
    let risk = files.yaml(RiskFile.name, isPrivate: false, ifMissing: restore).map(RiskFile.init)
    let accounts = files.yaml(
      AccountsFile.name, isPrivate: true, ifMissing: "write it after \(AccountsFile.example)"
    ).map(AccountsFile.init)
    let rules = risk?.blocks.map { blocks in
      RuleAssignment(blocks: blocks, accounts: accounts?.accounts ?? [])
    }
    if let main { rules?.checkQuotes(marketHub: main.marketHub, findings) }
    if let main, let credentials, main.development.usesMockVenue {
      CredentialsReader(variables: variables, findings: findings).refuseLiveKey(with: credentials)
    }
    noteLaterFiles(files)
    guard findings.problems.isEmpty, let main, let risk, let accounts, let rules, let credentials
    else { return .rejected(findings.problems) }
    let settings = settings(main, risk, accounts, rules, variables)
    return .accepted(settings, credentials, findings.notices)
  }

  private static func variables(
    _ files: ConfigurationFile, _ environment: [String: String]
  ) -> EnvironmentVariables {
    let text = files.text(
      of: EnvironmentVariables.file, isPrivate: true,
      ifMissing: "write it after config/env.example, and run chmod 600 .env")
    return EnvironmentVariables(
      assignments: text.map {
        EnvironmentFile.parse($0, file: EnvironmentVariables.file, findings: files.findings)
      }, environment: environment, findings: files.findings)
  }

  /// Files of a later version are no mistake, but they do nothing yet.
  private static func noteLaterFiles(_ files: ConfigurationFile) {
    for name in ["config/monitoring.yaml", "config/logging.yaml"] where files.exists(name) {
      files.findings.notice(
        Place(file: name, line: nil, key: ""),
        "is accepted and has no effect: a later version reads it")
    }
    files.checkDirectory("config")
  }

  private static func settings(
    _ main: MainFile, _ risk: RiskFile, _ accounts: AccountsFile, _ rules: RuleAssignment,
    _ variables: EnvironmentVariables
  ) -> RiskdSettings {
    var logging = main.logging
    if !variables.optional("LOG_LEVEL", ValueForm<LoggingSettings.Level>.oneOf()).isPresent {
      logging.rulesLevel = risk.rulesLevel
    }
    return RiskdSettings(
      venue: main.venue,
      accounts: accounts.accounts.map { account in
        AccountSettings(
          id: account.id, platformName: account.platformName, nickname: account.nickname,
          isEnabled: account.isEnabled,
          rules: risk.configuration(rules.rules(of: account.id), main: main))
      },
      orders: main.orders, supervision: main.supervision, database: main.database,
      logging: logging, monitoring: main.monitoring, system: main.system,
      development: main.development, cacheBytes: main.cacheBytes)
  }
}
