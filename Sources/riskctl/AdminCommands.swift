import AdminConsole
import ArgumentParser
import ControlPlane
import Glibc
import RiskModel
import Workers

struct Admin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Menus for an administrator: authentication, accounts, rules, service (root).",
    discussion: """
      Asks for the administrator's password. What is changed is checked as a whole, the old file is \
      kept in backups/, riskd takes it over while it runs, and the audit log knows of it, as of who \
      came in and which menu was opened. Of .env no copy is kept: a key that was replaced lies \
      nowhere else. Nothing here ends a lockout. The subcommands do the same for programs.
      """,
    subcommands: [
      Menu.self, AdminAuth.self, AdminAccounts.self, AdminRules.self, AdminService.self,
      AdminTest.self, AdminStatus.self,
    ], defaultSubcommand: Menu.self)

  struct Menu: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the menus (the default).")

    @OptionGroup var place: AdminPlace

    func run() throws {
      try place.admitted("administrate riskd") { work in
        AdministratorConsole(work) { text in
          let bytes = Array(text.utf8)
          _ = write(STDOUT_FILENO, bytes, bytes.count)
        }.run()
      }
    }
  }
}

/// Where riskd is, and how the administrator shows who he is.
struct AdminPlace: ParsableArguments {
  @OptionGroup var place: RootOption
  @Option(help: "Read the administrator's password from this descriptor instead of asking.")
  var passwordFd: Int32?

  func admitted(
    _ purpose: String, _ body: (Administration) -> CommandOutcome
  ) throws {
    let terminal =
      passwordFd.map { LockoutAuthority.Terminal.password(from: $0) } ?? .standard
    try Administration(
      root: place.root, terminal: terminal,
      authority: ControlClient(path: place.root + "/run/control.sock")
    ).admitted(purpose, body).finish()
  }
}

struct AdminAuth: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auth",
    abstract: "Stores user name and API key in .env, once the venue took them.",
    discussion: """
      Asks for the key without showing it, or reads a line of a descriptor. No copy of the old .env is \
      kept: until the venue took the new key the file stays as it is.
      """)

  @OptionGroup var place: AdminPlace
  @Option(help: "The venue's user name.")
  var user: String
  @Option(help: "Read the API key from this descriptor instead of asking.")
  var keyFd: Int32?

  func run() throws {
    let source = keyFd.map { LockoutAuthority.Terminal.password(from: $0) } ?? .standard
    try place.admitted("configure the authentication") { work in
      guard let key = source.askHidden("API key (not shown): ") else {
        return CommandOutcome(.refused, complaint: "riskctl: no key was typed\n")
      }
      return work.configureAuthentication(user: user, key: key)
    }
  }
}

struct AdminTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Tries venue, hubs, accounts, database and control socket; 1 when one fails.")

  @OptionGroup var place: AdminPlace

  func run() throws { try place.admitted("test the connections") { $0.testConnections() } }
}

struct AdminStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows riskd, its connections, the accounts and the last ten events.")

  @OptionGroup var place: AdminPlace

  func run() throws { try place.admitted("see the state of riskd") { $0.daemonStatus() } }
}
