import ArgumentParser
import Workers

struct DatabaseGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db",
    abstract: "Makes, checks, copies and replaces the database (root, or riskd's own user).",
    subcommands: [
      Initialize.self, Migrate.self, Verify.self, BackUp.self, Restore.self, Vacuum.self,
    ])

  struct Initialize: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init",
      abstract: "Makes an empty database; refuses where there is one (root; riskd stopped).")

    @OptionGroup var place: RootOption

    func run() throws { try place.database.initialize().finish() }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings a database of an older schema up to date (root; riskd stopped).",
      discussion: """
        Makes a backup and checks the whole file first; then one transaction, so that a failure \
        changes nothing. Does nothing where the version is there already.
        """)

    @OptionGroup var place: RootOption
    @Option(name: .customLong("from-version"), help: "The version that the file has.")
    var from: Int
    @Option(name: .customLong("to-version"), help: "The version that it is to have.")
    var to: Int

    func run() throws { try place.database.migrate(from: from, to: to).finish() }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Looks for damage and for missing tables, columns and indexes (root).",
      discussion: "Exits with 1 and says what is missing. riskd may be running.")

    @OptionGroup var place: RootOption

    func run() throws { try place.database.verify().finish() }
  }

  struct BackUp: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "backup",
      abstract: "Copies the database to backups/ and checks the copy (root).",
      discussion: """
        riskd may be running. The newest database.backup.keepCount copies are kept; their names \
        carry the time in UTC.
        """)

    @OptionGroup var place: RootOption

    func run() throws { try place.database.backUp().finish() }
  }

  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts a backup in the place of the database (root; riskd stopped).",
      discussion: """
        The backup is checked first and the present file is set aside, not deleted. At its next \
        start riskd admits no new exposure until the venue was read again.
        """)

    @OptionGroup var place: RootOption
    @Argument(help: "The time stamp of a backup, 20260821_143000, or a file.")
    var backup: String

    func run() throws { try place.database.restore(backup).finish() }
  }

  struct Vacuum: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives unused space of the file back (root; riskd stopped).")

    @OptionGroup var place: RootOption

    func run() throws { try place.database.vacuum().finish() }
  }
}

extension RootOption {
  fileprivate var database: DatabaseCommands { DatabaseCommands(root: root) }
}
