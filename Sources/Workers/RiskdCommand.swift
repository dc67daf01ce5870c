import FoundationEssentials
import Glibc
import Logging
import ProcessControl
import RiskModel
import Settings
package import Supervision
import SupervisorRole
import Telemetry

/// The command line of `riskd`. It is read by hand: three words, in every worker's memory.
package enum RiskdCommand: Equatable {
  case supervise(root: String)
  case work(WorkerName)
  case version
  case help
  case wrong(String)

  package static let usage = """
    usage: riskd [--root DIR]

    Watches the accounts of DIR/config/accounts.yaml and enforces DIR/config/risk_config.yaml.
    DIR (default: the working directory) holds config/, data/, logs/, backups/, run/ and .env.
    Runs in the foreground until SIGTERM or SIGINT.

      --root DIR   the folder described above
      --version    the release
      --help       this text

    exit codes: 0 asked to stop, 2 usage, 70 internal failure, 78 configuration unusable
    """

  package init(_ arguments: [String]) {
    var words = arguments.dropFirst()
    guard let first = words.popFirst() else {
      self = .supervise(root: ".")
      return
    }
    switch (first, words.popFirst(), words.isEmpty) {
    case ("--root", let root?, true): self = .supervise(root: root)
    case ("--version", nil, _): self = .version
    case ("--help", nil, _), ("-h", nil, _): self = .help
    case ("worker", let name?, true):
      self = WorkerName(rawValue: name).map(RiskdCommand.work) ?? .wrong("no worker \(name)")
    default: self = .wrong("cannot read '\(arguments.dropFirst().joined(separator: " "))'")
    }
  }

  /// - Returns: The exit code of the process.
  package func run() -> Int32 {
    switch self {
    case .supervise(let root):
      return RiskdCommand.supervise(root)
    case .work(let name):
      return WorkerCommand.run(name)
    case .version:
      print("riskd \(RiskdVersion.release) (engine \(RiskdVersion.engine))")
      return 0
    case .help:
      print(RiskdCommand.usage)
      return 0
    case .wrong(let problem):
      write("riskd: \(problem)\n\(RiskdCommand.usage)\n")
      return 2
    }
  }

  private static func supervise(_ relativeRoot: String) -> Int32 {
    guard let path = realpath(relativeRoot, nil) else {
      write("riskd: \(relativeRoot): no such folder; name it with --root DIR\n")
      return WorkerOutcome.configurationUnusable.code
    }
    let root = String(cString: path)
    free(path)
    switch SettingsLoader.load(root: root, environment: environment()) {
    case .rejected(let problems):
      write(ConfigurationReport.text(problems: problems))
      write("riskd: nothing was started\n")
      return WorkerOutcome.configurationUnusable.code
    case .accepted(let settings, let credentials, let notices):
      return supervise(root, settings, credentials, notices)
    }
  }

  private static func supervise(
    _ root: String, _ settings: RiskdSettings, _ credentials: VenueCredentials,
    _ notices: [ConfigurationNotice]
  ) -> Int32 {
    bootstrapLogging("supervisor", settings)
    let logger = Logger(label: "supervisor")
    for notice in notices { logger.notice("\(notice)") }
    do {
      var briefings: [WorkerName: String] = [:]
      for worker in WorkerName.allCases {
        briefings[worker] = try WorkerBriefing(
          for: worker, root: root, settings: settings, credentials: credentials
        ).encoded()
      }
      let supervisor = Supervisor(
        root: root, executable: try ownExecutable(), settings: briefings,
        supervision: SupervisionSettings(settings), log: logger)
      return supervisor.run()
    } catch {
      logger.critical("riskd cannot start", metadata: ["problem": "\(error)"])
      return Supervisor.internalFailure
    }
  }

  static func bootstrapLogging(_ worker: String, _ settings: RiskdSettings) {
    Telemetry.bootstrap(
      worker: worker, level: LogLevel(rawValue: settings.logging.level.rawValue) ?? .info,
      format: settings.logging.format == .json ? .json : .text)
  }

  private static func ownExecutable() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  }

  static func environment() -> [String: String] { ProcessInfo.processInfo.environment }

  private func write(_ text: String) { RiskdCommand.write(text) }

  static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

extension SupervisionSettings {
  init(_ settings: RiskdSettings) {
    self.init()
    let thresholds = settings.supervision
    crashDeaths = Int(thresholds.crashDeaths)
    crashDeathsAll = Int(thresholds.crashDeathsAll)
    crashWindow = thresholds.crashWindow
    backoff = thresholds.backoff
    markGoodAfter = thresholds.markGoodAfter
    readyTimeout = settings.system.connectTimeout
  }
}
