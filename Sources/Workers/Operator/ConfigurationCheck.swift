package import ControlPlane
import FoundationEssentials
import Settings

/// `riskctl config validate`.
package enum ConfigurationCheck {
  /// Prints the six lines of the specification. Exit code 0 when riskd would start with this
  /// configuration, 1 with every problem otherwise. `online` also signs in at the venue and looks for
  /// the accounts; nothing is changed there.
  package static func run(root: String, online: Bool = false) -> CommandOutcome {
    run(root: root, online: online, libraries: LibraryCheck())
  }

  static func run(root: String, online: Bool = false, libraries: LibraryCheck) -> CommandOutcome {
    let environment = ProcessInfo.processInfo.environment
    switch SettingsLoader.load(root: root, environment: environment) {
    case .accepted(let settings, let credentials, let notices):
      let modes =
        DataModes.problems(
          root: root, settings.database, tokenFile: settings.venue.token.storePath)
        + ValidationLines.blockedFolders(root: root)
      let lines = ValidationLines(root: root, problems: modes, libraries: libraries).text
      guard modes.isEmpty else { return rejected(lines, modes) }
      guard libraries.problems.isEmpty else { return CommandOutcome(.no, output: lines) }
      let accounts = settings.enabledAccounts.map { "\($0.id)" }.joined(separator: ", ")
      let result =
        lines + ConfigurationReport.text(notices: notices)
        + "The configuration is valid; accounts: \(accounts)\n"
      guard online else { return CommandOutcome(.yes, output: result) }
      let venue = OnlineCheck(root: root, settings: settings, credentials: credentials).run()
      return CommandOutcome(
        venue.isGood ? .yes : .no, output: result + venue.lines.map { $0 + "\n" }.joined())
    case .rejected(let problems):
      // Where the files lie is not known then; they are looked for where they are shipped.
      let all =
        problems + DataModes.problems(root: root) + ValidationLines.blockedFolders(root: root)
      return rejected(ValidationLines(root: root, problems: all, libraries: libraries).text, all)
    }
  }

  private static func rejected(
    _ lines: String, _ problems: [ConfigurationProblem]
  ) -> CommandOutcome {
    CommandOutcome(.no, output: lines, complaint: ConfigurationReport.text(problems: problems))
  }
}
