import Glibc
package import Logging
import ProcessControl
package import Supervision

/// The supervisor process: `riskd --root DIR`.
package struct Supervisor {
  /// The exit code of a supervisor that cannot run.
  package static let internalFailure: Int32 = 70

  private let root: String
  private let executable: String
  private let settings: [WorkerName: String]
  private let supervision: SupervisionSettings
  private let controlGroup: UInt32?
  private let log: Logger
  private let judge: (CrashLoop) -> CrashLoopVerdict

  /// The root holds data/ and run/, which are made if they are missing. The program is run as
  /// `executable worker NAME` for each worker and is sent the settings of its role, JSON text with
  /// secrets. Members of `controlGroup` may use the control socket; without one it is the group of
  /// the directory. `judge` says what a crash loop means for the release that runs.
  package init(
    root: String, executable: String, settings: [WorkerName: String],
    supervision: SupervisionSettings = SupervisionSettings(), controlGroup: UInt32? = nil,
    log: Logger = Logger(label: "supervisor"),
    judge: @escaping (CrashLoop) -> CrashLoopVerdict = { _ in .safeMode }
  ) {
    self.root = root
    self.executable = executable
    self.settings = settings
    self.supervision = supervision
    self.controlGroup = controlGroup
    self.log = log
    self.judge = judge
  }

  /// Runs until it was asked to stop and every worker has stopped. Called on the first thread of
  /// the process, before there is a second: it takes over SIGTERM, SIGINT and SIGHUP.
  ///
  /// - Returns: the exit code of the process.
  package func run() -> Int32 {
    do {
      try makeDirectories()
      let lock = try InstanceLock.acquire(path: root + "/run/riskd.lock")
      defer { lock.release() }
      try SignalSource.ignore(SIGPIPE)
      return try run(on: try Reactor())
    } catch {
      log.critical("the supervisor cannot run: \(error)")
      return Self.internalFailure
    }
  }

  private func run(on reactor: Reactor) throws -> Int32 {
    let assembly = try SupervisorAssembly(
      root: root, executable: executable, settings: settings, supervision: supervision,
      controlGroup: controlGroup, notifier: SystemdNotifier(), log: log, judge: judge,
      on: reactor)
    let signals = try SignalSource([SIGTERM, SIGINT, SIGHUP], on: reactor) { arrival in
      let sender = arrival.sender.map { "\($0)" } ?? "kernel"
      log.notice("signal \(arrival.number)", metadata: ["sender": "\(sender)"])
      // A terminal that goes, or an administrator's habit, is no reason to stop protecting.
      if arrival.number != SIGHUP { assembly.loop.stop() }
    }
    defer { signals.close() }
    return assembly.run()
  }

  private func makeDirectories() throws(SupervisorError) {
    for directory in [root + "/data", root + "/run"] {
      guard mkdir(directory, 0o750) != 0, errno != EEXIST else { continue }
      let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
      throw .file(path: directory, problem: "mkdir: \(text)")
    }
  }
}
