import RiskModel

/// Reads the whole configuration below a root directory.
///
/// Files: the secrets (see `SecretsFile`), `config/config.yaml`, `config/risk_config.yaml`,
/// `config/accounts.yaml`, `config/holidays.yaml`, `config/logging.yaml` and
/// `config/monitoring.yaml`, the last three if they are there. The process environment counts before the
/// secrets, and both before the YAML files.
package enum SettingsLoader {
  package enum Outcome: Sendable {
    /// Everything is right; the notices say what an operator should know all the same.
    case accepted(RiskdSettings, VenueCredentials, [ConfigurationNotice])
    /// Everything that is wrong, sorted by file and line.
    case rejected([ConfigurationProblem])
  }

  /// The variables that may hold secrets; a process that starts others keeps them from these.
  package static let secretVariables = Set(EnvironmentVariables.secret + ["CREDENTIALS_DIRECTORY"])

  /// - Parameters:
  ///   - root: the directory that holds `.env` and `config`.
  ///   - environment: the variables of the process; only those that riskd knows are looked at.
  /// - Returns: the settings and secrets, or every problem.
  package static func load(
    root: String, environment: [String: String]
  ) -> Outcome {
    load(root: root, environment: environment, Findings())
  }

  /// The same, with every value that counts and where it comes from, sorted by file and key; secrets
  /// as set or not set. Keys that have no effect are left out, and so is a file that is not there.
  package static func effective(
    root: String, environment: [String: String]
  ) -> (outcome: Outcome, values: [EffectiveValue]) {
    let findings = Findings()
    let outcome = load(root: root, environment: environment, findings)
    return (outcome, findings.effective.counting)
  }

  /// What would come of the configuration with these texts in the place of the files of these names,
  /// `config/risk_config.yaml` or `.env`. Nothing is written.
  package static func load(
    root: String, environment: [String: String], replacing candidates: [String: String]
  ) -> Outcome {
    load(root: root, environment: environment, Findings(), candidates)
  }

  private static func load(
    root: String, environment: [String: String], _ findings: Findings,
    _ candidates: [String: String] = [:]
  ) -> Outcome {
    var files = ConfigurationFile(root: root, findings: findings)
    files.candidates = candidates
    let variables = variables(files, environment)
    variables.recordSecrets()
    let credentials = CredentialsReader(variables: variables, findings: findings).read()
    let name = variables.optional("CONFIG_PATH", .text("a path")).value ?? MainFile.standardName
    let restore = "install the file of the same name that comes with riskd"
    let main = files.yaml(name, isPrivate: false, ifMissing: restore).map {
      MainFile($0, variables: variables, files: files)
    }
    let risk = files.yaml(RiskFile.name, isPrivate: false, ifMissing: restore).map(RiskFile.init)
    let accounts = files.yaml(
      AccountsFile.name, isPrivate: true, ifMissing: "write it after \(AccountsFile.example)"
    ).map(AccountsFile.init)
    let holidays =
      files.exists(HolidaysFile.name)
      ? files.yaml(HolidaysFile.name, isPrivate: false, ifMissing: restore).map(HolidaysFile.init)
      : nil
    let rules = risk?.blocks.map { blocks in
      RuleAssignment(
        blocks: blocks, accounts: accounts?.accounts ?? [], holidays: holidays)
    }
    if let main {
      rules?.checkQuotes(marketHub: main.marketHub, findings)
      accounts?.checkResets(against: main.system.tradingDay, findings)
    }
    if let main, let credentials, main.development.usesMockVenue {
      _ = CredentialsReader(variables: variables, findings: findings)
        .refusesLiveKey(with: credentials)
    }
    files.checkDirectory("config")
    let logging =
      files.exists(LoggingFile.name)
      ? files.yaml(LoggingFile.name, isPrivate: false, ifMissing: restore).map(LoggingFile.init)
      : nil
    let monitoring =
      files.exists(MonitoringFile.name)
      ? files.yaml(MonitoringFile.name, isPrivate: false, ifMissing: restore)
        .map(MonitoringFile.init)
      : nil
    guard findings.problems.isEmpty, let main, let risk, let accounts, let rules, let credentials
    else { return .rejected(findings.problems) }
    var settings = settings(main, risk, accounts, rules, holidays, variables)
    if let logging {
      let level = variables.optional("LOG_LEVEL", ValueForm<LoggingSettings.Level>.oneOf())
      settings.logging = logging.applied(
        to: settings.logging, levelIsOverridden: level.isPresent, findings)
    }
    if let monitoring {
      settings.monitoring = monitoring.applied(to: settings.monitoring, findings)
    }
    return .accepted(settings, credentials, findings.notices)
  }

  /// The files of secrets below the root that were written after the service manager handed the
  /// secrets over: what is in them counts after a restart of the service. Empty where the secrets are
  /// read from the root itself.
  package static func unseenSecrets(root: String, environment: [String: String]) -> [String] {
    let files = ConfigurationFile(root: root, findings: Findings())
    return SecretsFile(files, environment).writtenLater(below: root)
  }

  /// The secrets alone, for settings that were accepted earlier: whatever else is wrong, protection
  /// goes on with these.
  ///
  /// - Returns: `nil` when there are none that a venue session could use.
  package static func credentials(
    root: String, environment: [String: String], for settings: RiskdSettings
  ) -> VenueCredentials? {
    let variables = variables(
      ConfigurationFile(root: root, findings: Findings()), environment)
    let reader = CredentialsReader(variables: variables, findings: Findings())
    guard let credentials = reader.read() else { return nil }
    let isMisplaced =
      settings.development.usesMockVenue && reader.refusesLiveKey(with: credentials)
    return isMisplaced ? nil : credentials
  }

  /// The hash of the administrator's password alone: who mends a configuration that is not usable is
  /// asked for it as well.
  package static func administratorPasswordHash(
    root: String, environment: [String: String]
  ) -> Secret<String>? {
    let findings = Findings()
    let variables = variables(ConfigurationFile(root: root, findings: findings), environment)
    return CredentialsReader(variables: variables, findings: findings).passwordHash()
      .map { Secret($0) }
  }

  private static func variables(
    _ files: ConfigurationFile, _ environment: [String: String]
  ) -> EnvironmentVariables {
    let file = SecretsFile(files, environment)
    return EnvironmentVariables(
      assignments: file.text(files).map {
        EnvironmentFile.parse($0, file: file.name, findings: files.findings)
      }, of: file.name, environment: environment, findings: files.findings)
  }

  private static func settings(
    _ main: MainFile, _ risk: RiskFile, _ accounts: AccountsFile, _ rules: RuleAssignment,
    _ holidays: HolidaysFile?, _ variables: EnvironmentVariables
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
          rules: risk.configuration(
            rules.rules(of: account.id), main: main, holidays: holidays))
      },
      orders: main.orders, supervision: main.supervision, database: main.database,
      logging: logging, monitoring: main.monitoring, system: main.system,
      development: main.development, cacheBytes: main.cacheBytes)
  }
}
