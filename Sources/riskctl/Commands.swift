import ArgumentParser
import ControlPlane
import Foundation
import Glibc
import RiskModel
import Supervision
import Workers

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows every worker, what it has done and what is missing.",
    discussion: "Exits with 0 when every worker does its job, with 1 when something is missing.")

  @OptionGroup var place: RootOption
  @Flag(help: "One JSON object; its keys are only ever added to.")
  var json = false

  func run() throws {
    try place.commands.status(place.format(json)).finish()
  }
}

struct Restart: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restarts one worker; nothing is lost and it counts as no death.")

  @OptionGroup var place: RootOption
  @Argument(help: "gateway, evaluator or enforcer")
  var worker: WorkerName
  @Flag(help: "Return when the worker is ready again.")
  var wait = false
  @Option(help: "With --wait: give up after this many seconds (exit code 3).")
  var timeout = 30
  @Option(help: "Why; kept in the history.")
  var reason = "asked by an operator"

  func run() throws {
    let request = RestartRequest(
      worker: worker, wait: wait, timeoutSeconds: timeout, reason: reason)
    try place.commands.restart(request).finish()
  }
}

struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads the configuration anew and runs with it; root and the user of riskd only.",
    discussion: """
      Exits with 1 and every problem when the configuration is not usable; then nothing has changed.
      Only workers with something new are restarted; nothing is lost and it counts as no death.
      """)

  @OptionGroup var place: RootOption
  @Flag(help: "Return when the restarted workers are ready again.")
  var wait = false
  @Option(help: "With --wait: give up after this many seconds (exit code 3).")
  var timeout = 60

  func run() throws {
    try place.commands.reload(ReloadRequest(wait: wait, timeoutSeconds: timeout)).finish()
  }
}

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows deaths, restarts, roll-backs, lost messages and links, oldest first.")

  @OptionGroup var place: RootOption
  @Option(help: "The most entries to show.")
  var limit = 50
  @Flag(help: "One JSON object a line.")
  var json = false

  func run() throws {
    try place.commands.history(limit: limit, place.format(json)).finish()
  }
}

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at the configuration files.", subcommands: [Validate.self, Show.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows every value that counts, and the file, line or variable it comes from.",
      discussion: "Secrets are shown as set or not set. Exits with 1 when the files are not usable."
    )

    @OptionGroup var place: RootOption
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws { try ConfigurationShow.outcome(root: place.root, asJSON: json).finish() }
  }

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reports everything that is wrong with the configuration (exit code 1), at once.")

    @OptionGroup var place: RootOption
    @Flag(help: "Also sign in at the venue and look for the accounts; nothing is changed there.")
    var online = false

    func run() throws {
      try ConfigurationCheck.run(root: place.root, online: online).finish()
    }
  }
}

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the journal through the engine again (root).",
    subcommands: [Verify.self, Run.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows that the journal gives the same decisions; prints their digest.",
      discussion: "Exits with 1 and names the first input whose decisions differ.")

    @OptionGroup var place: RootOption
    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
      try JournalReplay.verify(root: place.root, asJSON: json).finish()
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows what other rules would have done on days that are in the journal.",
      discussion: """
        The folder holds any of risk_config.yaml, config.yaml, accounts.yaml and holidays.yaml; what \
        it lacks is taken from the root. Nothing is written and nothing is sent.
        """)

    @OptionGroup var place: RootOption
    @Option(help: "The folder with the rules that are tried.")
    var config: String
    @Option(help: "The first trading day, YYYY-MM-DD.")
    var from: CivilDate
    @Option(help: "The last trading day, YYYY-MM-DD.")
    var to: CivilDate
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws {
      try ReplayRun(root: place.root, folder: config, from: from, through: to)
        .outcome(asJSON: json).finish()
    }
  }
}

struct RootOption: ParsableArguments {
  @Option(help: "The folder that holds config, data and run.")
  var root = "."

  var commands: OperatorCommands {
    OperatorCommands(ControlClient(path: root + "/run/control.sock"))
  }

  func format(_ json: Bool) -> OperatorCommands.Format {
    json ? .json : .text(isatty(STDOUT_FILENO) == 1 ? .terminal : .plain)
  }
}

extension WorkerName: ExpressibleByArgument {}

extension CivilDate: ExpressibleByArgument {
  /// `2026-11-18`.
  package init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // The thirtieth of February is another day when it is counted.
    guard (1...12).contains(month), CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date else {
      return nil
    }
    self = date
  }
}

extension CommandOutcome {
  /// Prints and leaves with the outcome's code.
  func finish() throws {
    print(output, terminator: "")
    FileHandle.standardError.write(Data(complaint.utf8))
    throw ExitCode(code.rawValue)
  }
}
