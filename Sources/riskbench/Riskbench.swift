import ArgumentParser
import Benchmarks
import FoundationEssentials
import Glibc
import RiskModel

/// `riskbench`: what riskd takes on this machine, beside what the machine itself takes.
@main
struct Riskbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "riskbench",
    abstract: "Measures riskd against its budgets and against this machine's own floors.",
    discussion: """
      Runs riskd against a simulated venue on the loopback interface, in a folder of its own below \
      /tmp that is removed. Prints a table: every figure with what the specification asks for \
      (must), what the design aims at, what the machine itself takes for the same (floor), measured \
      in the same run, and the ratio.

      stages: reaction (event to request), throughput (events and quotes without loss), flat \
      (breach to proven flat at a slow venue), replay (of a journal), memory (and idle processor), \
      restart (restarts, deaths and a hang under load)

      --json prints one object: release, build, riskd, quick, seconds, machine, figures (name, \
      title, unit, value, must, aim, floor, floorName, ratio, verdict, detail), distributions \
      (name, title, runs, count, p50, p99, p999, max in nanoseconds), processes (name, moment, \
      residentBytes, proportionalBytes), notes. Verdicts: aim, must, missed, short, free, \
      unmeasured. Keys are only ever added.

      exit codes: 0 what must hold, holds; 1 something that must hold does not; 2 something could \
      not be measured, or wrong usage
      """)

  @Flag(help: "A short run: at most 90 seconds instead of six minutes, and wider error bars.")
  var quick = false

  @Option(
    parsing: .upToNextOption, help: "Only these stages.",
    transform: { name in
      guard let stage = Stage(rawValue: name) else {
        let names = Stage.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("no stage \(name); there are \(names)")
      }
      return stage
    })
  var only: [Stage] = []

  @Flag(help: "Prints JSON instead of a table.")
  var json = false

  @Option(help: "The folder with riskd; its own folder when left out.")
  var binDir: String?

  func run() throws {
    Leftovers.clearUp(after: quick ? .seconds(150) : .seconds(420)) { reason in
      Self.say("\(reason)")
    }
    let run = BenchmarkRun(
      stages: Set(only.isEmpty ? Stage.allCases : only), isQuick: quick,
      binFolder: try binDir ?? Self.ownFolder()
    ) { stage in
      Self.say("\(stage)")
    }
    let report: BenchmarkReport
    do {
      report = try run.run()
    } catch {
      Self.say("\(error)")
      throw ExitCode(2)
    }
    print(try json ? Self.json(report) : ReportText.render(report), terminator: "")
    if report.hasMissed { throw ExitCode(1) }
    if report.isIncomplete { throw ExitCode(2) }
  }

  private static func say(_ text: String) {
    let line = Array("riskbench: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  private static func ownFolder() throws -> String {
    let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
  }

  private static func json(_ report: BenchmarkReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }
}
