import AdminConsole
import ArgumentParser
import ControlPlane
import RiskModel
import Workers

struct AdminAccounts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Lists, adds, changes and deletes accounts.",
    subcommands: [List.self, Add.self, Edit.self, Delete.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the accounts.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("see the accounts") { $0.listAccounts() } }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds an account that the venue lists for the user.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "The venue's number of the account.")
    var account: Int64
    @Option(help: "What screens show.")
    var nickname: String?

    func run() throws {
      try place.admitted("add an account") { $0.addAccount(account, nickname: nickname) }
    }
  }

  struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes an account; one that is locked cannot be paused.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "The venue's number of the account.")
    var account: Int64
    @Option(help: "What screens show.")
    var nickname: String?
    @Option(help: "true: watched and acted on; false: paused.")
    var enabled: Bool?
    @Flag(help: "Take the name that the venue has now.")
    var rename = false

    func run() throws {
      try place.admitted("change an account") { work in
        work.editAccount(
          account,
          Administration.AccountChange(
            nickname: nickname, isEnabled: enabled, renames: rename))
      }
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes an account out of riskd's hands; one that is locked stays.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "The venue's number of the account.")
    var account: Int64
    @Option(help: "The word DELETE, instead of typing it.")
    var confirm: String?

    func run() throws {
      try place.admitted("delete an account") { work in
        let question = "Type DELETE to take account \(account) out of riskd's hands: "
        guard (confirm ?? LockoutAuthority.Terminal.standard.ask(question)) == "DELETE" else {
          return CommandOutcome(.refused, complaint: "riskctl: nothing was changed\n")
        }
        return work.deleteAccount(account)
      }
    }
  }
}

struct AdminRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Lists, changes, switches and resets the risk rules.",
    discussion: "Lockouts that stand stay as they are, whatever becomes of their rule.",
    subcommands: [List.self, Show.self, Set.self, Toggle.self, Reset.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows every rule with its state, limit and action.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("see the rules") { $0.listRules() } }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the fields of one rule.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "Number or name: 3, RULE-003 or daily_realized_loss.")
    var rule: RuleID

    func run() throws { try place.admitted("see a rule") { $0.showRule(rule) } }
  }

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives fields of a rule new values, all of them or none.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "Number or name: 3, RULE-003 or daily_realized_loss.")
    var rule: RuleID
    @Argument(help: "FIELD=VALUE, as in loss_limit=400.00; FIELD= takes the default.")
    var fields: [FieldAssignment]

    func run() throws {
      try place.admitted("change a rule") { work in
        work.setRule(rule, fields.map { ($0.key, $0.value) })
      }
    }
  }

  struct Toggle: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Switches a rule on where it is off, and the other way round.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "Number or name: 3, RULE-003 or daily_realized_loss.")
    var rule: RuleID

    func run() throws { try place.admitted("switch a rule") { $0.toggleRule(rule) } }
  }

  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings a rule back to what is shipped.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "Number or name: 3, RULE-003 or daily_realized_loss.")
    var rule: RuleID

    func run() throws { try place.admitted("reset a rule") { $0.resetRule(rule) } }
  }
}

/// `loss_limit=400.00`.
struct FieldAssignment: ExpressibleByArgument {
  var key: String
  /// `nil` for the default.
  var value: String?

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    key = String(argument[..<equals])
    let text = argument[equals...].dropFirst()
    value = text.isEmpty ? nil : String(text)
  }
}

extension RuleID: ExpressibleByArgument {
  package init?(argument: String) {
    guard let rule = RuleBook.rule(named: argument) else { return nil }
    self = rule
  }
}

struct AdminService: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service", abstract: "Shows and controls the service.",
    subcommands: [
      State.self, Start.self, Stop.self, Restart.self, Logs.self, Install.self, Uninstall.self,
    ], defaultSubcommand: State.self)

  struct State: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Shows PID, uptime, processor, memory and connections.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("see the service") { $0.serviceStatus() } }
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Starts riskd.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("start riskd") { $0.controlService(.start) } }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stops riskd; positions and lockouts stay, and nobody watches them.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("stop riskd") { $0.controlService(.stop) } }
  }

  struct Restart: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stops riskd and starts it again.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("restart riskd") { $0.controlService(.restart) } }
  }

  struct Logs: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the last 20 lines of the log.")

    @OptionGroup var place: AdminPlace

    func run() throws { try place.admitted("see the log") { $0.serviceLog() } }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Installs an archive of ops/build-release.")

    @OptionGroup var place: AdminPlace
    @Argument(help: "The archive.")
    var archive: String

    func run() throws { try place.admitted("install riskd") { $0.installService(archive) } }
  }

  struct Uninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stops riskd and takes it off this machine; configuration and data stay.")

    @OptionGroup var place: AdminPlace
    @Option(help: "The word UNINSTALL, instead of typing it.")
    var confirm: String?

    func run() throws {
      try place.admitted("uninstall riskd") { work in
        let question = "Type UNINSTALL to stop riskd and take it off this machine: "
        guard (confirm ?? LockoutAuthority.Terminal.standard.ask(question)) == "UNINSTALL" else {
          return CommandOutcome(.refused, complaint: "riskctl: nothing was changed\n")
        }
        return work.uninstallService()
      }
    }
  }
}
