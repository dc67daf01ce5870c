import Glibc
package import Logging
package import ProcessControl
package import Supervision

/// The supervisor process: `riskd --root DIR`.
package struct Supervisor {
  /// The exit code of a supervisor that cannot run.
  package static let internalFailure: Int32 = 70
  /// What a terminal or a service manager asks by.
  package static let signals = [SIGTERM, SIGINT, SIGHUP]

  private let root: String
  private let executable: String
  private let configuration: SupervisedConfiguration
  private let supervision: SupervisionSettings
  private let log: Logger
  private let schema: Int
  private let pace: ClockPace
  private let onRecord: (HistoryEntry) -> Void
  private let onStatus: (String) -> Void
  private let onTelemetry: (Descriptor) -> Void

  /// The root holds data/ and run/, which are made if they are missing. The program is run as
  /// `executable worker NAME` for each worker and is sent the settings of its role. `schema` is the
  /// schema of the database that this release writes; `onRecord` is told every entry of the history
  /// and must not wait for anything, nor must `onStatus`, which is told what systemd shows;
  /// `onTelemetry` is given the end of each fresh pipe on which this
  /// process tells the monitor what it does. `pace` is the clock of this process and of every worker.
  package init(
    root: String, executable: String, configuration: SupervisedConfiguration,
    supervision: SupervisionSettings = SupervisionSettings(),
    log: Logger = Logger(label: "supervisor"),
    schema: Int = 0, pace: ClockPace = .machine,
    onRecord: @escaping (HistoryEntry) -> Void = { _ in },
    onStatus: @escaping (String) -> Void = { _ in },
    onTelemetry: @escaping (Descriptor) -> Void = { $0.close() }
  ) {
    self.root = root
    self.executable = executable
    self.configuration = configuration
    self.supervision = supervision
    self.log = log
    self.schema = schema
    self.pace = pace
    self.onRecord = onRecord
    self.onStatus = onStatus
    self.onTelemetry = onTelemetry
  }

  /// Runs until it was asked to stop and every worker has stopped. Called on the first thread of
  /// the process, before there is a second or with `signals` held: it takes them over.
  ///
  /// - Returns: the exit code of the process.
  package func run() -> Int32 {
    do {
      try makeDirectories()
      let lock = try InstanceLock.acquire(root: root)
      defer { lock.release() }
      try SignalSource.ignore(SIGPIPE)
      return try run(on: try Reactor(pace: pace))
    } catch {
      log.critical("the supervisor cannot run: \(error)")
      return Self.internalFailure
    }
  }

  private func run(on reactor: Reactor) throws -> Int32 {
    let assembly = try SupervisorAssembly(
      root: root, executable: executable, configuration: configuration, supervision: supervision,
      sockets: PassedSockets.take(), notifier: SystemdNotifier(), log: log, schema: schema,
      onRecord: onRecord, onStatus: onStatus, onTelemetry: onTelemetry, on: reactor)
    let signals = try SignalSource(Self.signals, on: reactor) { arrival in
      let sender = arrival.sender.map { "\($0)" } ?? "kernel"
      log.notice("signal \(arrival.number)", metadata: ["sender": "\(sender)"])
      switch arrival.number {
      // A terminal that goes is no reason to stop protecting.
      case SIGHUP: assembly.loop.reload(by: "SIGHUP of \(sender)")
      // The second Ctrl+C of somebody who does not want to wait.
      case SIGINT where assembly.loop.isStopping: assembly.loop.hurry()
      default:
        assembly.loop.stop(
          by: "\(arrival.number == SIGINT ? "SIGINT" : "SIGTERM") of \(sender)")
      }
    }
    defer { signals.close() }
    return assembly.run()
  }

  private func makeDirectories() throws(SupervisorError) {
    for (directory, mode) in [(root + "/data", 0o700 as mode_t), (root + "/run", 0o750)] {
      guard mkdir(directory, mode) != 0, errno != EEXIST else { continue }
      let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
      throw .file(path: directory, problem: "mkdir: \(text)")
    }
  }
}
