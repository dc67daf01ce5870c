package import ControlPlane
import FoundationEssentials
import Settings

/// `riskctl config validate`.
package enum ConfigurationCheck {
  /// Exit code 0 when riskd would start with this configuration, 1 with every problem otherwise.
  package static func run(root: String) -> CommandOutcome {
    let environment = ProcessInfo.processInfo.environment
    switch SettingsLoader.load(root: root, environment: environment) {
    case .accepted(let settings, _, let notices):
      let accounts = settings.enabledAccounts.map { "\($0.id)" }.joined(separator: ", ")
      return CommandOutcome(
        .yes,
        output: ConfigurationReport.text(notices: notices)
          + "The configuration is valid; accounts: \(accounts)\n")
    case .rejected(let problems):
      return CommandOutcome(.no, complaint: ConfigurationReport.text(problems: problems))
    }
  }
}
