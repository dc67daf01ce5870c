import Logging
import ProcessControl
import Settings
import Supervision
import Telemetry

/// `riskd worker NAME`: one worker, started by the supervisor and by nobody else.
enum WorkerCommand {
  static func run(_ name: WorkerName) -> Int32 {
    do {
      let control = try WorkerHost.inheritedControlEnd()
      let reactor = try Reactor()
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

/// A worker before it knows its settings: logging comes with them, then the role.
final class Worker: WorkerDelegate {
  private let name: WorkerName
  private let reactor: Reactor
  private let host: WorkerHost
  private let bootstrapsLogging: Bool
  private var role: (any WorkerDelegate)?

  /// `bootstrapsLogging` is false where several workers share a process, in tests.
  init(
    _ name: WorkerName, reactor: Reactor, host: WorkerHost, bootstrapsLogging: Bool = true
  ) {
    self.name = name
    self.reactor = reactor
    self.host = host
    self.bootstrapsLogging = bootstrapsLogging
  }

  func start(settings: String) {
    if bootstrapsLogging, let briefing = try? WorkerBriefing.decode(settings) {
      RiskdCommand.bootstrapLogging(name.rawValue, briefing.settings)
    }
    let logger = Logger(label: name.rawValue)
    let role: any WorkerDelegate =
      switch name {
      case .gateway: GatewayProcess(reactor: reactor, host: host, logger: logger)
      case .evaluator: EvaluatorProcess(reactor: reactor, host: host, logger: logger)
      case .enforcer: EnforcerProcess(reactor: reactor, host: host, logger: logger)
      }
    self.role = role
    role.start(settings: settings)
  }

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    role?.attach(link: link, epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
  }

  func stop(done: @escaping () -> Void) {
    guard let role else { return done() }
    role.stop(done: done)
  }

  func orphaned() { role?.orphaned() }

  func progress() -> RoleProgress { role?.progress() ?? RoleProgress() }
}
