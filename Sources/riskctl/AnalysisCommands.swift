import ArgumentParser
import ControlPlane
import RiskModel
import Workers

struct StateGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state",
    abstract: "Compares what riskd knows with the venue (root, or riskd's own user).",
    subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compares positions and orders of the journal with the venue's lists (root).",
      discussion: """
        Nothing is changed on either side; riskd may be running. Exits with 0 when all is the same, \
        with 1 and every difference that stays, with 2 when journal or venue cannot be read.
        """)

    @OptionGroup var place: RootOption
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws { try StateVerification(root: place.root).outcome(asJSON: json).finish() }
  }
}

struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at what the monitor measured (root, or riskd's own user).",
    subcommands: [Analyze.self])

  struct Analyze: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Least, most and percentiles of each metric (root).",
      discussion: """
        The monitor keeps a value a minute. --assert takes a condition in the language of alerts, \
        such as 'event_processing_latency_p95 < 10' or 'lockout_counts <= 5 in 1h': at least 95 of \
        100 values have to agree with it, and there has to be one; else the exit code is 1.
        """)

    enum Span: String, EnumerableFlag {
      case last24h
      case last7d

      static func name(for value: Span) -> NameSpecification {
        switch value {
        case .last24h: .customLong("last-24h")
        case .last7d: .customLong("last-7d")
        }
      }

      var length: TimeSpan {
        switch self {
        case .last24h: .seconds(86_400)
        case .last7d: .seconds(7 * 86_400)
        }
      }
    }

    @OptionGroup var place: RootOption
    @Flag(help: "The span that is looked at; the last day where none is given.")
    var span = Span.last24h
    @Option(help: "A metric, or a part of its name, such as latency; may be given again.")
    var metric: [String] = []
    @Option(help: "What has to be so; may be given again.")
    var assert: [String] = []
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws {
      try MetricsAnalysis(
        root: place.root, span: span.length, names: metric, assertions: assert
      ).outcome(asJSON: json).finish()
    }
  }
}

struct Failure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at what a failed service left.", subcommands: [Analyze.self])

  struct Analyze: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time line, first error, restarts and the six criteria of a roll-back.",
      discussion: """
        Exits with 0 when there is a report, whatever it says. What the folder does not tell is \
        marked with ⏳: it is neither met nor not met.
        """)

    @OptionGroup var place: RootOption
    @Argument(help: "A folder of ops/rollback; the root where none is given.")
    var folder: String?
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws {
      try FailureAnalysis.outcome(of: folder ?? place.root, asJSON: json).finish()
    }
  }
}

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what the processes of riskd need (root, or riskd's own user, sees all of it).",
    subcommands: [Memory.self, Performance.self])

  struct Memory: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Memory, descriptors and threads of each process, and how memory changed.",
      discussion: "Exits with 1 when all processes together need 100 MiB or more.")

    @OptionGroup var place: RootOption
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws { try place.profile.memory(asJSON: json).finish() }
  }

  struct Performance: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Processor time of each process, and how long events and answers take.")

    @OptionGroup var place: RootOption
    @Option(help: "How long to watch, 1 to 600.")
    var seconds = 5
    @Flag(help: "One JSON object; its keys are only ever added to.")
    var json = false

    func run() throws {
      try place.profile.performance(seconds: seconds, asJSON: json).finish()
    }
  }
}

extension RootOption {
  fileprivate var profile: ServiceProfile {
    ServiceProfile(root: root, authority: ControlClient(path: root + "/run/control.sock"))
  }
}
