import ArgumentParser
import Foundation
import Glibc
import ProcessControl
import RiskModel
import TraderScreen
import TraderTerminal

@main
struct Risktop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risktop",
    abstract: "Shows a trader's accounts live: results, limits, positions and lockouts.",
    discussion: """
      Looks only: nothing here changes a rule, a limit or a lockout. Needs membership in the group \
      risktraders where riskd is installed.

      Keys: 1 to 8 tabs, arrows up and down scroll, left, right and Tab change the account, \
      I and O clock in and out, ? shows all keys, Q leaves. NO_COLOR and TERM=dumb are heeded.

      Exit codes: 0 shown and up to date, 1 shown but out of date, 2 riskd cannot be asked or wrong \
      usage, 3 timed out, 4 refused.
      """,
    version: RiskdVersion.release)

  @Option(help: "The folder that holds config, data and run.")
  var root = "."
  @Flag(help: "Show everything once, as text, and leave.")
  var once = false
  @Flag(help: "One JSON object a line for every picture; with --once only the first.")
  var json = false
  @Option(help: "With --once or --json: wait this many seconds for riskd.")
  var timeout = 5

  func validate() throws {
    guard (1...3_600).contains(timeout) else {
      throw ValidationError("the timeout is 1 to 3600 seconds")
    }
  }

  func run() throws {
    try SignalSource.ignore(SIGPIPE)
    let path = root + "/run/trader.sock"
    let reactor = try Reactor()
    let terminal = Terminal(
      input: STDIN_FILENO, output: STDOUT_FILENO,
      environment: ProcessInfo.processInfo.environment)
    if once || json { return try glance(path, terminal, reactor) }
    guard terminal.isInteractive else {
      throw ValidationError("input and output are no terminal; use --once or --json")
    }
    try TraderConsole(path: path, terminal: terminal, on: reactor).run()
  }

  private func glance(_ path: String, _ terminal: Terminal, _ reactor: Reactor) throws {
    let form: TraderGlance.Form =
      json ? .json : .text(columns: max(80, terminal.size.columns), terminal.appearance)
    let glance = TraderGlance(path: path, form: form, once: once, on: reactor) { text in
      print(text, terminator: "")
      fflush(nil)
    }
    let ending = glance.run(timeout: .seconds(Int64(timeout)))
    if let complaint = glance.complaint {
      FileHandle.standardError.write(Data("risktop: \(complaint)\n".utf8))
    }
    throw ExitCode(ending.rawValue)
  }

  /// Wrong usage exits with 2, as everything else that risktop cannot do does.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure || code == .failure, !(error is ExitCode) else {
        exit(withError: error)
      }
      FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
      exit(withError: ExitCode(2))
    }
  }
}
