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

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows deaths, restarts and replaced links, oldest first.")

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
    abstract: "Looks at the configuration files.", subcommands: [Validate.self])

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reports everything that is wrong with the configuration (exit code 1), at once.")

    @OptionGroup var place: RootOption

    func run() throws {
      try ConfigurationCheck.run(root: place.root).finish()
    }
  }
}

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the journal through the engine again.", subcommands: [Verify.self])

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

extension CommandOutcome {
  /// Prints and leaves with the outcome's code.
  func finish() throws {
    print(output, terminator: "")
    FileHandle.standardError.write(Data(complaint.utf8))
    throw ExitCode(code.rawValue)
  }
}
