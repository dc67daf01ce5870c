package import RiskModel
package import RiskRules

extension SettingsLoader {
  /// The rules of a folder that are to be tried, not to be put in force.
  package enum RuleOutcome: Sendable {
    case accepted([AccountID: RiskConfiguration], [ConfigurationNotice])
    /// Everything that is wrong, sorted by file and line.
    case rejected([ConfigurationProblem])
  }

  /// Reads the rules of every enabled account from a folder with any of risk_config.yaml,
  /// config.yaml, accounts.yaml and holidays.yaml. What it lacks is taken from the root's `config`;
  /// secrets are not looked at.
  package static func rules(
    in folder: String, root: String, environment: [String: String]
  ) -> RuleOutcome {
    let findings = Findings()
    let files = ConfigurationFile(root: root, findings: findings, overlay: folder)
    let variables = EnvironmentVariables(
      assignments: [], of: "environment", environment: environment, findings: findings)
    let restore = "give the folder one, or the root"
    let main = files.yaml(MainFile.standardName, isPrivate: false, ifMissing: restore).map {
      MainFile($0, variables: variables, files: files)
    }
    let risk = files.yaml(RiskFile.name, isPrivate: false, ifMissing: restore).map(RiskFile.init)
    let accounts = files.yaml(AccountsFile.name, isPrivate: true, ifMissing: restore).map(
      AccountsFile.init)
    let holidays =
      files.exists(HolidaysFile.name)
      ? files.yaml(HolidaysFile.name, isPrivate: false, ifMissing: restore).map(HolidaysFile.init)
      : nil
    let assigned = risk?.blocks.map {
      RuleAssignment(blocks: $0, accounts: accounts?.accounts ?? [], holidays: holidays)
    }
    guard findings.problems.isEmpty, let main, let risk, let accounts, let assigned else {
      return .rejected(findings.problems)
    }
    let enabled = accounts.accounts.filter(\.isEnabled)
    return .accepted(
      Dictionary(
        uniqueKeysWithValues: enabled.map {
          ($0.id, risk.configuration(assigned.rules(of: $0.id), main: main, holidays: holidays))
        }), findings.notices)
  }
}
