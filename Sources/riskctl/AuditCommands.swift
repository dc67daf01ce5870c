import ArgumentParser
import Workers

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at the audit log (root, or riskd's own user).", subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Finds records that were changed, are missing or out of order (root).",
      discussion: """
        Names line and number of each. Exits with 1 when there are any. What was cut from the end \
        is found by what the database remembers.
        """)

    @OptionGroup var place: RootOption

    func run() throws { try AuditCommands.verify(root: place.root).finish() }
  }
}
