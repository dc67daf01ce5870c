import ArgumentParser
import Glibc
import RiskModel
import SimulatedVenue
import TradingDayDemo

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plays a trading day of about a minute against the real riskd, and tells it.",
    discussion: """
      Starts a simulated venue and riskd in a fresh temporary folder, lets a trader break one rule \
      after the other, kills a part of riskd and cuts a stream on the way, and shows what riskd \
      does about it. At the end the venue is asked whether everything was put right.

      Exit codes: 0 everything was proven, 1 something is missing (it says what), 2 usage or \
      environment, 128 + N ended by signal N. Nothing is left running in any case.
      """)

  @Flag(help: "Go on after the day, so that riskctl can be tried; Ctrl+C ends it.")
  var stay = false

  @Option(help: "The riskd to show. Left out, the one beside this program.")
  var riskd: String?

  @Option(
    help: "How fast trader and market are: 1 is real time, 2 twice as fast.",
    transform: { text in
      guard let clock = ExactDecimal(text).flatMap({ ScenarioClock(decimal: $0) }) else {
        throw ValidationError("expected a number from 0.001 to 1000, found \(text)")
      }
      return clock
    })
  var speed = ScenarioClock.realTime

  @Option(help: "The folder with the demonstration's configuration.")
  var config = "config/demo"

  @Option(help: "The trading day, a scenario file with numbered chapters.")
  var scenario = "config/scenarios/trading-day.json"

  func run() throws {
    var options = DemoOptions(riskd: riskd ?? Demo.neighbour(named: "riskd"))
    options.configuration = config
    options.scenario = scenario
    options.clock = speed
    options.stays = stay
    options.hasColours = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    let outcome = Demonstration.give(options, write: Demo.write)
    throw ExitCode(outcome.code)
  }

  /// Whether somebody still reads it.
  private static func write(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// The path of another program in the folder of this one.
  private static func neighbour(named name: String) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    let folder = own.lastIndex(of: UInt8(ascii: "/")).map { own[...$0] } ?? []
    return String(decoding: folder, as: UTF8.self) + name
  }
}
