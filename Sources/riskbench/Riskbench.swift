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
      restart (restarts, deaths and a hang under load), comparison (a single-process Python client under \
      the same feed; needs the Debian package python3-websockets and the checkout)

      --json prints one object: release, build, riskd, quick, seconds, machine, figures (name, \
      title, unit, value, must, aim, floor, floorName, ratio, verdict, detail), distributions \
      (name, title, runs, count, p50, p99, p999, max in nanoseconds), processes (name, moment, \
      residentBytes, proportionalBytes), notes. Verdicts: aim, must, missed, short, free, \
      unmeasured. Keys are only ever added.

      --endurance MINUTES measures nothing but memory, for that long, while quotes come at 130 a \
      second and ten times that for five seconds of every minute; --samples FILE takes the samples \
      (memory of its own of every process, comma-separated values). Growth of the sum beyond 1 MB \
      an hour, of what comes after the first ten minutes, is a miss; it takes 20 minutes to tell.

      --scale measures nothing but how cost grows with accounts, contracts and events, or only the \
      sizes of --size; nothing may be lost up to 1,000 user events a second. --soak MINUTES trades for \
      that long while workers die and hubs are cut; from ten minutes on, memory, descriptors and \
      database may grow only with what was traded. Both take --samples FILE for their numbers and \
      --curves FILE for a drawing (SVG).

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

  @Option(help: "Samples the memory for that many minutes of quotes, and nothing else.")
  var endurance: Int?

  @Flag(help: "Measures cost as accounts, contracts and events grow, and nothing else.")
  var scale = false

  @Option(
    parsing: .upToNextOption, help: "Only these sizes of --scale, such as accounts=100.",
    transform: { text in
      guard let size = ScaleSize(text) else {
        throw ValidationError("no size \(text); say accounts=N, contracts=N or events=N")
      }
      return size
    })
  var size: [ScaleSize] = []

  @Option(help: "Trades with deaths, restarts and cuts for that many minutes, and nothing else.")
  var soak: Int?

  @Option(help: "Decides what happens to whom in --soak.")
  var seed: UInt64 = 20_261_122

  @Option(help: "The new file of samples of --endurance, --scale or --soak.")
  var samples = "samples.csv"

  @Option(help: "The new drawing of --scale or --soak.")
  var curves = "curves.svg"

  @Option(help: "The interpreter of the comparison.")
  var python = PlainClient.standardInterpreter

  @Option(help: "The client of the comparison.")
  var plainClient = PlainClient.standardScript

  func validate() throws {
    guard [scale, soak != nil, endurance != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("one of --scale, --soak and --endurance at a time")
    }
    if let soak, !(1...1_440).contains(soak) {
      throw ValidationError("--soak takes 1 to 1440 minutes")
    }
    if let endurance, !(1...1_440).contains(endurance) {
      throw ValidationError("--endurance takes 1 to 1440 minutes")
    }
  }

  func run() throws {
    if let endurance { return try endure(.seconds(Int64(endurance) * 60)) }
    if let soak { return try runSoak(for: .seconds(Int64(soak) * 60)) }
    if scale { return try measureScale() }
    Leftovers.clearUp(after: quick ? .seconds(150) : .seconds(420)) { reason in
      Self.say("\(reason)")
    }
    let run = BenchmarkRun(
      stages: Set(only.isEmpty ? Stage.allCases : only), isQuick: quick,
      binFolder: try binDir ?? Self.ownFolder(),
      python: PythonPlace(interpreter: python, script: plainClient)
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

  private func endure(_ duration: TimeSpan) throws {
    Leftovers.clearUp(after: duration + .seconds(120)) { reason in Self.say(reason) }
    let run = EnduranceRun(
      program: try (binDir ?? Self.ownFolder()) + "/riskd", duration: duration, samplesFile: samples
    )
    let outcome: EnduranceRun.Outcome
    do {
      outcome = try run.run { Self.say($0) }
    } catch {
      Self.say("\(error)")
      throw ExitCode(2)
    }
    print(outcome.text, terminator: "")
    switch outcome.flatness {
    case .flat: break
    case .grows: throw ExitCode(1)
    case .unknown: throw ExitCode(2)
    }
  }

  private func runSoak(for duration: TimeSpan) throws {
    Leftovers.clearUp(after: duration + .seconds(180)) { reason in Self.say(reason) }
    let run = SoakRun(
      program: try (binDir ?? Self.ownFolder()) + "/riskd", duration: duration, seed: seed,
      samplesFile: samples)
    let outcome: SoakRun.Outcome
    do {
      outcome = try run.run { Self.say($0) }
      try ReportFile.write(
        Chart.drawing(
          SoakReport.charts(outcome),
          caption: "\(duration.milliseconds / 60_000) min, seed \(seed); upright: disturbances"),
        to: curves)
    } catch {
      Self.say("\(error)")
      throw ExitCode(2)
    }
    print("seed \(seed)\n" + SoakReport.text(outcome), terminator: "")
    if !outcome.holds { throw ExitCode(1) }
  }

  private func measureScale() throws {
    Leftovers.clearUp(after: .seconds(1_200)) { reason in Self.say(reason) }
    let run = ScaleRun(program: try (binDir ?? Self.ownFolder()) + "/riskd", isQuick: quick)
    let outcome = run.run(size.isEmpty ? ScaleSize.all(isQuick: quick) : size) { Self.say($0) }
    let points = outcome.points
    do {
      try ReportFile.write(ScaleReport.commaSeparated(points), to: samples)
      try ReportFile.write(
        Chart.drawing(
          ScaleReport.charts(points), caption: "cost as the load grows, all on one machine"),
        to: curves)
    } catch {
      Self.say("\(error)")
      throw ExitCode(2)
    }
    print(ScaleReport.table(points), terminator: "")
    for text in outcome.violations { print("violated: \(text)") }
    for text in outcome.missing + outcome.beyond { print(text) }
    if !outcome.violations.isEmpty { throw ExitCode(1) }
    if !outcome.missing.isEmpty { throw ExitCode(2) }
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
