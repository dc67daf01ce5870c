import FoundationEssentials
import Glibc
import Logging
import PeerProtocol
package import ProcessControl
import RiskModel
import Settings
import Store
package import Supervision
import SupervisorRole
import Telemetry

/// The command line of `riskd`. It is read by hand: three words, in every worker's memory.
package enum RiskdCommand: Equatable {
  case supervise(root: String)
  case work(WorkerName, ClockPace)
  case version
  case help
  case completion(RiskdCompletion)
  case wrong(String)

  package static let usage = """
    usage: riskd [--root DIR]

    Watches the accounts of DIR/config/accounts.yaml and enforces DIR/config/risk_config.yaml.
    DIR (default: the working directory) holds config/, data/, logs/, backups/, run/ and .env.
    Runs in the foreground until SIGTERM or SIGINT (Ctrl+C); a second Ctrl+C does not wait for what
    is in flight. SIGHUP reads the configuration anew, as riskctl reload does.

      --root DIR   the folder described above
      --version    the release
      --help       this text
      --generate-completion-script SHELL
                   what bash, zsh or fish proposes while somebody types

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
    case (RiskdCompletion.option, let shell?, true):
      self =
        RiskdCompletion(rawValue: shell).map { .completion($0) }
        ?? .wrong("no completions for \(shell), only for bash, zsh and fish")
    case ("worker", let name?, _) where ClockPace(arguments: words) != nil:
      let pace = ClockPace(arguments: words) ?? .machine
      self = WorkerName(rawValue: name).map { .work($0, pace) } ?? .wrong("no worker \(name)")
    default: self = .wrong("cannot read '\(arguments.dropFirst().joined(separator: " "))'")
    }
  }

  /// - Returns: The exit code of the process.
  package func run() -> Int32 {
    switch self {
    case .supervise(let root):
      return RiskdCommand.supervise(root)
    case .work(let name, let pace):
      return WorkerCommand.run(name, pace)
    case .version:
      print("riskd \(RiskdVersion.release) (engine \(RiskdVersion.engine))")
      return 0
    case .help:
      print(RiskdCommand.usage)
      return 0
    case .completion(let shell):
      print(shell.script)
      return 0
    case .wrong(let problem):
      write("riskd: \(problem)\n\(RiskdCommand.usage)\n")
      return 2
    }
  }

  private static func supervise(_ relativeRoot: String) -> Int32 {
    do {
      // Before the first thread: one with these signals open would end the process by them.
      try SignalSource.hold(Supervisor.signals)
    } catch {
      write("riskd: \(error)\n")
      return Supervisor.internalFailure
    }
    guard let path = realpath(relativeRoot, nil) else {
      write("riskd: \(relativeRoot): no such folder; name it with --root DIR\n")
      return WorkerOutcome.configurationUnusable.code
    }
    let root = String(cString: path)
    free(path)
    let environment = environment()
    switch ConfigurationFiles.start(root: root, environment: environment) {
    case .impossible(let problems):
      write(ConfigurationReport.text(problems: problems))
      write("riskd: nothing was started\n")
      return WorkerOutcome.configurationUnusable.code
    case .with(let running, let problem, let notices):
      let clock = SystemClock(
        pace: ClockPace(running.settings.development, startedAt: SystemClock()))
      let outlet = TelemetryOutlet(
        startedAt: clock.now(), vitals: { ProcessVitals.figures() })
      bootstrapLogging("supervisor", running.settings, outlet, clock)
      let logger = Logger(label: "supervisor")
      if !clock.pace.isMachine {
        logger.warning("riskd goes by a clock for tests", metadata: ["clock": "\(clock.pace)"])
      }
      for notice in notices { logger.notice("\(notice)") }
      return supervise(
        root, running, problem,
        by: ConfigurationFiles(
          root: root, environment: environment, running: running, log: logger, clock: clock),
        logger, outlet, clock)
    }
  }

  private static func supervise(
    _ root: String, _ running: RunningSettings, _ problem: String?,
    by files: ConfigurationFiles, _ logger: Logger, _ outlet: TelemetryOutlet, _ clock: SystemClock
  ) -> Int32 {
    let problems = DataModes.problems(
      root: root, running.settings.database, tokenFile: running.settings.venue.token.storePath)
    guard problems.isEmpty else {
      write(ConfigurationReport.text(problems: problems))
      write("riskd: nothing was started\n")
      return WorkerOutcome.configurationUnusable.code
    }
    guard let executable = ownExecutable() else {
      logger.critical("riskd cannot start: it does not know its own file")
      return Supervisor.internalFailure
    }
    let claim = VenueUserClaim.claim(running.credentials.owner(at: running.settings.venue))
    switch claim {
    case .claimed:
      break
    case .taken(let process):
      logger.critical(
        "Another riskd of this machine, process \(process), already acts for this venue user")
      return WorkerOutcome.configurationUnusable.code
    case .unknown(let reason):
      logger.warning(
        "It is not known whether another riskd acts for the same venue user",
        metadata: ["problem": "\(reason)"])
    }
    // Held until the end.
    defer { withExtendedLifetime(claim) {} }
    do {
      let configuration = SupervisedConfiguration(
        settings: try running.briefings(root: root), problem: problem, source: files,
        withheldVariables: SettingsLoader.secretVariables)
      if problem == nil { files.keepAccepted(running.settings) }
      makeBackupFolder(of: running.settings.database, root)
      for problem in MonitorFiles.prepare(root: root, running.settings.logging) {
        logger.warning("\(problem)")
      }
      if let problem = TokenPlace.prepare(running.settings, root: root) {
        logger.error("The token cannot be kept", metadata: ["problem": "\(problem)"])
      }
      let audit = SupervisorAudit(root: root, logger: logger, clock: clock)
      let supervisor = Supervisor(
        root: root, executable: executable, configuration: configuration,
        supervision: SupervisionSettings(running.settings), log: logger,
        schema: Store.schemaVersion, pace: clock.pace,
        onRecord: { entry in
          audit.record(entry)
          if entry.event == .ready { logger.notice("Application initialized successfully") }
        },
        onStatus: { outlet.emit(.news(topic: TraderDesk.serviceTopic, body: $0)) },
        onTelemetry: { outlet.connect(descriptor: $0.release()) })
      let code = supervisor.run()
      audit.finish()
      return code
    } catch {
      logger.critical("riskd cannot start", metadata: ["problem": "\(error)"])
      return Supervisor.internalFailure
    }
  }

  /// The evaluator is confined to folders that are there when it starts.
  private static func makeBackupFolder(of database: DatabaseSettings, _ root: String) {
    let path = database.backup.directory
    mkdir(path.hasPrefix("/") ? path : "\(root)/\(path)", 0o700)
  }

  /// Somebody at a terminal reads text, whatever the log files are written in; `outlet` leads there.
  static func bootstrapLogging(
    _ worker: String, _ settings: RiskdSettings, _ outlet: TelemetryOutlet?, _ clock: any Clock
  ) {
    let isText = settings.logging.format == .text || isatty(STDERR_FILENO) == 1
    let level = settings.logging.level(of: worker, isDebugging: settings.development.debugLogging)
    Telemetry.bootstrap(
      worker: worker, level: LogLevel(rawValue: level.rawValue) ?? .info,
      format: isText ? .text : .json, clock: clock, outlet: outlet)
  }

  static func ownExecutable() -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
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
  /// Below the TimeoutStartSec of units/riskd.service: a venue that does not answer is no reason for
  /// systemd to end riskd.
  private static let longestStart = TimeSpan.seconds(45)

  init(_ settings: RiskdSettings) {
    self.init()
    let thresholds = settings.supervision
    crashDeaths = Int(thresholds.crashDeaths)
    crashDeathsAll = Int(thresholds.crashDeathsAll)
    crashWindow = thresholds.crashWindow
    backoff = thresholds.backoff
    markGoodAfter = thresholds.markGoodAfter
    drainDeadline = settings.system.shutdownGrace
    forceKillAfter = settings.system.forceKillAfter
    readyTimeout = min(settings.system.connectTimeout, Self.longestStart)
  }
}

extension ClockPace {
  /// The clock of a configuration; one without an anchor begins now.
  init(_ development: DevelopmentSettings, startedAt machine: SystemClock) {
    guard let clock = development.testClock else {
      self = .machine
      return
    }
    self.init(
      anchor: clock.anchor ?? machine.now(), offset: clock.offset, rate: clock.rate.thousandths)
  }
}
