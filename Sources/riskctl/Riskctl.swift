import ArgumentParser
import RiskModel

@main
struct Riskctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "riskctl",
    abstract: "Shows and steers a running riskd.",
    discussion: """
      Exit codes: 0 yes, 1 no or check failed, 2 usage or environment, 3 timed out, 4 refused.
      """,
    version: RiskdVersion.release,
    subcommands: [
      Status.self, Restart.self, Reload.self, History.self, Replay.self, Config.self,
      DatabaseGroup.self, Audit.self, Lockouts.self, StateGroup.self, Metrics.self, Failure.self,
      Profile.self, HashPassword.self, ChecklistGroup.self, Admin.self,
    ])

  /// Wrong usage exits with 2, as everything else that riskctl cannot do does.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      print(fullMessage(for: error))
      exit(withError: ExitCode(2))
    }
  }
}
