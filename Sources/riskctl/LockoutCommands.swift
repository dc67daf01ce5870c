import ArgumentParser
import ControlPlane
import Workers

struct Lockouts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the lockouts that stand, or ends one that only an administrator ends.",
    subcommands: [List.self, End.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows the lockouts that stand, what ends them and what was tried against them.")

    @OptionGroup var place: RootOption
    @Flag(help: "One JSON array; the keys are only ever added to.")
    var json = false

    func run() throws {
      try place.commands.lockouts(place.format(json)).finish()
    }
  }

  struct End: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ends a lockout that nothing else ends (root, with the administrator's password).",
      discussion: """
        Lockouts with a time, a daily reset, a session or a condition end by that alone. A rule that \\
        is still broken locks again at once (exit code 1). The audit log keeps who did it.
        """)

    @OptionGroup var place: RootOption
    @Argument(help: "The lockout's name, as riskctl lockouts shows it: 184-0.")
    var lockout: String

    func run() throws {
      let authority = LockoutAuthority(root: place.root, terminal: .standard)
      try (authority.refusal(of: lockout) ?? place.commands.endLockout(lockout)).finish()
    }
  }
}
