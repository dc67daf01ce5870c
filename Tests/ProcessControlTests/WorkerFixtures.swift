import ProcessControl
import RiskModel
import Supervision

/// A role that writes down what it is told and does what its closures say.
final class RecordingRole: WorkerDelegate {
  var told: [String] = []
  var links: [(readEnd: Descriptor, writeEnd: Descriptor)] = []
  var counted = RoleProgress()
  var whenStarted: () -> Void = {}
  var whenStopped: (_ done: @escaping () -> Void) -> Void = { $0() }
  var whenOrphaned: () -> Void = {}

  func start(settings: String) {
    told.append("start \(settings)")
    whenStarted()
  }

  func attach(link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor) {
    told.append("attach \(link) \(epoch)")
    links.append((readEnd, writeEnd))
  }

  func stop(done: @escaping () -> Void) {
    told.append("stop")
    whenStopped(done)
  }

  func orphaned() {
    told.append("orphaned")
    whenOrphaned()
  }

  func progress() -> RoleProgress { counted }
}

/// A worker's host and its supervisor's end of the channel, on one loop.
final class WorkerStage {
  let reactor: Reactor
  let role = RecordingRole()
  let host: WorkerHost
  /// The bare socket of the supervisor's end while nothing else holds it.
  let supervisor: SupervisorEnd
  private let received = Received()

  private final class Received {
    var reports: [WorkerMessage] = []
    var whenReported: (WorkerMessage) -> Void = { _ in }
  }

  var reports: [WorkerMessage] { received.reports }

  init(
    orphanGrace: TimeSpan = .milliseconds(40), lastResort: WorkerHost.LastResort = .none
  ) throws {
    reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    host = try WorkerHost(
      reactor: reactor, control: ends.worker, orphanGrace: orphanGrace, lastResort: lastResort)
    supervisor = try SupervisorEnd(ends.supervisor, on: reactor) { [received] in
      guard case .message(let report, _) = $0 else { return }
      received.reports.append(report)
      received.whenReported(report)
    }
    // A host that never leaves must not hold up the tests for ever.
    reactor.schedule(after: .seconds(30)) { [weak self] in
      self?.role.told.append("late")
      self?.host.leave(.internalFailure)
    }
  }

  func whenReported(_ handler: @escaping (WorkerMessage) -> Void) {
    received.whenReported = handler
  }

  func run() throws(ProcessControlError) -> WorkerOutcome {
    let outcome = try host.run(role)
    // What the host sent last is still in the socket.
    reactor.runTurns(3)
    return outcome
  }
}
