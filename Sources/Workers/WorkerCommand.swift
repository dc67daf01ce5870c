import ControlPlane
import Logging
import PeerProtocol
import ProcessControl
import RiskModel
import Settings
import Supervision
import Telemetry

/// `riskd worker NAME`: one worker, started by the supervisor and by nobody else.
enum WorkerCommand {
  static func run(_ name: WorkerName, _ pace: ClockPace) -> Int32 {
    do {
      let control = try WorkerHost.inheritedControlEnd()
      let reactor = try Reactor(pace: pace)
      let host = try WorkerHost(reactor: reactor, control: control)
      let outcome = try host.run(Worker(name, reactor: reactor, host: host))
      return outcome.code
    } catch ProcessControlError.descriptorsUnexpected, ProcessControlError.controlEndMissing {
      RiskdCommand.write("riskd: the worker \(name.rawValue) is started by riskd itself\n")
      return WorkerOutcome.configurationUnusable.code
    } catch {
      RiskdCommand.write("riskd: \(name.rawValue): \(error)\n")
      return WorkerOutcome.internalFailure.code
    }
  }
}

/// A worker before it knows its settings: logging comes with them and confinement, then the role.
final class Worker: WorkerDelegate {
  private let name: WorkerName
  private let reactor: Reactor
  private let host: WorkerHost
  private let ownsProcess: Bool
  private var restrictions: Restrictions?
  private var networkFiles: NetworkFiles?
  private var isLeaving = false
  private var heldUntilTheEnd: [Descriptor] = []
  /// Of the monitor.
  private var traders: TraderAccess?
  /// Answers to the supervisor, one a second.
  private var answers = 0
  private var role: (any WorkerDelegate)?
  /// `nil` until the settings are known, and where several workers share a process.
  private var outlet: TelemetryOutlet?

  /// `ownsProcess` is false where several workers share a process, in tests: then it is left as it
  /// is, unconfined and with its own logging.
  init(
    _ name: WorkerName, reactor: Reactor, host: WorkerHost, ownsProcess: Bool = true
  ) {
    self.name = name
    self.reactor = reactor
    self.host = host
    self.ownsProcess = ownsProcess
  }

  /// First of all: landlock binds the threads that this one starts, also the one of the journal.
  func confine(settings: String) {
    guard let briefing = briefing(settings) else { return }
    // Afterwards /etc/group is out of reach.
    if name == .monitor { traders = TraderAccess.forOwnUser() }
    restrictions =
      Confinement(for: name, briefing, executable: RiskdCommand.ownExecutable()).apply()
    if name != .evaluator, restrictions?.landlockVersion != nil { networkFiles = NetworkFiles() }
  }

  /// One that cannot be read is the role's to complain about.
  private func briefing(_ settings: String) -> WorkerBriefing? {
    ownsProcess ? try? WorkerBriefing.decode(settings) : nil
  }

  func start(settings: String) {
    if let briefing = briefing(settings) {
      let outlet = TelemetryOutlet(
        startedAt: reactor.clock.now(), vitals: { ProcessVitals.figures() })
      RiskdCommand.bootstrapLogging(name.rawValue, briefing.settings, outlet, reactor.clock)
      self.outlet = outlet
    }
    let logger = Logger(label: name.rawValue)
    restrictions?.report(to: logger)
    let role: any WorkerDelegate =
      switch name {
      case .monitor:
        MonitorProcess(
          reactor: reactor, host: host, logger: logger, outlet: outlet,
          traders: traders ?? .forOwnUser())
      case .gateway: GatewayProcess(reactor: reactor, host: host, logger: logger)
      case .evaluator:
        EvaluatorProcess(
          reactor: reactor, host: host, logger: logger, outlet: outlet)
      case .enforcer: EnforcerProcess(reactor: reactor, host: host, logger: logger)
      }
    self.role = role
    role.start(settings: settings)
    if briefing(settings)?.settings.development.profiles == true {
      WorkProfile(reactor, logger).start()
    }
  }

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    // A leaving worker that gave a link back would be given another one, again and again, until it
    // counted as one that breaks its links.
    if isLeaving { return heldUntilTheEnd += [readEnd, writeEnd] }
    role?.attach(link: link, epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
  }

  func connectTelemetry(writeEnd: Descriptor) {
    guard let outlet else { return writeEnd.close() }
    outlet.connect(descriptor: writeEnd.release())
  }

  func readTelemetry(of source: TelemetrySource, readEnd: Descriptor) {
    guard let role else { return readEnd.close() }
    role.readTelemetry(of: source, readEnd: readEnd)
  }

  func serveScreens(listener: Descriptor) {
    guard let role else { return listener.close() }
    role.serveScreens(listener: listener)
  }

  func stop(done: @escaping () -> Void) {
    guard let role else { return done() }
    role.stop { [outlet] in
      outlet?.flush(milliseconds: Self.lastWordsMilliseconds)
      done()
    }
  }

  func orphaned() { role?.orphaned() }

  func ask(_ question: OperatorQuestion, answer: @escaping (OperatorAnswer) -> Void) {
    guard let role else { return answer(.refused("the worker is not ready")) }
    role.ask(question, answer: answer)
  }

  /// What was said last is waited for this long.
  private static let lastWordsMilliseconds = 100

  func progress() -> RoleProgress {
    var progress = role?.progress() ?? RoleProgress()
    if let restrictions { progress.figures.merge(restrictions.figures) { $1 } }
    answers += 1
    if answers % Self.answersPerLook == 0 { leaveIfNetworkFilesWereReplaced() }
    // The supervisor asks about once a second; what it is told the monitor is told too.
    outlet?.emit(
      .reading(
        ProcessReading(
          figures: progress.figures,
          latencies: (role as? any LatencyTelling)?.latencies ?? [:])))
    return progress
  }

  private static let answersPerLook = 5
  private static let leavingLimit = TimeSpan.seconds(2)

  private func leaveIfNetworkFilesWereReplaced() {
    guard let file = networkFiles?.replaced else { return }
    networkFiles = nil
    isLeaving = true
    Logger(label: name.rawValue).warning(
      "A file that resolving names needs was replaced; the worker starts anew to read it",
      metadata: ["file": "\(file)"])
    reactor.schedule(after: Self.leavingLimit) { [host] in host.leave(.outOfDate) }
    stop { [host] in host.leave(.outOfDate) }
  }
}

/// A role that measures how long things take.
protocol LatencyTelling: AnyObject {
  /// By name, since the start.
  var latencies: [String: LatencyCounts] { get }
}
